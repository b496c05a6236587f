"""Ctrl-C within a long fit, in the shell: the same command continues from the checkpoint, not from the fit's beginning."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from real_processes import read_events
from scan_sets import ring, write_set

from grotto.contract import StageStarted, to_flat
from grotto.recipes.scan import RECIPE

TINY = {
    "view_px": 64, "field": "zerorf", "field_steps": 25, "field_resolution": 32, "splat_steps": 25, "splats_most": 400,
    "mesh_resolution": 32, "faces": 400, "refine_steps": 0, "bake_px": 128, "lods": 0,
}  # fmt: skip
BEFORE = {
    "field": ["photos", "features", "pairs", "matches", "triangulate", "views"],
    "splats": ["photos", "features", "pairs", "matches", "triangulate", "views"],
    "refine": ["photos", "features", "pairs", "matches", "triangulate", "views", "field", "surface"],
}
GOING_ON = re.compile(r"continuing from step (\d+) of \d+")
CHECKPOINT_S = 90  # one is due after 20 s of the fit; a busy machine is slow


def start(source: Path, out: Path, log: Path, options: dict[str, object]) -> subprocess.Popen[bytes]:
    flags = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [
        sys.executable,
        "-u",
        "-m",
        "grotto.cli",
        "run",
        "scan",
        str(source),
        "--out",
        str(out),
        "--quality",
        "draft",
        *flags,
    ]
    with log.open("wb") as file:
        return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)


def wait(process: subprocess.Popen[bytes], log: Path, there: object) -> None:
    until = time.monotonic() + CHECKPOINT_S
    while not there():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


def interrupt(process: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert time.monotonic() - begun < 10.0  # two seconds where the machine is idle


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "via", "long"),
    [("field", "field", "field_steps"), ("splats", "splats", "splat_steps"), ("refine", "field", "refine_steps")],
)
def test_ctrl_c_in_a_long_fit(stage: str, via: str, long: str, tmp_path: Path) -> None:
    assert {*TINY, "via"} <= set(to_flat(RECIPE.options()))
    source, out, log = write_set(tmp_path / "set", ring()), tmp_path / "job", tmp_path / "log.txt"
    events, options = out / "events.jsonl", {**TINY, "via": via, long: 100_000}
    first, again = start(source, out, log, options), None
    try:
        wait(first, log, lambda: list(out.glob(f".{stage}.resume/*/*.pt")))
        interrupt(first)
        assert not list(out.glob(f".{stage}.part"))
        again = start(source, out, log, options)
        wait(again, log, lambda: GOING_ON.search(events.read_text()))
        time.sleep(3)  # it is at work, and does not end at once
        interrupt(again)
    finally:
        for process in (first, again):
            if process is not None and process.poll() is None:
                interrupt(process)
    assert int(GOING_ON.search(events.read_text()).group(1)) > 20
    assert "diverged" not in events.read_text()
    told, titles = log.read_text(), {event.stage: event.title for event in read_events(out) if isinstance(event, StageStarted)}
    for name in BEFORE[stage]:
        assert f"{titles[name]}: kept from before" in told, told
    assert f"{titles[stage]}: kept" not in told
