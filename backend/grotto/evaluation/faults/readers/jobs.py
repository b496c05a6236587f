"""What lies in a job's folder: requests, events, results, and the descriptions of what stages made."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass
from pathlib import Path

from ....contract import (
    RESULT_FILE,
    Asset,
    JobRequest,
    JobState,
    Kind,
    Note,
    Problem,
    Result,
    StageProgress,
    StateChanged,
    event_from_json,
    event_to_json,
)
from ....formats import Artefact, read_artefact, write_artefact
from .cameras import JSON_CHANGES, json_bombs
from .mutations import change_bytes, change_json, change_text
from .reader import Reader, one_file


def _events(path: Path) -> None:
    problem = Problem(Kind.BAD_INPUT, "no photo", "choose others")
    events = (
        StateChanged(time=1.5, state=JobState.FAILED, problem=problem),
        StageProgress(time=2.0, stage="s", fraction=0.5, overall=0.1, seconds_left=None, message="größer"),
        Note(time=3.0, stage="s", message='"quoted"'),
    )
    path.write_text("".join(event_to_json(event) + "\n" for event in events), encoding="utf-8")


def _read_events(path: Path) -> None:
    """Lines that are no events are passed over, as everywhere."""
    with path.open("rb") as file:
        while line := file.readline(2**20):
            with contextlib.suppress(ValueError):
                event_to_json(event_from_json(line))


def _change_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    number = chance.randrange(len(lines))
    lines[number] = change_json(lines[number], chance)
    return b"\n".join(lines)


def _result(path: Path) -> None:
    Result(
        recipe="element",
        assets=(Asset(kind="mesh", path="finish/element.glb", sha256="ab", units="m"), Asset(kind="mask", path="cut/mask.png")),
        facts={"faces": 12, "picture_px": [10, 20]},
        models=({"name": "none", "licence": "MIT", "sha256": "00"},),
        timings={"cut": 1.5},
        versions={"numpy": "2"},
        engines={"mask": "alpha"},
        notes=("a note",),
        job={"id": "x", "request": {"input": "/a.png"}, "stages": {"cut": {"made_by": "1", "now": "1"}}},
    ).write(path.parent)


@dataclass(frozen=True, kw_only=True)
class _Camera:
    """A part of an artefact."""

    name: str
    centre: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class _Made(Artefact):
    """What a stage may leave."""

    file: str
    cameras: tuple[_Camera, ...]
    step: float
    width: int
    metric: bool


def _artefact(path: Path) -> None:
    cameras = tuple(_Camera(name=name, centre=(0.5, 2.0)) for name in "ab")
    write_artefact(_Made(folder=path.parent, file="height.tif", cameras=cameras, step=0.01, width=7, metric=True))


JOBS = (
    Reader(
        name="events",
        make=one_file("events.jsonl", _events),
        read=_read_events,
        changes=(_change_line, _change_line, change_text, change_bytes),
        bombs=json_bombs,
    ),
    Reader(
        name="result",
        make=one_file(RESULT_FILE, _result),
        read=lambda path: Result.read(path.parent),
        changes=JSON_CHANGES,
        bombs=json_bombs,
    ),
    Reader(
        name="request",
        make=one_file("request.json", lambda path: JobRequest("element", "/a.png", "/out", {"cut": {"x": 1}}).write(path.parent)),
        read=lambda path: JobRequest.read(path.parent),
        changes=JSON_CHANGES,
        bombs=json_bombs,
    ),
    Reader(
        name="artefact",
        make=one_file("artefact.json", _artefact),
        read=lambda path: read_artefact(_Made, path.parent),
        changes=JSON_CHANGES,
        bombs=json_bombs,
    ),
)
