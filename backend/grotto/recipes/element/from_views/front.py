"""The stage `stand` of an element from views: the picture laid last onto what it sees, then maps, a collider, height and place.

The front keeps the paint's own pixels, where the views' model has drawn it anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract import Part, Progress
from ....contract.options import PaintOptions
from ....formats import Artefact, Mesh, PhotoCamera, TexturedMesh, read_glb, read_transforms, write_glb, write_transforms
from ....meshes.texture import TextureSpace, as_png, seen_vertices
from ....scene import Camera, RayCaster
from ....views import Registered, ViewSet, register_picture
from ...stages import ScanAsset
from ..cut import CutElement
from ..maps import clear_of_light, collider_of, with_normals_of, with_occlusion

GLB, COLLIDER, CAMERAS = "element.glb", "collider.glb", "transforms.json"
_LEAST_IOU = 0.75  # of outlines: below, the views drew another thing than the picture shows
_FACING = (0.3, 0.6)  # cosines between which the picture comes in: at glancing angles it would smear
_RIM_PX = 3.0  # of the picture, in which it comes in from its own outline
_HIDDEN = 5e-3  # of the distance: a place so much before another hides it
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
    views: ViewSet, cut: CutElement | None, asset: ScanAsset, height_m: float, provenance: Mapping[str, Any],
    options: PaintOptions, folder: Path, report: Progress,
) -> StandingElement:  # fmt: skip
    """Lay the picture on, if there is one, add maps and a collider, and write each level of detail in the element's frame.

    The picture's place is found by outlines; where these agree by less than three quarters it is not laid on, and the result says
    so. Levels of detail get the whole mesh's normals as a map.
    """
    levels = [read_glb(asset.folder / file) for file in (asset.file, *asset.lods)]
    found = None if cut is None else _registered(cut, views, levels[0], Part(report, 0, 0.4))
    shown = 0.0
    if cut is not None and found is not None and found.iou >= _LEAST_IOU:
        colour, alpha = cut.colour(), cut.alpha()
        for number, level in enumerate(levels):
            report(0.4 + 0.2 * number / len(levels), "laying the picture on")
            texture, part = painted_over(level, colour, alpha, found.camera)
            levels[number] = replace(level, texture=as_png(texture))
            shown = part if number == 0 else shown
    corners = levels[0].vertices.astype(np.float64) @ ELEMENT_FROM_RIG.T
    lowest, highest = corners.min(0), corners.max(0)
    scale = height_m / float(highest[2] - lowest[2])
    foot = np.array([0.5 * (lowest[0] + highest[0]), 0.5 * (lowest[1] + highest[1]), lowest[2]])
    pictures = views.load()
    names = [GLB, *(f"element_lod{number}.glb" for number in range(1, len(levels)))]
    whole: TexturedMesh | None = None
    for number, (name, level) in enumerate(zip(names, levels, strict=True)):
        report(0.6 + 0.35 * number / len(levels), "maps")
        seen = seen_vertices(Mesh(vertices=level.vertices, faces=level.faces.astype(np.int32)), pictures)
        places = (level.vertices.astype(np.float64) @ ELEMENT_FROM_RIG.T - foot) * scale
        made = replace(
            level, vertices=places.astype(np.float32), normals=(level.normals @ ELEMENT_FROM_RIG.T).astype(np.float32), seen=seen,
            extras={**level.extras, **provenance, "height_m": height_m},
        )  # fmt: skip
        if options.normals_px and whole is not None:
            made = with_normals_of(made, whole, max(64, options.normals_px >> number))
        whole = whole or made
        if options.occlusion:
            shape = Mesh(vertices=made.vertices, faces=made.faces.astype(np.int32))
            made = with_occlusion(made, clear_of_light(shape, made.normals))
        write_glb(folder / name, made, Path(name).stem)
    if options.collider and whole is not None:
        write_glb(folder / COLLIDER, collider_of(whole.vertices), Path(COLLIDER).stem)
    _write_cameras(views, folder, foot, scale)
    if found is not None and found.iou < _LEAST_IOU:
        report.note(f"the picture was not laid onto the front: outlines agree by {found.iou:.2f} only, .75 is needed")
    return StandingElement(
        folder=folder, lods=tuple(names[1:]), collider=COLLIDER if options.collider else "", height_m=height_m, laid_on=shown > 0,
        has_picture=found is not None,
        outline_iou=0.0 if found is None else found.iou, azimuth_deg=0.0 if found is None else found.azimuth_deg,
        elevation_deg=0.0 if found is None else found.elevation_deg, shown_fraction=shown,
    )  # fmt: skip


def forecast_stand(
    views: ViewSet, cut: CutElement | None, asset: ScanAsset, height_m: float, provenance: Mapping[str, Any],
    options: PaintOptions,
) -> int:  # fmt: skip
    """Bytes: the picture, and the texture with what is known of its texels."""
    picture = 0 if cut is None else 40 * cut.width * cut.height
    return 600_000_000 + picture + 150 * asset.texture_px**2


def _registered(cut: CutElement, views: ViewSet, mesh: TexturedMesh, report: Progress) -> Registered:
    shape = Mesh(vertices=mesh.vertices, faces=mesh.faces.astype(np.int32))
    distance = float(np.linalg.norm(views.read_cameras()[0].position))
    return register_picture(shape, cut.alpha(), distance, report)


def _write_cameras(views: ViewSet, folder: Path, foot: NDArray[np.float64], scale: float) -> None:
    """The views' cameras in the element's frame."""
    turned = []
    for camera in read_transforms(views.folder / views.cameras):
        world = camera.world_from_camera.copy()
        world[:3, :3] = ELEMENT_FROM_RIG @ world[:3, :3]
        world[:3, 3] = (ELEMENT_FROM_RIG @ world[:3, 3] - foot) * scale
        file = Path(os.path.relpath(views.folder / camera.file_path, folder)).as_posix()
        turned.append(PhotoCamera(**{**vars(camera), "world_from_camera": world, "file_path": file}))
    write_transforms(folder / CAMERAS, turned)


def painted_over(
    mesh: TexturedMesh, colour: NDArray[np.float32], alpha: NDArray[np.float32], camera: Camera
) -> tuple[NDArray[np.uint8], float]:
    """The mesh's texture with a picture (h, w, 3) laid on where its camera sees the surface; and which part of it that is."""
    with Image.open(io.BytesIO(mesh.texture)) as opened:
        old = np.asarray(opened.convert("RGB"), np.float32) / 255
    side = old.shape[0]
    space = TextureSpace(mesh.faces, mesh.uv, side)
    points, normals = space.at_texels(mesh.vertices), space.at_texels(mesh.normals)
    weight, pixels = _weights(mesh, points, normals, alpha, camera)
    on = np.flatnonzero(weight > 0)
    if not len(on):
        return (old * 255 + 0.5).astype(np.uint8), 0.0
    wanted = _sampled(colour, pixels[on])
    flat = old.reshape(-1, 3).copy()
    at = space.covered[on]
    flat[at] += weight[on, None] * (wanted - flat[at])
    return (np.clip(flat, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(old.shape), float((weight > 0.5).mean())


def _weights(
    mesh: TexturedMesh, points: NDArray[np.float32], normals: NDArray[np.float32], alpha: NDArray[np.float32], camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(k,) how much of the picture each place takes, and where it lies in the picture (k, 2)."""
    height, width = alpha.shape
    pixels, depth = camera.project(points.astype(np.float64))
    way = points - camera.position
    length = np.linalg.norm(way, axis=1)
    facing = -(way * normals).sum(1) / np.maximum(length * np.linalg.norm(normals, axis=1), 1e-12)
    weight = np.clip((facing - _FACING[0]) / (_FACING[1] - _FACING[0]), 0, 1)
    inside = (depth > 0) & (pixels >= 0).all(1) & (pixels < [width, height]).all(1)
    weight[~inside] = 0
    within = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    column, row = (np.clip(pixels[:, axis].astype(int), 0, most - 1) for axis, most in ((0, width), (1, height)))
    weight *= np.clip(np.asarray(within)[row, column] / _RIM_PX, 0, 1)
    some = np.flatnonzero(weight > 0)
    hits = RayCaster(mesh.vertices, mesh.faces).first(camera.position, way[some])
    weight[some[hits.distance < 1 - _HIDDEN]] = 0
    return weight.astype(np.float32), pixels


def _sampled(picture: NDArray[np.float32], pixels: NDArray[np.float64]) -> NDArray[np.float32]:
    """(k, 3) the picture at places (k, 2), between its pixels."""
    height, width = picture.shape[:2]
    x, y = np.clip(pixels[:, 0] - 0.5, 0, width - 1.001), np.clip(pixels[:, 1] - 0.5, 0, height - 1.001)
    left, top = x.astype(int), y.astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    u, v = (x - left)[:, None], (y - top)[:, None]
    upper = picture[top, left] * (1 - u) + picture[top, right] * u
    lower = picture[bottom, left] * (1 - u) + picture[bottom, right] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)
