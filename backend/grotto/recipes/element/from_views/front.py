"""The stage `stand` of an element from views: lay the picture onto its front, add maps and a collider, and set it upright.

The front keeps the paint's own pixels, where the views' model has drawn it anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ....contract import Part, Progress
from ....contract.options import PaintOptions
from ....formats import Artefact, Mesh, TexturedMesh, read_glb, read_transforms, write_glb, write_transforms
from ....meshes.remesh import convex_collider
from ....meshes.texture import (
    as_png,
    collider_part,
    normals_of_mesh,
    overlaid_texture,
    seen_vertices,
    vertex_occlusion,
    with_normal_map,
    with_occlusion,
)
from ....scene import StandingFrame, standing_frame
from ....views import Registered, ViewSet, register_picture
from ...stages import ScanAsset
from ..cut import CutElement

GLB, COLLIDER, CAMERAS = "element.glb", "collider.glb", "transforms.json"
_LEAST_IOU = 0.75  # of outlines: below, the views show another object than the picture
_LEAST_PX = 64  # of the maps of levels of detail
# the rig looks at the front from +x; an element's front looks towards -y, and x is its picture's right
ELEMENT_FROM_RIG = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, kw_only=True)
class StandingElement(Artefact):
    """The element in its own frame: metres, z up, the middle of its foot at the origin, its front towards -y."""

    lods: tuple[str, ...]
    collider: str  # "" where none was asked for
    height_m: float
    laid_on: bool  # whether the picture lies on the front
    has_picture: bool  # whether there was one to lay on
    outline_iou: float  # of picture and mesh from where it was taken
    azimuth_deg: float  # where the picture was taken from
    elevation_deg: float
    shown_fraction: float  # of the texture that shows the picture itself
    file: str = GLB
    cameras: str = CAMERAS  # the views' cameras in the element's frame


def stand_element(
    views: ViewSet,
    cut: CutElement | None,
    asset: ScanAsset,
    height_m: float,
    provenance: Mapping[str, Any],
    options: PaintOptions,
    folder: Path,
    report: Progress,
) -> StandingElement:
    """Lay the picture on, if there is one, add maps and a collider, and write each level of detail in the element's frame.

    The picture's place is found by outlines; where these agree by less than three quarters it is not laid on, and a note says so.
    Levels of detail get the whole mesh's normals as a map.
    """
    levels = [read_glb(asset.folder / file) for file in (asset.file, *asset.lods)]
    found, shown = None, 0.0
    if cut is not None:
        colour, alpha = cut.colour(), cut.alpha()
        distance = float(np.linalg.norm(views.read_cameras()[0].position))
        found = register_picture(_shape(levels[0]), alpha, distance, Part(report, 0, 0.4))
        if found.iou >= _LEAST_IOU:
            report(0.4, "laying the picture on")
            overlaid = [overlaid_texture(level, colour, alpha, found.camera) for level in levels]
            levels = [replace(level, texture=as_png(made)) for level, (made, _) in zip(levels, overlaid, strict=True)]
            shown = overlaid[0][1]
        else:
            report.note(f"the picture was not laid onto the front: outlines agree by {found.iou:.2f} only, .75 is needed")
    frame = standing_frame(levels[0].vertices, height_m, ELEMENT_FROM_RIG)
    pictures = views.load()
    names = [GLB, *(f"element_lod{number}.glb" for number in range(1, len(levels)))]
    whole: TexturedMesh | None = None
    for number, (name, level) in enumerate(zip(names, levels, strict=True)):
        report(0.6 + 0.35 * number / len(levels), "maps")
        stood = replace(
            level,
            vertices=frame.points(level.vertices),
            normals=frame.normals(level.normals),
            seen=seen_vertices(_shape(level), pictures),
            extras={**level.extras, **provenance, "height_m": height_m},
        )
        if options.normals_px and whole is not None:
            stood = with_normal_map(stood, max(_LEAST_PX, options.normals_px >> number), normals_of_mesh(whole))
        whole = whole or stood
        if options.occlusion:
            stood = with_occlusion(stood, vertex_occlusion(stood.vertices, stood.faces.astype(np.int32), stood.normals))
        write_glb(folder / name, stood, Path(name).stem)
    if options.collider and whole is not None:
        write_glb(folder / COLLIDER, collider_part(convex_collider(whole.vertices)), Path(COLLIDER).stem)
    _write_cameras(views, frame, folder)
    return _standing(folder, names, options, height_m, found, shown)


def _standing(
    folder: Path, names: list[str], options: PaintOptions, height_m: float, found: Registered | None, shown: float
) -> StandingElement:
    return StandingElement(
        folder=folder,
        lods=tuple(names[1:]),
        collider=COLLIDER if options.collider else "",
        height_m=height_m,
        laid_on=shown > 0,
        has_picture=found is not None,
        outline_iou=0.0 if found is None else found.iou,
        azimuth_deg=0.0 if found is None else found.azimuth_deg,
        elevation_deg=0.0 if found is None else found.elevation_deg,
        shown_fraction=shown,
    )


def _shape(mesh: TexturedMesh) -> Mesh:
    return Mesh(vertices=mesh.vertices, faces=mesh.faces.astype(np.int32))


def _write_cameras(views: ViewSet, frame: StandingFrame, folder: Path) -> None:
    """Write the views' cameras in the element's frame."""
    moved = []
    for camera in read_transforms(views.folder / views.cameras):
        file = Path(os.path.relpath(views.folder / camera.file_path, folder)).as_posix()
        moved.append(replace(camera, world_from_camera=frame.placed(camera.world_from_camera), file_path=file))
    write_transforms(folder / CAMERAS, moved)


def forecast_stand(
    views: ViewSet,
    cut: CutElement | None,
    asset: ScanAsset,
    height_m: float,
    provenance: Mapping[str, Any],
    options: PaintOptions,
) -> int:
    """Bytes: the picture, and the texture with maps over its texels."""
    picture = 0 if cut is None else 40 * cut.width * cut.height
    return 600_000_000 + picture + 150 * asset.texture_px**2
