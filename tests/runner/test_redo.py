"""Finished stages and other code: kept with a note that names both versions, done again when that is asked for."""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import slow_recipe
from real_processes import calls
from slow_recipe import SecondOptions, ThirdOptions
from small_job import Job

from grotto.contract import Note, Result, option, option_group
from grotto.runner import describe, is_same
from grotto.runner.stamps import stamp_of


@pytest.fixture
def job(tmp_path: Path, source: Path) -> Job:
    return Job(source, tmp_path / "out")


def _rewrite(job: Job, stage: str, **fields: Any) -> None:
    """A stage's record as another version wrote it; None removes a field."""
    file = job.out / stage / "stamp.json"
    record = {**json.loads(file.read_text()), **fields}
    file.write_text(json.dumps({name: value for name, value in record.items() if value is not None}))


def _made_by_others(job: Job, *stages: str) -> None:
    for stage in stages:
        stamp = json.loads((job.out / stage / "stamp.json").read_text())["stamp"]
        for file in job.out.glob("*/stamp.json"):  # its own, and those that name it among their inputs
            file.write_text(file.read_text().replace(stamp, stamp[::-1]))
        _rewrite(job, stage, code="f" * 64, made_by="0.0.9")


def _notes(job: Job) -> list[str]:
    return [event.message for event in job.of(Note) if event.message.startswith("Finished stages")]


def test_stages_that_other_code_made_are_kept_and_named_with_both_versions(job: Job) -> None:
    job.do()
    _made_by_others(job, "first", "second")
    result = job.do()
    assert calls(job.out) == []
    (note,) = _notes(job)
    now = result.job["stages"]["first"]["now"]
    assert note == (
        "Finished stages of another version are kept: Finding words, Raising voices "
        f"(made by Grotto 0.0.9, now {now}). --redo makes them anew"
    )
    assert note in result.notes
    assert result.versions["grotto"] == now.split("+")[0]
    assert result.job["stages"] == {
        "first": {"made_by": "0.0.9", "now": now},
        "second": {"made_by": "0.0.9", "now": now},
        "third": {"made_by": now, "now": now},
    }
    result.write(job.out)
    assert Result.read(job.out) == result


def test_the_note_comes_before_the_first_stage_that_works(job: Job) -> None:
    job.do()
    _made_by_others(job, "first", "second")
    job.do(third=ThirdOptions(times=2))
    assert calls(job.out) == ["third"]
    words = [getattr(event, "message", "") or f"{type(event).__name__} {getattr(event, 'stage', '')}" for event in job.events]
    (note,) = _notes(job)
    assert words.index("StageDone second") < words.index(note) < words.index("StageStarted third")


def test_redo_does_them_again_and_all_that_follows_from_them(job: Job) -> None:
    job.do()
    _made_by_others(job, "second")
    result = job.do(redo=True)
    assert calls(job.out) == ["second", "third"]
    assert _notes(job) == []
    assert {stage["made_by"] for stage in result.job["stages"].values()} == {result.job["stages"]["first"]["now"]}
    job.do(redo=True)
    assert calls(job.out) == []


def test_after_a_redo_that_stopped_nothing_of_the_old_work_is_taken_for_the_new(job: Job) -> None:
    job.do()
    _made_by_others(job, "first", "second", "third")
    with pytest.raises(RuntimeError):
        job.do(redo=True, second=SecondOptions(act="raise"))
    job.do()
    assert calls(job.out) == ["second", "third"]


def test_a_raised_version_is_named_with_emphasis_and_its_stage_kept(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.do()
    monkeypatch.setattr(slow_recipe, "SECOND", dataclasses.replace(slow_recipe.SECOND, version=2))
    job.do()
    assert calls(job.out) == []
    (note,) = _notes(job)
    assert note.endswith("IMPORTANT: these give another result since their version was raised: Raising voices (1, now 2)")
    job.do(redo=True)
    assert calls(job.out) == ["second", "third"]


def test_records_of_earlier_releases_are_read_and_their_stages_kept(job: Job) -> None:
    job.do()
    source = json.loads((job.out / "first" / "stamp.json").read_text())["inputs"][0]
    stamps: dict[str, str] = {}
    for stage, group in (("first", slow_recipe.FirstOptions()), ("second", SecondOptions()), ("third", ThirdOptions())):
        inputs = {"first": [source], "second": [stamps.get("first")], "third": [stamps.get("first"), stamps.get("second")]}[stage]
        stamps[stage] = stamp_of({"stage": stage, "version": 1, "options": group, "inputs": inputs})
        _rewrite(job, stage, stamp=stamps[stage], inputs=None, code=None, made_by=None)
    result = job.do()
    assert calls(job.out) == []
    (note,) = _notes(job)
    assert "Finding words, Raising voices, Joining words (made by an earlier Grotto, now" in note
    assert result.job["stages"]["first"]["made_by"] == ""
    job.do(second=SecondOptions(needs_mb=1))
    assert calls(job.out) == ["second", "third"]


@option_group
class _Before:
    """Options of a version."""

    size: int = option(3, "Size", "How large", least=1, most=9)


@option_group
class _Since:
    """Options of the next version."""

    size: int = option(3, "Size", "How large", least=1, most=9)
    colour: str = option("red", "Colour", "Which colour")


def test_an_option_that_came_since_asks_for_the_same_work_while_it_has_its_default() -> None:
    def plain(value: Any) -> Any:
        return value

    recorded = describe(_Before(), plain)
    assert is_same(recorded, _Since(), plain)
    assert not is_same(recorded, _Since(colour="blue"), plain)
    assert not is_same(recorded, _Since(size=4), plain)
    assert not is_same(describe(_Since(), plain), _Before(), plain)


STAGES = """
from dataclasses import dataclass
from pathlib import Path

from grotto.contract import Result
from grotto.formats import Artefact
from grotto.runner import Recipe, Stage

from .words import word
from slow_recipe import SlowOptions


@dataclass(frozen=True, kw_only=True)
class Word(Artefact):
    word: str


def write(source, folder, report) -> Word:
    return Word(folder=folder, word=word())


WRITE = Stage("write", "Writing", write, version=1)


def run_it(source, options, run):
    run.plan(WRITE)
    return Result(recipe="slow", assets=(), facts={"word": run(WRITE, source).word})


RECIPE = Recipe("slow", SlowOptions, run_it)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package whose stage takes its word from a sub-folder, through a door."""
    folder = tmp_path / "plugin_of_tests"
    (folder / "words").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "stages.py").write_text(STAGES)
    (folder / "words" / "__init__.py").write_text("from .word import word\n")
    (folder / "words" / "word.py").write_text("def word():\n    return 'old'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    _forget(folder)


def _forget(folder: Path) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _loaded(folder: Path) -> ModuleType:
    _forget(folder)
    return importlib.import_module(f"{folder.name}.stages")


def test_a_changed_file_that_a_stage_reaches_changes_nothing_until_redo(job: Job, plugin: Path) -> None:
    job.do(_loaded(plugin).RECIPE)
    (plugin / "words" / "word.py").write_text("def word():\n    return 'changed'\n")
    kept = job.do(_loaded(plugin).RECIPE)
    assert kept.facts["word"] == "old"
    assert len(_notes(job)) == 1
    redone = job.do(_loaded(plugin).RECIPE, redo=True)
    assert redone.facts["word"] == "changed"
    assert _notes(job) == []
