"""The stage `finish` of a model's mesh: bring it to its height and face budget, and compare it with the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ....contract import Part, Progress
from ....formats import Artefact, Mesh, TexturedMesh, write_glb, write_glb_parts
from ....meshes.remesh import convex_collider, decimate
from ....meshes.repair import mesh_facts, repair
from ....meshes.texture import (
    Coloured,
    as_png,
    collider_part,
    joined_shape,
    standing_parts,
    textured,
    transfer_texture,
    unwrap,
    with_seen,
)
from ....views import outline_iou_by_turn
from ..cut import CutElement
from ..preview import PREVIEW, write_preview
from .mesh import ModelMesh

GLB, COLLIDER = "element.glb", "collider.glb"
_PADDING_PX = 4
_CLEARLY = 0.08  # by so much another side's outline must fit better before a note says so
_LEVEL_PART = 4  # of one level's faces that the next has, as in the relief
_FEWEST = 64  # faces: fewer make no level worth having
_LEAST_PX = 64
_MATT = (255, 255, 0)  # occlusion none, roughness 1, metallic 0, as glTF packs them
_CRUMB = 0.0005  # of the surface: smaller components are dust


@dataclass(frozen=True, kw_only=True)
class ModelAsset(Artefact):
    """A model's mesh, finished. Frame: the element's, metres, z up, front towards -y, the middle of its foot at 0."""

    faces: int
    vertices: int
    components: int
    watertight: bool
    depth_m: float
    rebaked: bool  # whether its texture was made anew
    metallic_roughness: bool  # whether it has the model's metallic and roughness
    outline_iou: float  # of its outline from the front with the picture's, both fitted to their boxes
    lods: tuple[str, ...]  # files of the levels of detail
    collider: str  # file, or "" where none was asked for
    file: str = GLB
    preview: str = PREVIEW


@dataclass(frozen=True, kw_only=True)
class ModelFinish:
    """Size and levels of detail of the finished mesh."""

    faces: int  # at most, about
    lods: int  # reduced meshes beside it, each of a quarter of the faces before
    height_m: float
    turn_deg: float  # about the vertical
    collider: bool
    texture_px: int  # side of a texture that is made anew


def finish_model(
    cut: CutElement,
    made: ModelMesh,
    provenance: Mapping[str, Any],
    target: ModelFinish,
    folder: Path,
    report: Progress,
) -> ModelAsset:
    """Turn and scale the mesh; within the budget its own texture stays, else it is reduced, unwrapped and painted anew.

    Levels of detail are painted likewise, each from the model's own mesh. All of it is marked as not seen.
    Raises a bad-input problem where nothing usable is left with so few faces.
    """
    parts = standing_parts(made.parts(), target.height_m, target.turn_deg)
    shape = joined_shape(parts)
    rebaked = made.coloured or made.faces > target.faces
    mended = repair(shape, smallest_island=_CRUMB).mesh if rebaked or target.lods else shape
    if rebaked:
        shape, painted = _painted(mended, parts, target.faces, target.texture_px, Part(report, 0.05, 0.5))
        finished = {"element": painted}
    else:
        finished = {f"part {number}": part for number, part in enumerate(parts) if isinstance(part, TexturedMesh)}
    whole = _stood(list(finished.values()), target.height_m, {**provenance, "level_of_detail": 0})
    write_glb_parts(folder / GLB, dict(zip(finished, whole, strict=True)), "element")
    lods: list[str] = []
    for level in range(1, target.lods + 1):
        faces = min(len(shape.faces), target.faces) // _LEVEL_PART**level
        if faces < _FEWEST:
            break
        part = Part(report, 0.5 + 0.3 * (level - 1) / target.lods, 0.5 + 0.3 * level / target.lods)
        _, painted = _painted(mended, parts, faces, max(_LEAST_PX, target.texture_px >> level), part)
        lods.append(f"element_lod{level}.glb")
        stood = _stood([painted], target.height_m, {**provenance, "level_of_detail": level})
        write_glb_parts(folder / lods[-1], {"element": stood[0]}, Path(lods[-1]).stem)
    vertices = np.concatenate([part.vertices for part in whole])
    if target.collider:
        write_glb(folder / COLLIDER, collider_part(convex_collider(vertices)), Path(COLLIDER).stem)
    write_preview(whole, folder, report)
    facts = mesh_facts(shape)
    return ModelAsset(
        folder=folder,
        faces=facts.faces,
        vertices=len(vertices),
        components=facts.islands,
        watertight=facts.watertight,
        depth_m=float(np.ptp(vertices[:, 1])),
        rebaked=rebaked,
        metallic_roughness=any(part.metallic_roughness for part in whole),
        outline_iou=_compared(whole, cut, report),
        lods=tuple(lods),
        collider=COLLIDER if target.collider else "",
    )


def forecast_model_asset(cut: CutElement, made: ModelMesh, provenance: Mapping[str, Any], target: ModelFinish) -> int:
    """Bytes: the mesh with its trees, textures, and the pictures of the preview."""
    return 500_000_000 + 1500 * made.faces + 120 * target.texture_px**2


def _painted(shape: Mesh, parts: Sequence[Coloured], faces: int, texture_px: int, report: Progress) -> tuple[Mesh, TexturedMesh]:
    """The shape with at most about `faces` faces, unwrapped, with the colours of `parts`."""
    report(0.0, f"reducing {len(shape.faces)} faces to {faces}")
    reduced = decimate(shape, faces)
    report(0.4, "unwrapping")
    unwrapped = unwrap(reduced, texture_px, _PADDING_PX)
    texture = transfer_texture(unwrapped, parts, Part(report, 0.5, 0.8))
    painted = textured(unwrapped, texture)
    finish = [_finish_part(part) for part in parts]
    if any(part.metallic_roughness for part in parts if isinstance(part, TexturedMesh)):
        carried = transfer_texture(unwrapped, finish, Part(report, 0.8, 1.0))
        painted = replace(painted, metallic_roughness=as_png(np.clip(carried * 255 + 0.5, 0, 255).astype(np.uint8)))
    return Mesh(vertices=reduced.vertices, faces=reduced.faces), painted


def _finish_part(part: Coloured) -> Coloured:
    """The part with its metallic and roughness in place of its colours; matt where it has none."""
    if isinstance(part, TexturedMesh):
        return replace(part, texture=part.metallic_roughness or as_png(np.full((1, 1, 3), _MATT, np.uint8)))
    return replace(part, colours=np.tile(np.array(_MATT, np.float32) / np.float32(255), (len(part.vertices), 1)))


def _stood(parts: Sequence[TexturedMesh], height_m: float, extras: Mapping[str, Any]) -> list[TexturedMesh]:
    """Parts at their height, since a reduced mesh may have lost its highest point; marked as not seen."""
    stood = [with_seen(part, False) for part in standing_parts(parts, height_m, 0.0) if isinstance(part, TexturedMesh)]
    return [replace(stood[0], extras=dict(extras)), *stood[1:]]


def _compared(parts: Sequence[TexturedMesh], cut: CutElement, report: Progress) -> float:
    """Overlap of the outline from the front with the picture's; a note where another side fits clearly better."""
    scores = outline_iou_by_turn(joined_shape(parts), cut.alpha())
    best = max(range(len(scores)), key=scores.__getitem__)
    if scores[best] > scores[0] + _CLEARLY:
        fits = f"({scores[best]:.2f} against {scores[0]:.2f})"
        report.note(
            f"the picture's outline fits better after a turn by {90 * best} degrees {fits}: "
            f"the model may have put its front elsewhere, see --generator-turn-deg"
        )
    return scores[0]
