"""Error-driven refinement of a mesh against its views: NeRF2Mesh's stage 1 (Tang and others 2023, section 3.3).

Vertices and their colours are optimised so that the mesh, rendered differentiably, matches the views; at fixed steps faces
with large errors are split and faces with small ones merged. Then the given and the refined mesh, each with fitted vertex
colours, are compared on validation views, and the one with the higher PSNR is kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import Part, Progress, bad_input
from ...contract.options import RefineOptions
from ...fitting import FitPlan, FitPreview, Picture, choose_device, next_to, run_fit
from ...formats import Mesh
from ...metrics import psnr
from ...render.mesh.differentiable import mesh_edges
from ...scene import View
from .refinement_fit import DIVERGENCE, RefinementFit, RefinementSetting
from .vertex_colours import fit_vertex_colours, shown, uncovered_colour

_COLOUR_VIEWS = 32  # evenly chosen: enough to show every side, and the fit of colours stays short
_VALIDATION_VIEWS = 24
_PREVIEW_PX = 512


@dataclass(frozen=True, kw_only=True)
class Refined:
    """The better of the given mesh and the refined one, with fitted vertex colours."""

    mesh: Mesh
    psnr_before_db: float  # of the given mesh, mean over the validation views
    psnr_after_db: float  # of the refined mesh, whether kept or not
    kept: Literal["given", "refined"]
    judged_on: int  # number of validation views
    held_out: bool  # whether the fit did not use them
    steps: int  # completed; fewer than planned where the fit diverged
    faces_split: int
    faces_merged: int


def refine_mesh(
    mesh: Mesh,
    views: Sequence[View],
    validation_views: Sequence[View],
    most_faces: int,
    options: RefineOptions,
    report: Progress,
    setting: RefinementSetting | None = None,
) -> Refined:
    """Refine the mesh for `options.refine_steps` steps; return the one with the higher PSNR on the validation views.

    The fit uses `views` alone. Without validation views, an even choice of the views takes their place, and `held_out` is
    false. Faces stay below `most_faces`, or the given number if that is larger. Raises bad input where
    there is no view, or none shows the mesh.
    """
    if not views:
        raise bad_input("there is no view to refine the mesh with", "give at least two photos")
    device = choose_device(report)
    vertices = torch.from_numpy(np.ascontiguousarray(mesh.vertices, np.float32)).to(device)
    faces = torch.from_numpy(mesh.faces.astype(np.int64)).to(device)
    colour_views = _evenly(views, _COLOUR_VIEWS)
    background = uncovered_colour(vertices, faces, colour_views)
    report(0.0, "colours of the given mesh")
    colours = fit_vertex_colours(vertices, faces, colour_views, report.check)
    compared = _evenly(validation_views or views, _VALIDATION_VIEWS)
    before = _score(vertices, faces, colours, compared, background, report.check)
    given = Mesh(vertices=mesh.vertices, faces=mesh.faces, colours=colours.cpu().numpy(), seen=mesh.seen)
    held_out = len(validation_views) > 0
    if options.refine_steps == 0:
        return Refined(
            mesh=given,
            psnr_before_db=before,
            psnr_after_db=before,
            kept="given",
            judged_on=len(compared),
            held_out=held_out,
            steps=0,
            faces_split=0,
            faces_merged=0,
        )
    setting = setting or RefinementSetting()
    most_faces = max(most_faces, len(mesh.faces))
    fit = RefinementFit(vertices, faces, colours, views, background, options.refine_steps, most_faces, setting)
    plan = FitPlan(
        steps=options.refine_steps,
        remedy="choose a smaller picture size",
        divergence=DIVERGENCE,
        checkpoint_folder=report.resume_folder,
        identity=f"{len(vertices)} {len(faces)} {most_faces} {setting}",
    )
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        part = Part(report, 0.03, 0.9)
        outcome = run_fit(fit, plan, part, FitPreview(_drawing(fit, views[0], background), Path(folder), part))
    report(0.9, "comparing with the validation views")
    refined_colours = fit_vertex_colours(fit.vertices, fit.faces, colour_views, report.check)
    after = _score(fit.vertices, fit.faces, refined_colours, compared, background, report.check)
    better = after > before
    refined = Mesh(
        vertices=fit.vertices.cpu().numpy(),
        faces=fit.faces.cpu().numpy().astype(np.int32),
        colours=refined_colours.cpu().numpy(),
    )
    report(1.0, f"{before:.2f} dB before, {after:.2f} dB after")
    return Refined(
        mesh=refined if better else given,
        psnr_before_db=before,
        psnr_after_db=after,
        kept="refined" if better else "given",
        judged_on=len(compared),
        held_out=held_out,
        steps=outcome.steps,
        faces_split=fit.split,
        faces_merged=fit.merged,
    )


def _evenly(views: Sequence[View], most: int) -> list[View]:
    """At most `most` views, evenly chosen."""
    if len(views) <= most:
        return list(views)
    return [views[i] for i in np.linspace(0, len(views) - 1, most).round().astype(int)]


def _score(
    vertices: Tensor,
    faces: Tensor,
    colours: Tensor,
    views: Sequence[View],
    background: NDArray[np.float32],
    check: Callable[[], None],
) -> float:
    """Mean PSNR in dB over the views, mesh and pictures over the same background."""
    edges = mesh_edges(faces)
    scores = []
    for view in views:
        check()
        with torch.no_grad():
            picture, opacity = shown(vertices, faces, edges, colours, view.camera)
        over = picture.cpu().numpy() + background * (1 - opacity.cpu().numpy())
        scores.append(psnr(over, view.over(background)))
    return float(np.mean(scores))


def _drawing(fit: RefinementFit, view: View, background: NDArray[np.float32]) -> Callable[[], Picture]:
    """A function that renders the mesh next to a view."""
    small = view.fitted(_PREVIEW_PX)

    def draw() -> Picture:
        with torch.no_grad():
            picture, opacity = shown(fit.vertices, fit.faces, mesh_edges(fit.faces), fit.colours, small.camera)
        return next_to(small, picture.cpu().numpy() + background * (1 - opacity.cpu().numpy()), background)

    return draw
