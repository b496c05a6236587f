"""The stage `generate` of an element: six views of the cut-out by Zero123++ (3DSynBrush's synthesis of perspectives)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ....contract import Part, ProblemError, Progress, bad_input
from ....contract.options import SheetOptions
from ....fitting import cuda_is_present
from ....models.zero123plus import (
    SixViewsOptions,
    alpha_of_normals,
    load_networks,
    load_normal_generator,
    six_normals,
    six_views,
)
from ....scene import View, write_picture
from ....views import ViewSet, contradiction, faults_of, views_of_sheet, write_object_views
from ...weights import GPU_CONTEXT
from ..cut import CutElement
from .sheet import rig_cameras
from .tiles import cut_sheet

SHEET = "sheet.png"
_GPU_BYTES = 5_000_000_000
_VIEW_PX = 320  # what the weights were trained at


def generate_views(
    cut: CutElement,
    weights: Path,
    normals: Path | None,
    outliner: Path | None,
    options: SheetOptions,
    folder: Path,
    report: Progress,
) -> ViewSet:
    """Generate six views of the element with `weights` (a folder); a sheet with faults is generated again with the next seed.

    What cuts the tiles, where it is installed: normals, the weights of the rig's normal generator; else outliner, those of SAM 2;
    else their ground. Of several faulty sheets the one with the
    fewest faults is kept, and of these the one whose views contradict each other least; its faults become notes. Raises bad input
    where no sheet shows an object in each tile, and what `six_views` raises.
    """
    networks = load_networks(weights, Part(report, 0, 0.1))
    generator = None if normals is None else load_normal_generator(normals, networks)
    picture = np.dstack([cut.colour(), cut.alpha()]).astype(np.float32)
    settings = SixViewsOptions(steps=options.view_steps, guidance=options.view_guidance, view_px=_VIEW_PX)
    best: tuple[tuple[int, float], list[View], list[str]] | None = None
    cause = ""
    for turn in range(options.view_tries):
        seed = options.view_seed + turn
        part = Part(report, 0.1 + 0.9 * turn / options.view_tries, 0.1 + 0.9 * (turn + 1) / options.view_tries)
        generated = six_views(picture, networks, options.rig, settings, seed, part)
        write_picture(folder / SHEET, generated.sheet)
        report.preview(folder / SHEET)
        try:
            if generator is None:
                sheet = cut_sheet(generated.sheet, outliner, part)
            else:
                drawn = six_normals(picture, generated.sheet, networks, generator, settings, seed, part)
                sheet = np.dstack([generated.sheet, alpha_of_normals(generated.sheet, drawn)]).astype(np.float32)
            views = views_of_sheet(sheet, rig_cameras(options.rig, _VIEW_PX))
        except ProblemError as error:
            cause = error.problem.cause
            report.note(f"seed {seed}: {cause}")
            continue
        faults = faults_of(views)
        rank = len(faults), contradiction(views)
        if best is None or rank < best[0]:
            best = rank, views, faults
        if not faults:
            break
        report.note(f"seed {seed}: {'; '.join(faults)}")
    if best is None:
        raise bad_input(
            f"no sheet of {options.view_tries} shows the element in each view ({cause})", "take the route relief", option="route"
        )
    for fault in best[2]:
        report.note(f"the best sheet has a fault: {fault}")
    return write_object_views(best[1], folder)


def forecast_generate(cut: CutElement, weights: Path, normals: Path | None, outliner: Path | None, options: SheetOptions) -> int:
    """Bytes: the weights, and as much again for what they compute, which a GPU does in its own memory where there is one."""
    return (1 if cuda_is_present() else 2) * _held_bytes(weights, normals, outliner) + 1_000_000_000


def gpu_of_generate(cut: CutElement, weights: Path, normals: Path | None, outliner: Path | None, options: SheetOptions) -> int:
    """Bytes on a GPU: about 5 GB in half precision, its publisher's figure, and in proportion for smaller weights."""
    drawing = min(_GPU_BYTES, GPU_CONTEXT + _held_bytes(weights))
    return drawing + _held_bytes(normals, outliner)


def _held_bytes(*folders: Path | None) -> int:
    """Size of all weights in these folders."""
    return sum(file.stat().st_size for folder in folders if folder is not None for file in folder.rglob("*.safetensors"))
