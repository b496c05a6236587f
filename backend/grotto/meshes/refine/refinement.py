"""Error-driven refinement of a mesh against its views: NeRF2Mesh's stage 1 (Tang and others 2023, section 3.3).

Vertices and their colours are moved so that the mesh, drawn differentiably, looks like the views; at fixed moments faces
with large errors are split and faces with small ones merged. Both the given and the refined mesh are then judged on views
that the refinement did not see, each with the vertex colours that suit it best, and the better one is kept.
"""

from __future__ import annotations

import tempfile
import time
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
from ...formats import Mesh
from ...metrics import psnr
from ...render.mesh import mesh_edges
from ...scene import View, write_picture
from .loop import RefinementSetting, refine_steps
from .vertex_colours import fit_vertex_colours, shown, uncovered_colour

_COLOUR_VIEWS = 32  # spread evenly: enough to see every side, and the fit of colours stays short
_JUDGED_VIEWS = 24


@dataclass(frozen=True, kw_only=True)
class Refined:
    """The better of the given mesh and the refined one, with fitted vertex colours."""

    mesh: Mesh
    psnr_before_db: float  # of the given mesh, mean over the judging views
    psnr_after_db: float  # of the refined mesh, whether kept or not
    kept: Literal["given", "refined"]
    judged_on: int  # views
    held_out: bool  # whether those were kept from the fit
    steps: int  # done; fewer than asked where the fit was broken off
    faces_split: int
    faces_merged: int


def refine_mesh(
    mesh: Mesh, views: Sequence[View], judges: Sequence[View], most_faces: int, options: RefineOptions, report: Progress,
    setting: RefinementSetting | None = None,
) -> Refined:  # fmt: skip
    """Refine the mesh for `options.refine_steps` steps and return whichever of both looks more like the judges.

    `views` are looked at by the fit, `judges` are not; where there are none, an even choice of the views judges and the
    result says so. Faces stay below `most_faces`, or the given number if that is larger. Raises bad input where
    there is no view, or none shows the mesh.
    """
    if not views:
        raise bad_input("there is no view to refine the mesh with", "give at least two photos")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    vertices = torch.from_numpy(np.ascontiguousarray(mesh.vertices, np.float32)).to(device)
    faces = torch.from_numpy(mesh.faces.astype(np.int64)).to(device)
    background = uncovered_colour(vertices, faces, _spread(views, _COLOUR_VIEWS))
    coloured = _spread(views, _COLOUR_VIEWS)
    report(0.0, "colours of the given mesh")
    colours = fit_vertex_colours(vertices, faces, coloured, report.check)
    judged = _spread(judges or views, _JUDGED_VIEWS)
    before = _score(vertices, faces, colours, judged, background, report.check)
    given = Mesh(vertices=mesh.vertices, faces=mesh.faces, colours=colours.cpu().numpy(), seen=mesh.seen)
    held_out = len(judges) > 0
    if options.refine_steps == 0:
        return Refined(
            mesh=given, psnr_before_db=before, psnr_after_db=before, kept="given", judged_on=len(judged), held_out=held_out,
            steps=0, faces_split=0, faces_merged=0,
        )  # fmt: skip
    setting = setting or RefinementSetting()
    most_faces = max(most_faces, len(mesh.faces))
    with tempfile.TemporaryDirectory(prefix="grotto-") as folder:
        preview = _Preview(Path(folder), views[0], background, report)
        done = refine_steps(
            (vertices, faces, colours), views, background, options.refine_steps, most_faces, setting, Part(report, 0.03, 0.9),
            preview,
        )  # fmt: skip
    report(0.9, "judging")
    refined_colours = fit_vertex_colours(done.vertices, done.faces, coloured, report.check)
    after = _score(done.vertices, done.faces, refined_colours, judged, background, report.check)
    better = after > before
    refined = Mesh(
        vertices=done.vertices.cpu().numpy(),
        faces=done.faces.cpu().numpy().astype(np.int32),
        colours=refined_colours.cpu().numpy(),
    )
    report(1.0, f"{before:.2f} dB before, {after:.2f} dB after")
    return Refined(
        mesh=refined if better else given, psnr_before_db=before, psnr_after_db=after, kept="refined" if better else "given",
        judged_on=len(judged), held_out=held_out, steps=done.steps, faces_split=done.split, faces_merged=done.merged,
    )  # fmt: skip


def _spread(views: Sequence[View], most: int) -> list[View]:
    """At most so many views, evenly."""
    if len(views) <= most:
        return list(views)
    return [views[i] for i in np.linspace(0, len(views) - 1, most).round().astype(int)]


def _score(
    vertices: Tensor, faces: Tensor, colours: Tensor, judges: Sequence[View], background: NDArray[np.float32],
    check: Callable[[], None],
) -> float:  # fmt: skip
    """Mean PSNR in dB over the judges, mesh and pictures over the same background."""
    edges = mesh_edges(faces)
    scores = []
    for view in judges:
        check()
        with torch.no_grad():
            picture, opacity = shown(vertices, faces, edges, colours, view.camera)
        over = picture.cpu().numpy() + background * (1 - opacity.cpu().numpy())
        scores.append(psnr(over, view.over(background)))
    return float(np.mean(scores))


class _Preview:
    """A picture of the mesh beside the view it should look like, every ten seconds."""

    def __init__(self, folder: Path, view: View, background: NDArray[np.float32], report: Progress) -> None:
        self._path, self._view, self._background, self._report = folder / "refinement.png", view.fitted(512), background, report
        self._last = time.monotonic()

    def __call__(self, vertices: Tensor, faces: Tensor, colours: Tensor) -> None:
        if time.monotonic() - self._last < 10:
            return
        with torch.no_grad():
            picture, opacity = shown(vertices, faces, mesh_edges(faces), colours, self._view.camera)
        over = picture.cpu().numpy() + self._background * (1 - opacity.cpu().numpy())
        write_picture(self._path, np.concatenate([self._view.over(self._background), over], 1))
        self._report.preview(self._path)
        self._last = time.monotonic()
