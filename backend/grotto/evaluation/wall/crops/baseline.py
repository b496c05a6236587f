"""pycolmap's whole default pipeline on a group, in a process of its own that a limit of CPU time stops."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pycolmap

from ....contract import to_flat
from ....synthetic import WallTruth
from ...scores import score_model
from . import baseline_child
from .baseline_child import STEPS
from .groups import keep_outcome, kept_outcome

TIMES = 5.0  # our CPU time, after which pycolmap is stopped


@dataclass(frozen=True, kw_only=True)
class DefaultsOutcome:
    """What pycolmap's defaults made of a group."""

    name: str
    step: str  # of STEPS: where it ended
    ended: str  # "done", "stopped" at the limit, or "failed"
    cpu_s: float
    limit_s: float
    placed: int  # crops in its largest model; 0 where it was stopped before there was any
    models: int
    focal_px: tuple[float, float]  # least and most
    centre_px: float  # RMS of the camera centres, px of the painting, after a similarity; nan without a model


def measured_defaults(name: str, folder: Path, truth: WallTruth, our_s: float, out: Path) -> DefaultsOutcome:
    """Run pycolmap's own features, exhaustive matches and mapping on the crops, or read what was found before."""
    path, described = out / f"{name}-pycolmap.json", json.dumps({**to_flat(truth.options), "times": TIMES}, sort_keys=True)
    kept = kept_outcome(path, described)
    if kept is not None:
        return DefaultsOutcome(**{**kept, "focal_px": tuple(kept["focal_px"])})
    outcome = run_defaults(name, folder / "photos", folder / "pycolmap", truth, TIMES * our_s)
    keep_outcome(path, described, dataclasses.asdict(outcome))
    return outcome


def run_defaults(name: str, photos: Path, out: Path, truth: WallTruth, limit_s: float) -> DefaultsOutcome:
    """Start the child, wait for it, and score the largest model that it left."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    before = os.times()
    command = [sys.executable, "-P", str(baseline_child.__file__), str(photos), str(out), str(limit_s)]
    quiet = subprocess.DEVNULL
    code = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False).returncode
    after = os.times()
    step = (out / "step.txt").read_text(encoding="utf-8") if (out / "step.txt").is_file() else STEPS[0]
    placed, focal, centre = 0, (float("nan"), float("nan")), float("nan")
    models = _models(out / "models")
    if models and len(models[0].reg_image_ids()) >= 3:
        score = score_model(models[0], truth)
        placed, focal = score.registered, (score.focal_least_px, score.focal_most_px)
        centre = score.centre_rmse_mm / truth.mm_per_unit
    return DefaultsOutcome(
        name=name,
        step=step,
        ended="stopped" if code == -signal.SIGPROF else "done" if code == 0 and step == STEPS[-1] else "failed",
        cpu_s=after.children_user + after.children_system - before.children_user - before.children_system,
        limit_s=limit_s,
        placed=placed,
        models=len(models),
        focal_px=focal,
        centre_px=centre,
    )


def _models(folder: Path) -> list[pycolmap.Reconstruction]:
    found = [pycolmap.Reconstruction(str(path.parent)) for path in folder.glob("*/images.bin")]
    return sorted(found, key=lambda model: -model.num_reg_images())
