"""A stage runs once: stamps, reuse, damage, what a changed option costs. In this process, with the small recipe."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest
import slow_recipe
from real_processes import calls
from slow_recipe import FIRST, FirstOptions, SecondOptions, SlowOptions, Text, ThirdOptions
from small_job import Job

from grotto.contract import (
    Asset,
    Cancelled,
    Event,
    JobRequest,
    Kind,
    Note,
    Preview,
    ProblemError,
    Result,
    StageDone,
    StageProgress,
    StageStarted,
)
from grotto.contract.recipes import to_nested
from grotto.runner import Recipe, Run, Stage, resume_of


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Job:
    return Job(source, tmp_path / "out")


def test_stages_run_once(job: Job) -> None:
    first = job.do()
    assert calls(job.out) == ["first", "second", "third"]
    again = job.do()
    assert calls(job.out) == []
    assert job.reused() == ["first", "second", "third"]
    assert (again.assets, again.timings, again.notes, again.job["stamp"]) == (
        first.assets,
        first.timings,
        first.notes,
        first.job["stamp"],
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"third": ThirdOptions(times=2)}, ["third"]),
        ({"second": SecondOptions(needs_mb=1)}, ["second", "third"]),
        ({"first": FirstOptions(word="bye")}, ["first", "second", "third"]),
        ({"memory_limit_mb": 4000}, []),
    ],
)
def test_a_changed_option_reruns_only_what_depends_on_it(job: Job, changed: dict[str, object], expected: list[str]) -> None:
    job.do()
    job.do(**changed)
    assert calls(job.out) == expected


def test_going_back_to_the_old_option_runs_again_as_folders_hold_one_result(job: Job) -> None:
    job.do()
    job.do(third=ThirdOptions(times=2))
    job.do()
    assert calls(job.out) == ["third"]


def test_changed_input_reruns_touched_input_does_not(job: Job) -> None:
    job.do()
    os.utime(job.source / "a.jpg", (1, 1))
    job.do()
    assert calls(job.out) == []
    (job.source / "a.jpg").write_text("changed")
    job.do()
    assert calls(job.out) == ["first", "second", "third"]


@pytest.mark.parametrize("name", [".DS_Store", ".cache/thumbnail.jpg"])
def test_hidden_files_beside_the_photos_are_no_input(job: Job, name: str) -> None:
    job.do()
    (job.source / name).parent.mkdir(exist_ok=True)
    (job.source / name).write_text("not a photo")
    job.do()
    assert calls(job.out) == []


def test_moved_input_reruns_only_the_stage_that_may_name_its_place(job: Job) -> None:
    stamp = job.do().job["stamp"]
    job.source = job.source.rename(job.source.with_name("elsewhere"))
    assert job.do().job["stamp"] == stamp
    assert calls(job.out) == ["first"]


def _remove(file: Path) -> None:
    file.unlink()


def _truncate(file: Path) -> None:
    file.write_text(file.read_text()[:-1])


def _alter(file: Path) -> None:
    file.write_text(file.read_text().swapcase())


def _forget(file: Path) -> None:
    (file.parent / "stamp.json").unlink()
    file.unlink()
    (file.parent / "artefact.json").unlink()
    (file.parent / "picture.png").unlink()
    file.parent.rmdir()


def _misdescribe(file: Path) -> None:
    (file.parent / "artefact.json").write_text("{}")


def _break_stamp(file: Path) -> None:
    (file.parent / "stamp.json").write_text('{"stage": ')


@pytest.mark.parametrize("damage", [_remove, _truncate, _alter, _forget, _misdescribe, _break_stamp])
def test_damaged_folders_are_made_again_and_their_dependents_kept(job: Job, damage: object) -> None:
    whole = job.do()
    damage(job.out / "second" / "second.txt")
    assert job.do().assets == whole.assets
    assert calls(job.out) == ["second"]
    assert (job.out / "second" / "second.txt").read_text() == "HELLO A.JPG B.JPG"


def test_a_copied_job_folder_is_still_whole(job: Job, tmp_path: Path) -> None:
    job.do()
    for file in job.out.rglob("*.txt"):
        os.utime(file, (5, 5))
    job.out = job.out.rename(tmp_path / "moved")
    job.do()
    assert calls(job.out) == []


def test_a_stage_that_fails_did_not_happen(job: Job) -> None:
    job.do()
    with pytest.raises(RuntimeError):
        job.do(second=SecondOptions(act="raise"))
    assert not list(job.out.glob(".*.part"))
    job.do()  # the earlier folders still stand
    assert calls(job.out) == []


def test_cancelled_stage_leaves_nothing_and_finished_stages_stay(job: Job) -> None:
    emit = job.events.append

    def cancel_in_second(event: Event) -> None:
        emit(event)
        if isinstance(event, StageProgress) and event.stage == "second":
            job.token.set()

    options = SlowOptions(second=SecondOptions(second_seconds=20))
    request = JobRequest("slow", str(job.source), str(job.out), to_nested(options))
    run = Run(slow_recipe.RECIPE, request, options, cancel_in_second, job.token)
    with pytest.raises(Cancelled):
        slow_recipe.slow(job.source, options, run)
    assert calls(job.out) == ["first"]
    assert not (job.out / "second").exists()
    assert not list(job.out.glob(".*.part"))


def test_the_job_stamp_knows_work_not_places(job: Job, tmp_path: Path) -> None:
    stamp = job.do().job["stamp"]
    other = Job(job.source.rename(tmp_path / "renamed"), tmp_path / "other_out")
    assert other.do().job["stamp"] == stamp
    assert other.do(third=ThirdOptions(times=2)).job["stamp"] != stamp
    (other.source / "a.jpg").rename(other.source / "c.jpg")
    assert other.do().job["stamp"] != stamp


def test_events_tell_number_share_and_end(job: Job) -> None:
    job.do()
    started = job.of(StageStarted)
    assert [(e.stage, e.number, e.count, e.reused) for e in started] == [
        ("first", 1, 3, False),
        ("second", 2, 3, False),
        ("third", 3, 3, False),
    ]
    ends = {e.stage: e.overall for e in job.of(StageProgress) if e.fraction == 1.0}
    assert ends == {"first": 0.25, "second": 0.75, "third": 1.0}
    assert [e.stage for e in job.of(StageDone)] == ["first", "second", "third"]
    overall = [e.overall for e in job.of(StageProgress)]
    assert overall == sorted(overall)


def test_notes_and_previews_are_told_again_when_a_stage_is_kept(job: Job) -> None:
    first = job.do()
    notes = [e.message for e in job.of(Note)]
    previews = [e.path for e in job.of(Preview)]
    assert (notes, previews) == (["the word is hello"], ["previews/second.png"])
    assert (job.out / previews[0]).is_file()
    again = job.do()
    assert [e.message for e in job.of(Note)] == notes
    assert [e.path for e in job.of(Preview)] == previews
    assert first.notes == again.notes == tuple(notes)


def test_result_says_how_it_came_about(job: Job) -> None:
    result = job.do()
    assert set(result.timings) == {"first", "second", "third"}
    assert result.facts["peak_memory_mb"] > 10
    assert result.versions["grotto"] and result.versions["numpy"]
    assert result.job["request"]["input"] == str(job.source)
    assert len(result.job["stamp"]) == len(result.assets[0].sha256) == 64
    result.write(job.out)
    assert Result.read(job.out) == result


def test_the_users_folder_is_never_written_to(job: Job) -> None:
    before = {p: (p.read_text(), p.stat().st_mtime_ns) for p in job.source.rglob("*")}
    job.do()
    assert {p: (p.read_text(), p.stat().st_mtime_ns) for p in job.source.rglob("*")} == before


def test_a_folder_of_the_users_with_a_stages_name_is_not_touched(job: Job) -> None:
    (job.out / "second").mkdir()
    (job.out / "second" / "precious.jpg").write_text("mine")
    with pytest.raises(ProblemError) as caught:
        job.do()
    assert caught.value.problem.kind is Kind.BAD_INPUT
    assert (job.out / "second" / "precious.jpg").read_text() == "mine"


def test_faults_of_a_recipe_are_bugs_in_words(job: Job, tmp_path: Path) -> None:
    def strange_stage(source: Path, options: SlowOptions, run: Run) -> Result:
        run(Stage("fourth", "Fourth", slow_recipe.first, version=1), source, options.first)
        raise AssertionError

    def strange_artefact(source: Path, options: SlowOptions, run: Run) -> Result:
        run.plan(slow_recipe.SECOND)
        run(slow_recipe.SECOND, Text(folder=tmp_path, file="x", length=1), options.second)
        raise AssertionError

    def missing_asset(source: Path, options: SlowOptions, run: Run) -> Result:
        run.plan(FIRST)
        run(FIRST, source, options.first)
        return Result(recipe="slow", assets=(Asset(kind="mesh", path="first/no.glb"),), facts={})

    for strange in (strange_stage, strange_artefact, missing_asset):
        with pytest.raises(ProblemError) as caught:
            job.do(dataclasses.replace(slow_recipe.RECIPE, run=strange))
        assert caught.value.problem.kind is Kind.BUG


def test_hashes_of_inputs_are_remembered_by_size_and_time(job: Job) -> None:
    old = job.source / "a.jpg"
    os.utime(old, (1_000_000_000, 1_000_000_000))
    job.do()
    known = json.loads((job.out / ".input_hashes.json").read_text())
    assert list(known) == [str(old)]  # b.jpg is too young: it may change again within its clock's tick
    (job.out / ".input_hashes.json").write_text("broken")
    job.do()
    assert calls(job.out) == []


def test_plain_values_are_inputs_too(job: Job) -> None:
    def with_number(source: Path, options: SlowOptions, run: Run) -> Result:
        run.plan(NUMBERED)
        run(NUMBERED, source, numbers.pop())
        return Result(recipe="slow", assets=(), facts={})

    def numbered(source: Path, number: int, folder: Path, report: object) -> Text:
        (folder / "n.txt").write_text(str(number))
        made.append(number)
        return Text(folder=folder, file="n.txt", length=number)

    numbers, made = [2, 1, 1], []
    NUMBERED = Stage("numbered", "Numbered", numbered, version=1)
    recipe = Recipe("slow", SlowOptions, with_number)
    while numbers:
        job.do(recipe)
    assert made == [1, 2]


@dataclasses.dataclass(frozen=True)
class Both:
    text: Text
    number: int


def test_dataclasses_of_artefacts_are_inputs_too(job: Job) -> None:
    made: list[str] = []
    word, number = "hello", 1

    def joined(both: Both, folder: Path, report: object) -> Text:
        made.append(both.text.read())
        (folder / "j.txt").write_text(both.text.read())
        return Text(folder=folder, file="j.txt", length=both.number)

    JOINED = Stage("joined", "Joined", joined, version=1)

    def with_both(source: Path, options: SlowOptions, run: Run) -> Result:
        run.plan(FIRST, JOINED)
        run(JOINED, Both(run(FIRST, source, FirstOptions(word=word)), number))
        return Result(recipe="slow", assets=(), facts={})

    recipe = Recipe("slow", SlowOptions, with_both)
    job.do(recipe)
    job.do(recipe)
    word = "bye"
    job.do(recipe)
    number = 2
    job.do(recipe)
    assert [text.split()[0] for text in made] == ["hello", "bye", "bye"]


def test_a_stage_that_writes_into_anothers_folder_is_a_bug(job: Job) -> None:
    def meddling(text: Text, folder: Path, report: object) -> Text:
        with (text.folder / text.file).open("a") as file:
            file.write("!")
        (folder / "m.txt").write_text("")
        return Text(folder=folder, file="m.txt", length=0)

    MEDDLING = Stage("meddling", "Meddling", meddling, version=1)

    def meddle(source: Path, options: SlowOptions, run: Run) -> Result:
        run.plan(FIRST, MEDDLING)
        run(MEDDLING, run(FIRST, source, options.first))
        raise AssertionError

    with pytest.raises(ProblemError, match="Meddling changed files of the stage first"):
        job.do(Recipe("slow", SlowOptions, meddle))


def test_a_checkpoint_outlives_a_stop_and_goes_with_its_inputs_and_with_success(tmp_path: Path) -> None:
    first = resume_of(tmp_path, "fit", "a" * 64)
    (first / "state").write_text("step 100")
    assert (resume_of(tmp_path, "fit", "a" * 64) / "state").read_text() == "step 100"
    other = resume_of(tmp_path, "fit", "b" * 64)
    assert list(other.iterdir()) == []
    assert not first.exists()


def test_a_finished_stage_leaves_no_checkpoint(job: Job) -> None:
    job.do()
    assert list(job.out.glob(".*.resume")) == []
