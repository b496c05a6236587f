"""Plans: what a job runs, in order; and the types of what its stages are given."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mypy.api
import pytest
import slow_recipe
from slow_recipe import FIRST, SECOND, THIRD, SlowOptions, Text
from small_job import Job

from grotto.contract import Kind, ProblemError, Progress, Result, StageProgress, StageStarted
from grotto.runner import Run, Stage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Job:
    return Job(source, tmp_path / "out")


def _recipe(run_it: Callable[[Path, SlowOptions, Run], object]) -> object:
    def run(source: Path, options: SlowOptions, run: Run) -> Result:
        run_it(source, options, run)
        return Result(recipe="slow", assets=(), facts={})

    return dataclasses.replace(slow_recipe.RECIPE, run=run)


def test_numbers_and_shares_are_those_of_the_plan(job: Job) -> None:
    def two(source: Path, options: SlowOptions, run: Run) -> None:
        run.plan(FIRST, SECOND)
        run(SECOND, run(FIRST, source, options.first), options.second)

    job.do(_recipe(two))
    assert [(event.stage, event.number, event.count) for event in job.of(StageStarted)] == [("first", 1, 2), ("second", 2, 2)]
    ends = {event.stage: event.overall for event in job.of(StageProgress) if event.fraction == 1.0}
    assert ends == {"first": 0.3333, "second": 1.0}


def test_a_skipped_stage_leaves_the_plan(job: Job) -> None:
    def second_alone(source: Path, options: SlowOptions, run: Run) -> None:
        run.plan(FIRST, THIRD, SECOND)
        first = run(FIRST, source, options.first)
        run.skip(THIRD)
        run(SECOND, first, options.second)

    job.do(_recipe(second_alone))
    assert [(event.stage, event.number, event.count) for event in job.of(StageStarted)] == [("first", 1, 3), ("second", 2, 2)]
    assert [event.overall for event in job.of(StageProgress) if event.fraction == 1.0][-1] == 1.0


def _skipped_too_late(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(FIRST)
    run(FIRST, source, options.first)
    run.skip(FIRST)


def _not_planned(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(FIRST)
    run(SECOND, run(FIRST, source, options.first), options.second)


def _without_a_plan(source: Path, options: SlowOptions, run: Run) -> None:
    run(FIRST, source, options.first)


def _out_of_order(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(SECOND, FIRST)
    run(FIRST, source, options.first)


def _not_all(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(FIRST, SECOND)
    run(FIRST, source, options.first)


def _twice(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(FIRST, FIRST)


def _two_plans(source: Path, options: SlowOptions, run: Run) -> None:
    run.plan(FIRST)
    run.plan(SECOND)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (_not_planned, "plan of slow has nothing where second was called"),
        (_without_a_plan, "plan of slow has nothing where first was called"),
        (_out_of_order, "plan of slow has second where first was called"),
        (_skipped_too_late, "skips a stage that has run or was never planned"),
        (_not_all, "recipe slow ended without second of its plan"),
        (_twice, "two plans, or one stage twice"),
        (_two_plans, "two plans, or one stage twice"),
    ],
)
def test_a_recipe_that_leaves_its_plan_is_a_bug(job: Job, wrong: Callable[..., None], words: str) -> None:
    with pytest.raises(ProblemError, match=words) as caught:
        job.do(_recipe(wrong))
    assert caught.value.problem.kind is Kind.BUG


def _many(
    source: Path, word: str | None, size: float, told: Mapping[str, Any], pair: tuple[int, int], folder: Path, report: Progress
) -> Text:
    (folder / "m.txt").write_text("")
    return Text(folder=folder, file="m.txt", length=0)


MANY = Stage("many", "Many", _many, version=1)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ((None, 1.5, {}, (1, 2)), ""),
        (("word", 3, {"a": 1}, (1, 2)), ""),
        ((5, 1.5, {}, (1, 2)), "given a int as its word"),
        ((None, "large", {}, (1, 2)), "given a str as its size"),
        ((None, 1.5, [], (1, 2)), "given a list as its told"),
        ((None, 1.5, {}, [1, 2]), "given a list as its pair"),
        ((None, 1.5, {}), r"takes 5 inputs \(source, word, size, told, pair\) and was given 4"),
    ],
)
def test_inputs_are_checked_when_a_stage_is_called(job: Job, inputs: tuple[Any, ...], words: str) -> None:
    def many(source: Path, options: SlowOptions, run: Run) -> None:
        run.plan(MANY)
        run(MANY, source, *inputs)

    if not words:
        job.do(_recipe(many))
        return
    with pytest.raises(ProblemError, match=words) as caught:
        job.do(_recipe(many))
    assert caught.value.problem.kind is Kind.BUG


def test_options_and_artefacts_in_the_wrong_order_are_a_bug(job: Job) -> None:
    def wrong(source: Path, options: SlowOptions, run: Run) -> None:
        run.plan(FIRST, SECOND)
        run(SECOND, options.second, run(FIRST, source, options.first))

    with pytest.raises(ProblemError, match="stage second was given a SecondOptions as its text"):
        job.do(_recipe(wrong))


CALLS = """
from pathlib import Path

from grotto.contract import Progress
from grotto.formats import Artefact
from grotto.runner import Run, Stage


class Photos(Artefact): ...


class Placed(Photos): ...


class Pairs(Artefact): ...


def read(source: Path, limit: float, folder: Path, report: Progress) -> Photos:
    return Photos(folder=folder)


def forecast_read(source: Path, limit: float) -> int:
    return 1


def choose(photos: Photos, given: Pairs | None, folder: Path, report: Progress) -> Pairs:
    return Pairs(folder=folder)


READ = Stage("read", "Reading", read, version=1, forecast=forecast_read)
CHOOSE = Stage("choose", "Choosing", choose, version=2, share=3)


def recipe(source: Path, placed: Placed, run: Run) -> None:
    run.plan(READ, CHOOSE)
    photos: Photos = run(READ, source, 1)
    pairs: Pairs = run(CHOOSE, photos, None)
    again: Pairs = run(CHOOSE, placed, pairs)
    {call}
"""
WRONG = [
    "run(READ, 1.5, source)",
    "run(READ, source)",
    "run(READ, source, 1.5, 2)",
    'run(READ, source, "1.5")',
    "run(CHOOSE, pairs, None)",
    "run(CHOOSE, None, pairs)",
    "other: Pairs = run(READ, source, 1.5)",
    'run(Stage("choose", "Choosing", choose, version=1, forecast=forecast_read), photos, None)',
    'Stage("choose", "Choosing", choose, 1)',
    'Stage("read", "Reading", forecast_read, version=1)',
]


def test_mypy_checks_order_and_types_of_calls(tmp_path: Path) -> None:
    """One run for all of them, with the cache of `make check`."""
    files = {}
    for number, call in enumerate(["pass", *WRONG]):
        file = tmp_path / f"call_{number}.py"
        file.write_text(CALLS.format(call=call))
        files[file] = call
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / "backend" / ".mypy_cache")]
    said, trouble, _ = mypy.api.run([*options, *map(str, files)])
    assert trouble == ""
    last = CALLS[: CALLS.index("{call}")].count("\n") + 1
    for file, call in files.items():
        found = [line for line in said.splitlines() if file.name in line and ": error: " in line]
        assert bool(found) == (call != "pass"), (call, said)
        assert all(f"{file.name}:{last}: error" in line for line in found), found
