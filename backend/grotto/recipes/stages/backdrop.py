"""The stage `backdrop` of a scan: what surrounds the subject as a coarse textured mesh of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...contract import Kind, Part, ProblemError, Progress, bug
from ...contract.options import BackdropOptions, BakeOptions
from ...fields import RadianceField, fitting_device, load_field, render_field
from ...formats import Artefact, Mesh, write_glb
from ...meshes.remesh import decimate
from ...meshes.repair import repair
from ...meshes.texture import bake, forecast_bake, textured, unwrap
from ...runner import Stage
from ...scene import Camera, Region, Rendered, View, mean_up
from ...splats import Splats, load_splats, render_splats, splat_device
from ...views import ViewSet, surroundings
from .fits import FRAMEWORK, views_bytes
from .subject import SubjectViews
from .surface import fused

BACKDROP_FILE = "backdrop.glb"
_PADDING = 4  # texels between the islands of a texture of 2048
_LARGEST_HOLE = 0.02


@dataclass(frozen=True, kw_only=True)
class Backdrop(Artefact):
    """The surroundings as GLB; `file` is empty where no surface was found."""

    file: str
    faces: int


def forecast_backdrop(
    views: ViewSet,
    subject: SubjectViews,
    field: RadianceField | None,
    splats: Splats | None,
    cells: int,
    options: BackdropOptions,
) -> int:
    """Bytes: the grid, and the texture with its maps."""
    size = views.region.size / views.region.size.max()
    grid = int(float(size.prod()) * cells**3) * 24
    return FRAMEWORK + views_bytes(views) + grid + forecast_bake(options.backdrop_px, views.count)


def make_backdrop(
    views: ViewSet,
    subject: SubjectViews,
    field: RadianceField | None,
    splats: Splats | None,
    cells: int,
    options: BackdropOptions,
    folder: Path,
    report: Progress,
) -> Backdrop:
    """Fuse the depths of what surrounds the subject on `cells` along the scene's longest side, cut the subject's box out,
    reduce and paint the rest.

    Pixels that show the subject paint nothing. A scene without a surface outside of the box has no backdrop, which is said.
    """
    try:
        around = surroundings(_renderer(field, splats, report), subject.region, mean_up(views.read_cameras()))
        whole = fused(views, around, cells, Part(report, 0.0, 0.5))
        mesh = repair(outside(whole, subject.region), largest_hole=_LARGEST_HOLE).mesh
    except ProblemError as error:
        if error.problem.kind is not Kind.BAD_INPUT:
            raise
        report.note(f"the surroundings gave no surface, so there is no backdrop: {error.problem.cause}")
        return Backdrop(folder=folder, file="", faces=0)
    mesh = decimate(mesh, options.backdrop_faces)
    report(0.5, f"unwrapping {len(mesh.faces)} faces")
    unwrapped = unwrap(mesh, options.backdrop_px, max(1, _PADDING * options.backdrop_px // 2048))
    pictures = _without_subject(views.load(), subject.load())
    baking = BakeOptions(bake_px=options.backdrop_px)
    baked = bake(unwrapped, pictures, baking, Part(report, 0.6, 1.0), mesh.colours)
    extras = {"recipe": "scan", "seen_fraction": round(baked.seen_fraction, 4)}
    write_glb(folder / BACKDROP_FILE, textured(unwrapped, baked.texture, extras=extras), Path(BACKDROP_FILE).stem)
    report(1.0, f"{len(mesh.faces)} faces")
    return Backdrop(folder=folder, file=BACKDROP_FILE, faces=len(mesh.faces))


def outside(mesh: Mesh, region: Region) -> Mesh:
    """The faces of a mesh whose middle lies outside of the region."""
    middles = mesh.vertices[mesh.faces].mean(axis=1)
    return replace(mesh, faces=mesh.faces[~((middles > region.low) & (middles < region.high)).all(axis=1)])


def _renderer(field: RadianceField | None, splats: Splats | None, report: Progress) -> Callable[[Camera], Rendered]:
    if splats is not None:
        gaussians = load_splats(splats, splat_device(splats, report))
        return lambda camera: render_splats(gaussians, camera)
    if field is None:
        raise bug("neither splats nor a field show the surroundings")
    opened = load_field(field, fitting_device(field, report))
    return lambda camera: render_field(opened, camera)


def _without_subject(views: Sequence[View], subject: Sequence[View]) -> list[View]:
    """The views with alpha 0 where they show the subject."""
    return [
        replace(view, alpha=(1 - masked.alpha).astype(np.float32) if masked.alpha is not None else None)
        for view, masked in zip(views, subject, strict=True)
    ]


BACKDROP = Stage("backdrop", "Making the backdrop", make_backdrop, version=2, share=5, forecast=forecast_backdrop)
