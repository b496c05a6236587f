"""A job of two stages that only copy words, run in this process by the real runner."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from ...contract import Event, JobRequest, Progress, Result, StageStarted
from ...contract.recipes import RecipeOptions, to_nested
from ...formats import Artefact
from ...runner import Recipe, Run, Stage


@dataclass(frozen=True, kw_only=True)
class Words(Artefact):
    """A text file."""

    file: str


def read_words(source: Path, folder: Path, report: Progress) -> Words:
    """Join the files below a folder."""
    names = sorted(path for path in source.rglob("*") if path.is_file())
    (folder / "words.txt").write_text(" ".join(path.read_text(encoding="utf-8") for path in names), encoding="utf-8")
    report(1.0)
    return Words(folder=folder, file="words.txt")


def raise_words(words: Words, folder: Path, report: Progress) -> Words:
    """Write words in capitals."""
    text = (words.folder / words.file).read_text(encoding="utf-8").upper()
    (folder / "words.txt").write_text(text, encoding="utf-8")
    report(1.0)
    return Words(folder=folder, file="words.txt")


READ = Stage("read", "Reading words", read_words, version=1)
RAISE = Stage("raise", "Raising words", raise_words, version=1)


def _words(source: Path, _options: RecipeOptions, run: Run) -> Result:
    run.plan(READ, RAISE)
    run(RAISE, run(READ, source))
    return Result(recipe="words", assets=(), facts={})


RECIPE = Recipe("words", RecipeOptions, _words)


def do(source: Path, out: Path) -> list[str]:
    """Do the job in `out`; the stages that worked, finished ones left out."""
    out.mkdir(exist_ok=True)
    options = RecipeOptions()
    events: list[Event] = []
    run = Run(RECIPE, JobRequest("words", str(source), str(out), to_nested(options)), options, events.append, threading.Event())
    run.complete(RECIPE.run(source, options, run))
    return [event.stage for event in events if isinstance(event, StageStarted) and not event.reused]


def make_words(folder: Path) -> Path:
    """An input of two files."""
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "a.txt").write_text("one", encoding="utf-8")
    (source / "b.txt").write_text("two", encoding="utf-8")
    return source
