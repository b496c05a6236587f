"""Trials of finished stages: files that decay, records of another shape, inputs behind links."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ...contract import ProblemError
from .small_job import do, make_words
from .trial import Trial

_SHAPES: tuple[dict[str, object], ...] = (
    {"files": None},
    {"files": {"words.txt": [3]}},
    {"files": {"words.txt": ["3", "x", 5]}},
    {"files": ["words.txt"]},
    {"notes": 5},
    {"notes": [5]},
    {"seconds": "long"},
    {"places": None},
    {"inputs": {}},
    {"stamp": 7},
    {"preview": None},
    {"unknown": 1},
)


def decayed_file(folder: Path, number: int) -> list[str]:
    """One bit of a finished stage's file flips; size and time stay."""
    source, out = make_words(folder), folder / "out"
    do(source, out)
    file = out / "read" / "words.txt"
    state, data = file.stat(), bytearray(file.read_bytes())
    data[number % len(data)] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    worked = do(source, out)
    text = (out / "raise" / "words.txt").read_text(encoding="utf-8")
    return ["" if worked == ["read"] and text == "ONE TWO" else f"{worked} worked, and the result is {text!r}"]


def strange_record(folder: Path, number: int) -> list[str]:
    """stamp.json is JSON of another shape."""
    source, out = make_words(folder), folder / "out"
    do(source, out)
    file = out / "read" / "stamp.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **_SHAPES[number % len(_SHAPES)]}), encoding="utf-8")
    try:
        worked = do(source, out)
    except (TypeError, ValueError, KeyError, AttributeError, ProblemError) as error:
        return [f"{type(error).__name__}: {error}"]
    return ["" if worked == ["read"] else f"{worked} worked"]


def changed_behind_a_link(folder: Path, _number: int) -> list[str]:
    """The input holds a link to a folder, in which a file is added after the job."""
    source, out = make_words(folder), folder / "out"
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "c.txt").write_text("three", encoding="utf-8")
    (source / "link").symlink_to(folder / "elsewhere", target_is_directory=True)
    do(source, out)
    (folder / "elsewhere" / "d.txt").write_text("four", encoding="utf-8")
    worked = do(source, out)
    return ["" if "read" in worked else "the finished stage was kept"]


STAMP_TRIALS = (
    Trial(
        name="stamps.decay",
        what="a bit of a finished stage flips, size and time stay",
        expected="the stage is done again",
        times=7,
        attempt=decayed_file,
    ),
    Trial(
        name="stamps.shape",
        what="stamp.json of another shape",
        expected="the stage is done again",
        times=len(_SHAPES),
        attempt=strange_record,
    ),
    Trial(
        name="stamps.link",
        what="a file more behind a linked folder",
        expected="the stage that reads it is done again",
        times=1,
        attempt=changed_behind_a_link,
    ),
)
