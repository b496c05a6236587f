"""Small scans of a made object: ten views with alpha, few steps."""

from __future__ import annotations

import threading
from pathlib import Path

from grotto.contract import Event, JobRequest, Result, Silent, from_flat, to_flat
from grotto.contract.options import MakeObjectOptions
from grotto.contract.recipes import SCAN_QUALITIES, ScanOptions, to_nested
from grotto.recipes.scan import RECIPE
from grotto.runner import Run
from grotto.synthetic import make_object_set

QUICK = {
    "field": "voxel", "field_steps": 30, "field_resolution": 32, "splat_steps": 40, "splats_most": 400, "mesh_resolution": 32,
    "faces": 600, "refine_steps": 4, "bake_px": 256, "bake_padding": 1, "view_px": 64,
}  # fmt: skip


def ten_views(folder: Path, size: int = 64) -> Path:
    """Photos with alpha and transforms.json of the teapot, from all about."""
    make_object_set("teapot", folder, MakeObjectOptions(rig="random", views=10, size=size, samples=1), Silent())
    return folder


def options(**flat: object) -> ScanOptions:
    return from_flat(ScanOptions, {**to_flat(SCAN_QUALITIES["draft"]), **QUICK, **flat})


def scanned(source: Path, out: Path, **flat: object) -> tuple[Result, list[Event]]:
    """The result of a scan in this process, and what it told."""
    chosen = options(**flat)
    out.mkdir(parents=True, exist_ok=True)
    events: list[Event] = []
    request = JobRequest("scan", str(source), str(out), to_nested(chosen))
    run = Run(RECIPE, request, chosen, events.append, threading.Event())
    result = run.complete(RECIPE.run(source, chosen, run))
    result.write(out)
    return result, events
