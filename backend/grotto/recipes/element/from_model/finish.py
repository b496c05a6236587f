"""The stage `finish` of a model's mesh: brought to its height and face budget, and judged beside the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ....contract import Part, Progress
from ....formats import Artefact, Mesh, TexturedMesh, write_glb, write_glb_parts
from ....meshes.remesh import convex_collider, decimate
from ....meshes.repair import mesh_facts, repair
from ....meshes.texture import Coloured, as_png, carried_texture, joined_shape, textured, unwrap, vertex_normals
from ....render.mesh import rasterise
from ....scene import Camera, look_at, write_picture
from ..cut import CutElement
from ..finish import element_strip
from ..maps import with_seen
from .mesh import ModelMesh

GLB, PREVIEW, COLLIDER = "element.glb", "preview.png", "collider.glb"
_PADDING_PX = 4
_PREVIEW_PX = 480
_PREVIEW_TURNS_DEG = (0, 35, 70, 180)
_OUTLINE_PX = 96  # longer side of the outlines that are compared
_FAR = 100.0  # of the element's size: outlines are compared as from far away
_CLEARLY = 0.08  # by so much another side's outline fits better before it is said
_LEVEL_PART = 4  # of one level's faces that the next has, as in the relief
_FEWEST = 64  # faces: fewer make no level worth having
_LEAST_PX = 64
_CRUMB = 0.0005  # of the surface: smaller islands are dust


@dataclass(frozen=True, kw_only=True)
class ModelAsset(Artefact):
    """A model's mesh, finished. Frame: the element's, metres, z up, front towards -y, the middle of its foot at 0."""

    faces: int
    vertices: int
    components: int
    watertight: bool
    depth_m: float
    rebaked: bool  # whether its texture was made anew
    outline_iou: float  # of its outline from the front with the picture's, both fitted to their boxes
    lods: tuple[str, ...]  # files of the levels of detail
    collider: str  # file, or "" where none was asked for
    file: str = GLB
    preview: str = PREVIEW


@dataclass(frozen=True, kw_only=True)
class ModelFinish:
    """What the finished mesh shall be."""

    faces: int  # at most, about
    lods: int  # reduced meshes beside it, each of a quarter of the faces before
    height_m: float
    turn_deg: float  # about the vertical
    collider: bool
    texture_px: int  # side of a texture that is made anew


def finish_model(
    cut: CutElement, made: ModelMesh, provenance: Mapping[str, Any], wish: ModelFinish, folder: Path, report: Progress
) -> ModelAsset:
    """Turn and scale the mesh; within the budget its own texture stays, else it is reduced, unwrapped and painted anew.

    Levels of detail are painted likewise, each from the model's own mesh. All of it is marked as not seen.
    Raises a bad-input problem where nothing usable is left with so few faces.
    """
    parts = standing(made.parts(), wish.height_m, wish.turn_deg)
    shape = joined_shape(parts)
    rebaked = made.coloured or made.faces > wish.faces
    mended = repair(shape, smallest_island=_CRUMB).mesh if rebaked or wish.lods else shape
    if rebaked:
        shape, painted = _painted(mended, parts, wish.faces, wish.texture_px, Part(report, 0.05, 0.5))
        finished = {"element": painted}
    else:
        finished = {f"part {number}": part for number, part in enumerate(parts) if isinstance(part, TexturedMesh)}
    whole = _stood(list(finished.values()), wish.height_m, {**provenance, "level_of_detail": 0})
    write_glb_parts(folder / GLB, dict(zip(finished, whole, strict=True)), "element")
    lods: list[str] = []
    for level in range(1, wish.lods + 1):
        wanted = min(len(shape.faces), wish.faces) // _LEVEL_PART**level
        if wanted < _FEWEST:
            break
        part = Part(report, 0.5 + 0.3 * (level - 1) / wish.lods, 0.5 + 0.3 * level / wish.lods)
        _, painted = _painted(mended, parts, wanted, max(_LEAST_PX, wish.texture_px >> level), part)
        lods.append(f"element_lod{level}.glb")
        stood = _stood([painted], wish.height_m, {**provenance, "level_of_detail": level})
        write_glb_parts(folder / lods[-1], {"element": stood[0]}, Path(lods[-1]).stem)
    if wish.collider:
        write_glb(folder / COLLIDER, _collider(whole), Path(COLLIDER).stem)
    report(0.85, "looking at it")
    write_picture(folder / PREVIEW, element_strip(whole, _PREVIEW_PX, _PREVIEW_TURNS_DEG))
    report.preview(folder / PREVIEW)
    fits = outline_fits(whole, cut.alpha())
    best = int(np.argmax(fits))
    if fits[best] > fits[0] + _CLEARLY:
        report.note(
            f"the picture's outline fits better after a turn by {90 * best} degrees ({fits[best]:.2f} against {fits[0]:.2f}): "
            f"the model may have put its front elsewhere, see --generator-turn-deg"
        )
    facts = mesh_facts(shape)
    return ModelAsset(
        folder=folder, faces=facts.faces, vertices=sum(len(part.vertices) for part in whole), components=facts.islands,
        watertight=facts.watertight, depth_m=float(np.ptp(np.concatenate([part.vertices[:, 1] for part in whole]))),
        rebaked=rebaked, outline_iou=fits[0], lods=tuple(lods), collider=COLLIDER if wish.collider else "",
    )  # fmt: skip


def forecast_model_asset(cut: CutElement, made: ModelMesh, provenance: Mapping[str, Any], wish: ModelFinish) -> int:
    """Bytes: the mesh with its trees, textures, and the pictures of the preview."""
    return 500_000_000 + 1500 * made.faces + 120 * wish.texture_px**2


def _painted(shape: Mesh, parts: Sequence[Coloured], faces: int, texture_px: int, report: Progress) -> tuple[Mesh, TexturedMesh]:
    """The shape with about `faces` faces at most, unwrapped, with the colours of `parts`."""
    report(0.0, f"reducing {len(shape.faces)} faces to {faces}")
    few = decimate(shape, faces)
    report(0.4, "unwrapping")
    unwrapped = unwrap(few, texture_px, _PADDING_PX)
    texture = carried_texture(unwrapped, parts, Part(report, 0.5, 1.0))
    return Mesh(vertices=few.vertices, faces=few.faces), textured(unwrapped, texture)


def _stood(parts: list[TexturedMesh], height_m: float, told: Mapping[str, Any]) -> list[TexturedMesh]:
    """Parts at their height, since with fewer faces the highest point may have gone; nothing of them was seen."""
    stood = [with_seen(part, False, None) for part in standing(parts, height_m, 0.0) if isinstance(part, TexturedMesh)]
    return [replace(stood[0], extras=dict(told)), *stood[1:]]


def _collider(parts: Sequence[TexturedMesh]) -> TexturedMesh:
    mesh = convex_collider(np.concatenate([part.vertices for part in parts]))
    return TexturedMesh(
        vertices=mesh.vertices, faces=mesh.faces.astype(np.uint32), uv=np.zeros((len(mesh.vertices), 2), np.float32),
        normals=vertex_normals(mesh.vertices, mesh.faces), extras={"role": "collider"},
        texture=as_png(np.full((1, 1, 3), 128, np.uint8)),
    )  # fmt: skip


def standing(parts: Sequence[Coloured], height_m: float, turn_deg: float) -> list[Coloured]:
    """Parts turned counter-clockwise round z as seen from above, `height_m` high, the middle of their foot at 0.

    A mesh that lies flat, without height, is as wide as it should be high.
    """
    turn = np.deg2rad(turn_deg)
    about_z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    turned = [part.vertices.astype(np.float64) @ about_z.T for part in parts]
    every = np.concatenate(turned)
    lowest, highest = every.min(0), every.max(0)
    extent = highest - lowest
    scale = height_m / (extent[2] if extent[2] > 1e-3 * extent.max() else extent.max())
    foot = np.array([(lowest[0] + highest[0]) / 2, (lowest[1] + highest[1]) / 2, lowest[2]])
    result: list[Coloured] = []
    for part, points in zip(parts, turned, strict=True):
        vertices = ((points - foot) * scale).astype(np.float32)
        if isinstance(part, TexturedMesh):
            result.append(replace(part, vertices=vertices, normals=(part.normals @ about_z.T).astype(np.float32)))
        else:
            result.append(replace(part, vertices=vertices))
    return result


def outline_fits(parts: Sequence[TexturedMesh], alpha: NDArray[np.float32]) -> list[float]:
    """Overlap over union of the outline as seen from the front with the picture's (h, w), both fitted to their boxes.

    Four numbers: as it stands, and turned counter-clockwise by 90, 180 and 270 degrees.
    """
    wanted = _boxed(alpha > 0.5)
    shape = joined_shape(parts)
    points = shape.vertices.astype(np.float64)
    vertices, faces = torch.from_numpy(shape.vertices), torch.from_numpy(shape.faces.astype(np.int64))
    middle = 0.5 * (points.min(0) + points.max(0))
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    result = []
    for quarter in range(4):
        turn = 0.5 * np.pi * quarter  # turning the mesh one way shows what a camera on the other side sees
        ahead = np.array([-np.sin(turn), -np.cos(turn), 0.0])
        camera = Camera(
            camera_from_world=look_at(middle + _FAR * size * ahead, middle), focal_x=2 * _FAR * _OUTLINE_PX,
            focal_y=2 * _FAR * _OUTLINE_PX, centre_x=_OUTLINE_PX, centre_y=_OUTLINE_PX, width=2 * _OUTLINE_PX,
            height=2 * _OUTLINE_PX,
        )  # fmt: skip
        found = _boxed(rasterise(vertices, faces, camera).face.numpy() >= 0)
        result.append(float((found & wanted).sum() / max((found | wanted).sum(), 1)))
    return result


def _boxed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(side, side) what is inside, its box fitted into a square without stretching; nothing where nothing is inside."""
    square = np.zeros((_OUTLINE_PX, _OUTLINE_PX), np.bool_)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return square
    found = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _OUTLINE_PX / max(found.shape)
    width, height = (max(1, round(scale * length)) for length in (found.shape[1], found.shape[0]))
    small = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) > 0.5
    top, left = (_OUTLINE_PX - height) // 2, (_OUTLINE_PX - width) // 2
    square[top : top + height, left : left + width] = small
    return square
