"""Pictures from the studio. Cycles on the CPU, which every machine has."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Object
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..importers.parts import objects_of, parts_of, show_only
from . import subject, wall

Array = NDArray[np.float32]

SPLAT_LAYERS = 96  # transparent surfaces along a ray
SPLAT_SAMPLES = 2  # at most: splats are smooth, and each sample passes through all layers


def render_view(path: Path, samples: int, percent: int = 100) -> None:
    """Render the scene's camera, in the size for walls."""
    _set_up(wall.WIDTH_PX, wall.HEIGHT_PX, bounces=4)
    scene = bpy.context.scene
    scene.render.resolution_percentage = percent
    _cycles().denoising_prefilter = "FAST"
    _render(path, samples)


def render_parts(root: Object, parts: list[str], path: Path, samples: int) -> None:
    """Render each part of a result, side by side in one picture. The first part stays shown."""
    _set_up(subject.SIDE_PX, subject.SIDE_PX, bounces=3)
    views = []
    for part in parts:
        show_only(root, part)
        splats = part.endswith((".ply", ".spz"))
        views.append(_rendered(path, min(samples, SPLAT_SAMPLES) if splats else samples))
    show_only(root, parts[0])
    _save(path, np.concatenate(views, axis=1))


def render_turntable(root: Object, path: Path, samples: int, turns_degrees: tuple[float, ...] = (0, 90, 180, 270)) -> None:
    """Render the first part of a result as it turns about the upright axis, side by side in one picture."""
    _set_up(subject.SIDE_PX, subject.SIDE_PX, bounces=3)
    body = objects_of(root, parts_of(root)[0].path)[0]
    middle = body.matrix_world @ ((Vector(body.bound_box[0]) + Vector(body.bound_box[6])) / 2)
    before = root.matrix_world.copy()
    there = Matrix.Translation(middle)
    views = []
    for degrees in turns_degrees:
        root.matrix_world = there @ Matrix.Rotation(math.radians(degrees), 4, "Z") @ there.inverted() @ before
        bpy.context.view_layer.update()
        views.append(_rendered(path, samples))
    root.matrix_world = before
    bpy.context.view_layer.update()
    _save(path, np.concatenate(views, axis=1))


def _cycles() -> Any:
    scene: Any = bpy.context.scene
    return scene.cycles


def _set_up(width_px: int, height_px: int, *, bounces: int) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = _cycles()
    cycles.device = "CPU"
    cycles.use_denoising = True
    cycles.max_bounces = bounces
    cycles.transparent_max_bounces = SPLAT_LAYERS
    scene.render.resolution_x, scene.render.resolution_y = width_px, height_px
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    scene.view_settings.view_transform = "Standard"  # keeps the photographed colours
    scene.render.image_settings.file_format = "PNG"


def _render(path: Path, samples: int) -> None:
    _cycles().samples = samples
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def _rendered(path: Path, samples: int) -> Array:
    """Render to a file and read it: (h, w, 4), last row first."""
    _render(path, samples)
    image: Any = bpy.data.images.load(str(path))
    try:
        width, height = image.size
        return np.array(image.pixels[:], np.float32).reshape(height, width, 4)
    finally:
        bpy.data.images.remove(image)


def _save(path: Path, pixels: Array) -> None:
    """Save (h, w, 4), last row first, as PNG."""
    image = bpy.data.images.new("Preview", pixels.shape[1], pixels.shape[0])
    image.pixels.foreach_set(pixels.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
