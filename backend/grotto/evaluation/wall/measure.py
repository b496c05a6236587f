"""The wall benchmark: a made wall through the whole job, scored next to pycolmap's defaults on the same matches."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

from ...contract import EXIT_DONE, ProblemError, Progress, Result, bug, to_flat
from ...contract.options import MakeWallOptions
from ...contract.recipes import WALL_QUALITIES, WallOptions
from ...synthetic import make_wall, read_truth
from ..scores import score_model
from .baseline import default_database, map_with_defaults
from .report import bars, markdown
from .score import score_wall

QUALITY = "standard"
MOST_BASELINE_SECONDS = 3600


def bench_wall(out: Path, make: MakeWallOptions, options: WallOptions, report: Progress) -> str:
    """Make the wall in out/set, do the job in out/job, map with pycolmap's defaults in out/defaults; the report in markdown.

    A finished set or job of the same options is used again. Raises the job's problem where it fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    photos, job = out / "set" / "photos", out / "job"
    report(0.0, "Making the wall")
    if not _made_already(out / "set", make):
        make_wall(out / "set", make, _Quiet(report))
    report(0.1, "Doing the job")
    _run_job(photos, job, options)
    report(0.5, "Scoring the job")
    score = score_wall(job, out / "set")
    report(0.6, "Mapping with pycolmap's defaults")
    default_database(job, out / "defaults.db")
    began = time.monotonic()
    models = map_with_defaults(out / "defaults.db", photos, out / "defaults", MOST_BASELINE_SECONDS)
    defaults_seconds = time.monotonic() - began
    defaults = score_model(models[0], read_truth(out / "set")) if models and models[0].num_reg_images() >= 3 else None
    stages = Result.read(job).timings
    timings = {"job_s": sum(stages.values()), "defaults_mapping_s": defaults_seconds}
    facts = {
        "made": to_flat(make),
        "bars": [{**dataclasses.asdict(bar), "held": bar.held} for bar in bars(score)],
        "score": dataclasses.asdict(score),
        "defaults": dataclasses.asdict(defaults) if defaults else None,
        "defaults_models": len(models),
        "timings": timings,
        "stages_s": stages,
    }
    (out / "wall_bench.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    text = markdown(score, defaults, len(models), timings)
    (out / "wall_bench.md").write_text(text, encoding="utf-8")
    report(1.0, "done")
    return text


def _made_already(folder: Path, make: MakeWallOptions) -> bool:
    try:
        return read_truth(folder).options == make
    except ProblemError:
        return False


def _run_job(photos: Path, job: Path, options: WallOptions) -> None:
    """Run the job as a user does, through the command line in a process of its own."""
    standard = to_flat(WALL_QUALITIES[QUALITY])
    command = [sys.executable, "-m", "grotto.cli", "run", "wall", str(photos), "--out", str(job), "--quality", QUALITY]
    for name, value in to_flat(options).items():
        if value == standard[name]:
            continue
        flag = name.replace("_", "-")
        command += [f"--{flag}" if value else f"--no-{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != EXIT_DONE:
        raise bug(f"the wall job failed: {done.stderr.strip() or done.returncode}", f"see {job}/worker.log")


class _Quiet:
    """Progress that passes on cancellation and notes, and shows nothing."""

    resume_folder: Path | None = None

    def __init__(self, report: Progress) -> None:
        self._report = report

    def __call__(self, fraction: float, message: str = "") -> None:
        self._report.check()

    def note(self, message: str) -> None:
        self._report.note(message)

    def preview(self, picture: Path) -> None:
        pass

    def check(self) -> None:
        self._report.check()

    @property
    def cancelled(self) -> bool:
        return self._report.cancelled

    @property
    def free_memory(self) -> int:
        return self._report.free_memory
