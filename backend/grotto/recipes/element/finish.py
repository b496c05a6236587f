"""The stage `finish` of an element: the picture on its front, painted sides and back, and a file for games and viewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import PaintOptions
from ...formats import Artefact, TexturedMesh, write_glb, write_glb_parts
from ...meshes.remesh import convex_collider
from ...meshes.texture import (
    collider_part,
    halved_file,
    painted_part,
    projected_part,
    vertex_normals,
    vertex_occlusion,
    with_normal_map,
    with_occlusion,
    with_seen,
)
from ...relief.body import InlaidPaint, SidePaint, height_normals, sampled_normals
from ...relief.outline import WorkingCut, working_cut
from ...runner import Stage
from .body import ElementBody
from .cut import CutElement
from .preview import PREVIEW, input_view_scores, write_preview

GLB, COLLIDER = "element.glb", "collider.glb"
_PADDING_PX = 4
_LEAST_PX = 64  # of the textures of levels of detail


@dataclass(frozen=True, kw_only=True)
class ElementAsset(Artefact):
    """The finished element."""

    input_view_psnr_db: float  # unlit, over white, against the cut-out picture
    input_view_ssim: float
    uv_overlap: int  # texels of sides and back that two faces share
    lods: tuple[str, ...]  # files of the levels of detail
    collider: str  # file, or "" where none was asked for
    file: str = GLB
    preview: str = PREVIEW


def make_element_asset(
    cut: CutElement, body: ElementBody, provenance: Mapping[str, Any], options: PaintOptions, folder: Path, report: Progress
) -> ElementAsset:
    """Put the picture on the front, unwrap and paint the rest, add maps, and write each level of detail as a GLB.

    The front's material is the picture's own file; levels of detail carry it reduced. Raises a bad-input problem where sides do
    not fit into their texture.
    """
    colour, alpha = cut.colour(), cut.alpha()
    work = working_cut(colour, alpha, cut.box)
    heights = body.height_px()
    skin = _Skin(cut, body, work, body.side_paint(work), height_normals(heights) if heights.max() > 0 else None)
    names = [GLB, *(f"element_lod{level}.glb" for level in range(1, body.levels))]
    finest: list[TexturedMesh] = []
    overlap = 0
    for level, name in enumerate(names):
        report(0.7 * level / len(names), "painting" if level == 0 else f"level of detail {level}")
        parts, shared = _painted_level(skin, level, {**provenance, "level_of_detail": level}, options)
        write_glb_parts(folder / name, parts, Path(name).stem)
        finest = finest or list(parts.values())
        overlap = max(overlap, shared)
    if options.collider:
        write_glb(folder / COLLIDER, collider_part(convex_collider(body.mesh().vertices)), Path(COLLIDER).stem)
    write_preview(finest, folder, report)
    psnr_db, ssim = input_view_scores(finest, colour, body.shown_alpha(alpha), body.placement)
    return ElementAsset(
        folder=folder,
        input_view_psnr_db=psnr_db,
        input_view_ssim=ssim,
        uv_overlap=overlap,
        lods=tuple(names[1:]),
        collider=COLLIDER if options.collider else "",
    )


@dataclass(frozen=True)
class _Skin:
    """What all levels of detail are painted from."""

    cut: CutElement
    body: ElementBody
    work: WorkingCut
    sides: SidePaint | InlaidPaint
    relief_normals: NDArray[np.float32] | None  # (h, w, 3) of the dense relief, where it is not flat

    def working_places(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points (k, 3) of the body in working pixels (k, 2)."""
        return self.work.from_picture(self.body.placement.places_px(points))


def _painted_level(
    skin: _Skin, level: int, provenance: Mapping[str, Any], options: PaintOptions
) -> tuple[dict[str, TexturedMesh], int]:
    """Front and sides of a level of detail, and how many texels of the sides two faces share."""
    cut, body = skin.cut, skin.body
    mesh, shown = body.mesh(level), body.shows_picture(level)
    normals = vertex_normals(mesh.vertices, mesh.faces)
    uv = (body.placement.places_px(mesh.vertices) / np.array([cut.width, cut.height])).astype(np.float32)
    picture = halved_file((cut.folder / cut.picture).read_bytes(), level)
    front = projected_part(mesh, normals, shown, uv, picture, provenance)

    def side_colours(points: NDArray[np.float32], directions: NDArray[np.float32]) -> NDArray[np.float32]:
        return skin.sides.at(skin.working_places(points), -directions[:, 1], options.back)

    sides = painted_part(mesh, normals, ~shown, max(_LEAST_PX, options.sides_px >> level), _PADDING_PX, side_colours)
    parts = {"front": with_seen(front.mesh, True), "sides": with_seen(sides.mesh, False)}
    relief = skin.relief_normals
    if options.normals_px and relief is not None:
        side_px = max(_LEAST_PX, options.normals_px >> level)
        parts["front"] = with_normal_map(
            parts["front"], side_px, lambda points: sampled_normals(relief, skin.working_places(points))
        )
    if options.occlusion:
        occlusion = vertex_occlusion(mesh.vertices, mesh.faces, normals)
        parts = {name: with_occlusion(parts[name], occlusion[part.vertex]) for name, part in (("front", front), ("sides", sides))}
    return parts, sides.overlap


def forecast_element_asset(cut: CutElement, body: ElementBody, provenance: Mapping[str, Any], options: PaintOptions) -> int:
    """Bytes: the picture with its pyramid, the texture of sides, and the pictures of the preview."""
    return 400_000_000 + 60 * cut.width * cut.height + 120 * options.sides_px**2


FINISH = Stage("finish", "Painting", make_element_asset, version=3, share=6, forecast=forecast_element_asset)
