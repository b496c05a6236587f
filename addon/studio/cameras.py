"""The studio's view camera, and the photos' cameras as wire frames."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Material, Object
from mathutils import Matrix, Vector

from ..importers.builders.cameras import HEIGHT, WIDTH
from ..scene.results import cameras_of
from .collection import link
from .materials import matt, photo

SENSOR_MM = 36.0
FRAMES = 6  # number of shown cameras: more would hide the wall
FRAME_FRACTION = 0.1  # width of a shown photo as a fraction of the wall's size
WIRE_FRACTION = 0.0011


def add_view_camera(studio: Collection, aim: Vector, direction: Vector, distance: float, lens_mm: float) -> Object:
    """Add a camera that looks at `aim` from `direction` (of length 1), and make it the scene's camera."""
    data = bpy.data.cameras.new("View")
    data.lens, data.sensor_width = lens_mm, SENSOR_MM
    data.clip_start, data.clip_end = distance / 1000, distance * 100
    item = link(studio, "View", data)
    item.location = aim + direction * distance
    item.rotation_euler = (-direction).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = item
    return item


def hide_cameras(root: Object) -> None:
    """Hide the photos' cameras: dozens of frames would hide the subject."""
    for item in cameras_of(root):
        item.hide_set(True)
        item.hide_render = True


def add_frames(studio: Collection, root: Object, size: float) -> None:
    """Add wire pyramids for some of the photos' cameras, each with its photo."""
    cameras = cameras_of(root)
    if not cameras:
        return
    wire = matt("Wire", (0.95, 0.62, 0.25), emission=0.6)
    for number in sorted(set(np.linspace(0, len(cameras) - 1, min(FRAMES, len(cameras))).astype(int))):
        _add_frame(studio, cameras[number], wire, size)


def _add_frame(studio: Collection, camera: Any, wire: Material, size: float) -> None:
    data = camera.data
    half = FRAME_FRACTION * size / 2
    depth = 2 * half * data.lens / data.sensor_width
    tall = half * camera[HEIGHT] / camera[WIDTH]
    corners = [(-half, -tall, -depth), (half, -tall, -depth), (half, tall, -depth), (-half, tall, -depth)]
    curve: Any = bpy.data.curves.new(f"Frame {camera.name}", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = WIRE_FRACTION * size
    curve.materials.append(wire)
    for path in ([*corners, corners[0]], *([(0.0, 0.0, 0.0), corner] for corner in corners)):
        spline = curve.splines.new("POLY")
        spline.points.add(len(path) - 1)
        for point, position in zip(spline.points, path, strict=True):
            point.co = (*position, 1.0)
    location, rotation, _ = camera.matrix_world.decompose()
    world_from_camera = Matrix.LocRotScale(location, rotation, None)
    link(studio, curve.name, curve).matrix_world = world_from_camera
    if not data.background_images:
        return
    mesh = bpy.data.meshes.new(f"Photo {camera.name}")
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    layer: Any = mesh.uv_layers.new(name="UVMap")
    for corner, uv in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        layer.uv[corner].vector = uv
    mesh.materials.append(photo(mesh.name, data.background_images[0].image))
    link(studio, mesh.name, mesh).matrix_world = world_from_camera
