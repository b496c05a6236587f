"""Trials of places: jobs in, above and beside the folders of others, inputs that never end, names that no disk takes."""

from __future__ import annotations

import os
from pathlib import Path

from .trial import Trial
from .victim import Victim, small_picture


def nested_folders(folder: Path, _number: int) -> list[str]:
    """Second jobs whose folders meet those of a job at work, and two that do not."""
    source = small_picture(folder / "input" / "disc.png")
    out, beside = folder / "jobs" / "outer", folder / "jobs" / "beside"
    with Victim(folder) as victim:
        victim.submit(source, out)
        victim.hold_worker()
        made = small_picture(out / "made" / "disc.png")
        cases = [
            (source, out, 409),
            (source, out / "cut", 409),
            (source, out / "new" / "deep", 409),
            (source, folder / "jobs", 409),
            (made, beside, 409),
            (source, folder / "jobs" / "outer2", 201),
            (source, beside, 201),
        ]
        seen = []
        for picture, place, expected in cases:
            status, said = victim.ask("POST", "jobs/element", {"input": str(picture), "out": str(place)})
            seen.append("" if status == expected else f"{picture.name} into {place.name}: {status} {said.get('cause', '')}")
    return seen


def strange_inputs(folder: Path, _number: int) -> list[str]:
    """Inputs that are no files, and paths that are too long: refused in words, and soon."""
    (folder / "odd").mkdir()
    os.mkfifo(folder / "odd" / "pipe.jpg")
    (folder / "odd" / "zero.jpg").symlink_to("/dev/zero")
    (folder / "odd" / "circle.jpg").symlink_to(folder / "odd" / "circle.jpg")
    paths = [str(folder / "odd" / name) for name in ("pipe.jpg", "zero.jpg", "circle.jpg", "x" * 300, "x/" * 2000, "y/" * 50_000)]
    seen = []
    with Victim(folder) as victim:
        for path in paths:
            status, said = victim.ask("POST", "jobs/element", {"input": path}, seconds=10)
            seen.append(
                "" if status == 422 and said.get("kind") == "bad_input" else f"{path[-20:]}: {status} {said.get('cause')}"
            )
    return seen


PLACE_TRIALS = (
    Trial(
        name="places.nested",
        what="jobs in, above or fed from the folder of a job at work",
        expected="refused in words",
        times=7,
        attempt=nested_folders,
    ),
    Trial(
        name="places.strange",
        what="pipes, devices, circles of links and endless paths as input",
        expected="refused in words within 10 s",
        times=6,
        attempt=strange_inputs,
    ),
)
