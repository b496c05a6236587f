"""Made walls photographed from a rail, and what the job and its rivals make of each."""

from __future__ import annotations

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....contract import ProblemError, Result, Silent, bug, from_flat, to_flat
from ....contract.options import MakeWallOptions
from ....synthetic import WallTruth, make_wall, read_truth
from ..crops import DefaultsOutcome, keep_outcome, kept_outcome, run_defaults
from ..score import score_wall
from .former import JobRun, former_backend, run_job

QUALITY = "standard"
STYLES = ("narrative", "faded", "thousand")


@dataclass(frozen=True, kw_only=True)
class RailOutcome:
    """What a job found on a rail. Millimetres are the true wall's, after a similarity fitted to the camera centres."""

    name: str
    total: int
    placed: int
    centres_mm: float  # RMS
    focal_px: float
    focal_interval_px: tuple[float, float]
    true_focal_px: float
    height_mm: float  # median of the height map's error
    shift_mm: float  # median of the orthophoto's
    cpu_s: float  # of the whole job
    stages_s: dict[str, float]  # wall seconds

    @property
    def focal_error(self) -> float:
        """As a part of the true focal length."""
        return abs(self.focal_px / self.true_focal_px - 1)

    @property
    def half_width(self) -> float:
        """Of the focal length's interval, as a part of the true focal length."""
        return (self.focal_interval_px[1] - self.focal_interval_px[0]) / 2 / self.true_focal_px

    @property
    def holds_truth(self) -> bool:
        """Whether the focal length's interval does."""
        return self.focal_interval_px[0] <= self.true_focal_px <= self.focal_interval_px[1]


@dataclass(frozen=True, kw_only=True)
class FormerOutcome:
    """What an earlier state of the product made of the same photos."""

    commit: str
    run: JobRun
    placed: int = 0
    centres_mm: float = float("nan")


def rail_sets(seed: int, columns: int, rows: int) -> list[MakeWallOptions]:
    """One wall of each style, each with a seed of its own."""
    return [
        from_flat(MakeWallOptions, {"style": style, "seed": seed + number, "columns": columns, "rows": rows})
        for number, style in enumerate(STYLES)
    ]


def set_name(make: MakeWallOptions) -> str:
    """The name of a set's folder and outcomes."""
    return f"{make.style}-{make.seed}"


def made_set(make: MakeWallOptions, folder: Path) -> WallTruth:
    """The photos in `folder`/photos, made where they are not there yet."""
    try:
        truth = read_truth(folder)
        if truth.options == make:
            return truth
    except ProblemError:
        pass  # there is no finished set: it is made
    make_wall(folder, make, Silent())
    return read_truth(folder)


def measured_job(make: MakeWallOptions, out: Path, measure: bool = True) -> RailOutcome | None:
    """Do the whole job on the set, or read what was found before; None where there is nothing and `measure` is false."""
    path, described = out / f"{set_name(make)}.json", json.dumps(to_flat(make), sort_keys=True)
    kept = kept_outcome(path, described)
    if kept is not None:
        return RailOutcome(**{**kept, "focal_interval_px": tuple(kept["focal_interval_px"])})
    if not measure:
        return None
    folder, job = out / set_name(make), out / f"{set_name(make)}-job"
    truth = made_set(make, folder)
    shutil.rmtree(job, ignore_errors=True)
    run = run_job(folder / "photos", job, QUALITY)
    if run.ended != "done":
        raise bug(f"the job on {set_name(make)} {run.ended}: {run.said}", f"see {job}/worker.log")
    outcome = _scored(set_name(make), job, folder, truth, run)
    keep_outcome(path, described, dataclasses.asdict(outcome))
    return outcome


def _scored(name: str, job: Path, folder: Path, truth: WallTruth, run: JobRun) -> RailOutcome:
    score, result = score_wall(job, folder), Result.read(job)
    low, high = result.facts["focal_interval_px"][0]
    return RailOutcome(
        name=name,
        total=len(truth.photos),
        placed=score.cameras.registered,
        centres_mm=score.cameras.centre_rmse_mm,
        focal_px=float(result.facts["focal_px"][0]),
        focal_interval_px=(float(low), float(high)),
        true_focal_px=truth.cameras[0].focal_px,
        height_mm=score.height.median_mm if score.height else float("nan"),
        shift_mm=score.orthophoto.shift_median_mm if score.orthophoto else float("nan"),
        cpu_s=run.cpu_s,
        stages_s=dict(result.timings),
    )


def measured_former(make: MakeWallOptions, out: Path, commit: str, limit_s: float, measure: bool) -> FormerOutcome | None:
    """The same job by the product as it was at `commit`, stopped at `limit_s` CPU seconds; kept and None as `measured_job`."""
    path, described = out / f"{set_name(make)}-{commit}.json", json.dumps(to_flat(make), sort_keys=True)
    kept = kept_outcome(path, described)
    if kept is not None:
        return FormerOutcome(**{**kept, "run": JobRun(**kept["run"])})
    if not measure:
        return None
    folder, job = out / set_name(make), out / f"{set_name(make)}-{commit}-job"
    shutil.rmtree(job, ignore_errors=True)
    outcome = FormerOutcome(commit=commit, run=run_job(folder / "photos", job, QUALITY, former_backend(commit, out), limit_s))
    if outcome.run.ended == "done":
        cameras = score_wall(job, folder).cameras
        outcome = dataclasses.replace(outcome, placed=cameras.registered, centres_mm=cameras.centre_rmse_mm)
    keep_outcome(path, described, dataclasses.asdict(outcome))
    return outcome


def measured_pycolmap(make: MakeWallOptions, out: Path, limit_s: float, measure: bool) -> tuple[DefaultsOutcome, float] | None:
    """pycolmap's own features, exhaustive matches and mapping, stopped at `limit_s`, and mm of its centres' error.

    Kept and None as `measured_job`.
    """
    name = set_name(make)
    path, described = out / f"{name}-pycolmap.json", json.dumps(to_flat(make), sort_keys=True)
    folder = out / name
    kept: dict[str, Any] | None = kept_outcome(path, described)
    if kept is None and not measure:
        return None
    truth = made_set(make, folder)
    if kept is None:
        kept = dataclasses.asdict(run_defaults(name, folder / "photos", folder / "pycolmap", truth, limit_s))
        keep_outcome(path, described, kept)
    outcome = DefaultsOutcome(**{**kept, "focal_px": tuple(kept["focal_px"])})
    return outcome, outcome.centre_px * truth.mm_per_unit
