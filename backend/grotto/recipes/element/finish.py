"""The stage `asset` of an element: the picture on its front, painted sides and back, and a file for games and viewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import PaintOptions
from ...formats import Artefact, Mesh, TexturedMesh, write_glb, write_glb_parts
from ...meshes.texture import beyond_islands, textured, unwrap, vertex_normals
from ...metrics import psnr, ssim
from ...relief.body import InlaidPaint, SidePaint
from ...render.mesh import render_parts
from ...scene import write_picture
from .cameras import as_painted, preview_camera
from .cut import CutElement
from .maps import clear_of_light, collider_of, reduced_file, with_relief_normals, with_seen
from .relief import ElementBody
from .work import WorkCut, work_cut

GLB = "element.glb"
COLLIDER = "collider.glb"
PREVIEW = "preview.png"
_PADDING_PX = 4
_PREVIEW_PX = 480
_PREVIEW_TURNS_DEG = (0, 35, 70, 180)
_INPUT_PX = 512  # side of the square in which the result is compared with the picture, as in paper 000's table 1


@dataclass(frozen=True, kw_only=True)
class ElementAsset(Artefact):
    """The finished element."""

    input_view_psnr_db: float  # unlit, over white, beside the cut-out picture
    input_view_ssim: float
    uv_overlap: int  # texels of sides and back that two faces share
    lods: tuple[str, ...]  # files of the levels of detail
    collider: str  # file, or "" where none was asked for
    file: str = GLB
    preview: str = PREVIEW


def make_element_asset(
    cut: CutElement, body: ElementBody, provenance: Mapping[str, Any], options: PaintOptions, folder: Path, report: Progress
) -> ElementAsset:
    """Put the picture on the front, unwrap and paint the rest, add maps, write each level of detail as a GLB, and look at it.

    The front's material is the picture's own file; levels of detail carry it reduced. Raises a bad-input problem where sides do
    not fit into their texture.
    """
    work = work_cut(cut)
    names = [GLB, *(f"element_lod{level}.glb" for level in range(1, body.levels))]
    parts: dict[str, TexturedMesh] = {}
    overlap = 0
    for level, name in enumerate(names):
        report(0.7 * level / len(names), "painting" if level == 0 else f"level of detail {level}")
        made, shared = _level(cut, body, work, level, {**provenance, "level_of_detail": level}, options)
        overlap = max(overlap, shared)
        write_glb_parts(folder / name, made, Path(name).stem)
        parts = parts or made
    if options.collider:
        write_glb(folder / COLLIDER, collider_of(body.mesh().vertices), Path(COLLIDER).stem)
    report(0.8, "looking at it")
    write_picture(folder / PREVIEW, element_strip(list(parts.values()), _PREVIEW_PX, _PREVIEW_TURNS_DEG))
    report.preview(folder / PREVIEW)
    likeness = input_view(list(parts.values()), cut, body, _INPUT_PX)
    return ElementAsset(
        folder=folder, input_view_psnr_db=likeness[0], input_view_ssim=likeness[1], uv_overlap=overlap, lods=tuple(names[1:]),
        collider=COLLIDER if options.collider else "",
    )  # fmt: skip


def _level(
    cut: CutElement, body: ElementBody, work: WorkCut, level: int, provenance: Mapping[str, Any], options: PaintOptions
) -> tuple[dict[str, TexturedMesh], int]:
    """Front and sides of a level of detail, and how many texels of the sides two faces share."""
    mesh, shown = body.mesh(level), body.shows_picture(level)
    normals = vertex_normals(mesh.vertices, mesh.faces)
    clear = clear_of_light(mesh, normals) if options.occlusion else None
    picture = (cut.folder / cut.picture).read_bytes()
    front, used = _front(cut, body, mesh, normals, shown, reduced_file(picture, level), provenance)
    if options.normals_px and float(body.height_px().max()) > 0:
        front = with_relief_normals(front, body, work, max(64, options.normals_px >> level))
    sides_px = max(64, options.sides_px >> level)
    sides, behind, overlap = _sides(body, mesh, normals, ~shown, work, replace(options, sides_px=sides_px))
    return {
        "front": with_seen(front, True, None if clear is None else clear[used]),
        "sides": with_seen(sides, False, None if clear is None else clear[behind]),
    }, overlap


def forecast_element_asset(cut: CutElement, body: ElementBody, provenance: Mapping[str, Any], options: PaintOptions) -> int:
    """Bytes: the picture with its pyramid, the texture of sides, and the pictures of the preview."""
    return 400_000_000 + 60 * cut.width * cut.height + 120 * options.sides_px**2


def element_strip(parts: list[TexturedMesh], side_px: int, turns_deg: tuple[int, ...]) -> NDArray[np.float32]:
    """(side, n * side, 3) the element from all these sides, on grey, shaded a little so that its shape shows."""
    points = np.concatenate([part.vertices for part in parts])
    tiles = []
    for turn_deg in turns_deg:
        camera, ahead = preview_camera(points, side_px, turn_deg)
        turn = np.deg2rad(turn_deg)
        seen = render_parts(parts, camera)
        light = ahead + np.array([-0.5 * np.cos(turn), -0.5 * np.sin(turn), 0.6])
        lit = np.ones(seen.opacity.shape) if seen.normal is None else seen.normal @ (light / np.linalg.norm(light))
        shade = (0.55 + 0.5 * np.clip(lit, 0, 1)).astype(np.float32)
        tiles.append(np.clip(seen.colour * shade[..., None] + (1 - seen.opacity[..., None]) * 0.82, 0, 1))
    return np.concatenate(tiles, axis=1).astype(np.float32)


def input_view(parts: list[TexturedMesh], cut: CutElement, body: ElementBody, side_px: int) -> tuple[float, float]:
    """PSNR in dB and SSIM of the element seen as the picture does, unlit, against the cut-out picture; both in a white square."""
    camera, truth = as_painted(cut, body.shown_alpha(cut), body.scale_px_per_m, (body.left_px, body.bottom_px), side_px)
    made = np.clip(render_parts(parts, camera, samples=3).over(1.0), 0, 1).astype(np.float32)
    return psnr(made, truth), float(ssim(made, truth))


def _front(
    cut: CutElement, body: ElementBody, mesh: Mesh, normals: NDArray[np.float32], shown: NDArray[np.bool_], picture: bytes,
    provenance: Mapping[str, Any],
) -> tuple[TexturedMesh, NDArray[np.int64]]:  # fmt: skip
    """The front, and the mesh's vertices that it has."""
    used, faces = np.unique(mesh.faces[shown], return_inverse=True)
    uv = body.places_px(mesh.vertices[used]) / np.array([cut.width, cut.height])
    front = TexturedMesh(
        vertices=mesh.vertices[used], faces=faces.reshape(-1, 3).astype(np.uint32), uv=np.clip(uv, 0, 1).astype(np.float32),
        normals=normals[used], texture=picture, extras=dict(provenance),
    )  # fmt: skip
    return front, used.astype(np.int64)


def _sides(
    body: ElementBody, mesh: Mesh, normals: NDArray[np.float32], hidden: NDArray[np.bool_], work: WorkCut, options: PaintOptions
) -> tuple[TexturedMesh, NDArray[np.int64], int]:
    """Sides and back, the mesh's vertices that theirs are, and the texels that two faces share."""
    used, faces = np.unique(mesh.faces[hidden], return_inverse=True)
    part = Mesh(vertices=mesh.vertices[used], faces=faces.reshape(-1, 3).astype(np.int32))
    unwrapped = unwrap(part, options.sides_px, _PADDING_PX)
    paint = body.side_paint(work)
    texels = unwrapped.texels()
    where = texels.covered()
    weights = texels.weights(where, unwrapped.uv, unwrapped.faces)
    corners = unwrapped.source_vertex[unwrapped.faces[texels.face.reshape(-1)[where]]]
    points = (part.vertices[corners] * weights[..., None]).sum(1)
    towards = -(normals[used][corners] * weights[..., None]).sum(1)[:, 1]
    texture = np.zeros((options.sides_px * options.sides_px, 3), np.float32)
    texture[where] = _painted(paint, body, work, points, towards, options.back)
    whole = beyond_islands(texture.reshape(options.sides_px, options.sides_px, 3), texels.face >= 0)
    made = textured(unwrapped, whole)
    smooth = normals[used][unwrapped.source_vertex]
    return replace(made, normals=smooth), used[unwrapped.source_vertex].astype(np.int64), texels.overlap


def _painted(
    paint: SidePaint | InlaidPaint,
    body: ElementBody,
    work: WorkCut,
    points: NDArray[np.float32],
    towards: NDArray[np.float32],
    back: str,
) -> NDArray[np.float32]:
    places = (body.places_px(points) - np.array([work.left, work.top])) * work.scale
    return paint.at(places, towards, back)
