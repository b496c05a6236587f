"""A studio for a wall: raking light that shows the relief, the cameras as frames of wire with their photos, one picture.

Everything is in units of the wall's own size, so that walls of any scale look alike. It stays in the .blend, in a
collection of its own, so that F12 makes the picture again.
"""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

WIDTH_PX, HEIGHT_PX = 1200, 720
FRAMES = 6  # cameras shown: more hide the wall
FRAME_PART = 0.1  # width of a shown photo in wall sizes
WIRE_PART = 0.0011


def furnish(root: bpy.types.Object) -> None:
    """Light, floor, frames and a camera for the result under `root`."""
    scene = bpy.context.scene
    studio = bpy.data.collections.new("Studio")
    scene.collection.children.link(studio)
    low, high = _bounds(root)
    size = max((high - low).x, (high - low).z)
    middle = (low + high) / 2
    _floor(studio, low, size)
    _lights(studio, middle, size)
    _frames(studio, root, size)
    scene.camera = _camera(studio, middle, low, high, size)
    for part in bpy.data.collections[root.name].children:
        part.hide_render = True


def render(path: Path, samples: int, percent: int = 100) -> None:
    """Cycles on the CPU, which works on every machine."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.cycles.denoising_prefilter = "FAST"
    scene.cycles.max_bounces = 4
    scene.render.resolution_x, scene.render.resolution_y = WIDTH_PX, HEIGHT_PX
    scene.render.resolution_percentage = percent
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    scene.view_settings.view_transform = "Standard"  # the wall's colours as they were photographed
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def _bounds(root: bpy.types.Object) -> tuple[Vector, Vector]:
    own = bpy.data.collections[root.name]
    corners = [item.matrix_world @ Vector(corner) for item in own.objects if item.type == "MESH" for corner in item.bound_box]
    array = np.array(corners)
    return Vector(array.min(0)), Vector(array.max(0))


def _matt(name: str, colour: tuple[float, float, float], shine: float = 0.0) -> bpy.types.Material:
    """A surface of one colour; `shine` lets it glow by itself."""
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = 0.9
    shader.inputs["Emission Color"].default_value = (*colour, 1.0)
    shader.inputs["Emission Strength"].default_value = shine
    return material


def _link(studio: bpy.types.Collection, name: str, data: object) -> bpy.types.Object:
    item = bpy.data.objects.new(name, data)  # type: ignore[arg-type]
    studio.objects.link(item)
    return item


def _floor(studio: bpy.types.Collection, low: Vector, size: float) -> None:
    """A dark floor under the wall that runs up into a backdrop."""
    depth, back, bend = 6.0 * size, 1.2 * size, 1.0 * size
    profile = [(-depth, 0.0), (back, 0.0)]
    profile += [(back + bend * math.sin(a), bend * (1 - math.cos(a))) for a in np.linspace(0.1, math.pi / 2, 12)]
    profile.append((back + bend, 6.0 * size))
    ground = low.z - 0.06 * size
    vertices = [(side * 9.0 * size, y, z + ground) for side in (-1, 1) for y, z in profile]
    count = len(profile)
    faces = [(k, k + 1, count + k + 1, count + k) for k in range(count - 1)]
    mesh = bpy.data.meshes.new("Backdrop")
    mesh.from_pydata(vertices, [], faces)
    mesh.shade_smooth()
    mesh.materials.append(_matt("Backdrop", (0.055, 0.052, 0.05)))
    _link(studio, "Backdrop", mesh)


def _lights(studio: bpy.types.Collection, middle: Vector, size: float) -> None:
    """A warm light that rakes over the relief from the upper left, and a broad cool one that fills its shadows."""
    for name, place, wide, power, colour in (
        ("Raking light", Vector((-1.15, -0.42, 0.75)), 0.3, 48.0, (1.0, 0.93, 0.84)),
        ("Fill light", Vector((0.7, -2.1, 0.9)), 2.2, 30.0, (0.88, 0.94, 1.0)),
    ):
        light = bpy.data.lights.new(name, "AREA")
        light.shape = "DISK"
        light.size = wide * size
        light.energy = power * size * size
        light.color = colour
        item = _link(studio, name, light)
        item.location = middle + place * size
        item.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()
    world = bpy.context.scene.world or bpy.data.worlds.new("Studio")
    bpy.context.scene.world = world
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (0.05, 0.055, 0.065, 1.0)


def _frames(studio: bpy.types.Collection, root: bpy.types.Object, size: float) -> None:
    """Some of the cameras as pyramids of wire, with the photo that each took."""
    cameras = sorted((item for item in root.children if item.type == "CAMERA"), key=lambda item: item.name)
    if not cameras:
        return
    wire = _matt("Wire", (0.95, 0.62, 0.25), shine=0.6)
    for number in sorted(set(np.linspace(0, len(cameras) - 1, min(FRAMES, len(cameras))).astype(int))):
        _frame(studio, cameras[number], wire, size)


def _frame(studio: bpy.types.Collection, camera: bpy.types.Object, wire: bpy.types.Material, size: float) -> None:
    data = camera.data
    half = FRAME_PART * size / 2
    depth = 2 * half * data.lens / data.sensor_width
    tall = half * camera["grotto_height"] / camera["grotto_width"]
    corners = [(-half, -tall, -depth), (half, -tall, -depth), (half, tall, -depth), (-half, tall, -depth)]
    curve = bpy.data.curves.new(f"Frame {camera.name}", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = WIRE_PART * size
    curve.materials.append(wire)
    for path in ([*corners, corners[0]], *([(0.0, 0.0, 0.0), corner] for corner in corners)):
        spline = curve.splines.new("POLY")
        spline.points.add(len(path) - 1)
        for point, place in zip(spline.points, path, strict=True):
            point.co = (*place, 1.0)
    world = _without_scale(camera.matrix_world)
    _link(studio, curve.name, curve).matrix_world = world
    if not data.background_images:
        return
    mesh = bpy.data.meshes.new(f"Photo {camera.name}")
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    layer = mesh.uv_layers.new(name="UVMap")
    for corner, place in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        layer.uv[corner].vector = place
    material = _matt(mesh.name, (1.0, 1.0, 1.0), shine=0.55)
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = data.background_images[0].image
    for name in ("Base Color", "Emission Color"):
        material.node_tree.links.new(texture.outputs["Color"], shader.inputs[name])
    mesh.materials.append(material)
    _link(studio, mesh.name, mesh).matrix_world = world


def _without_scale(matrix: Matrix) -> Matrix:
    place, turn, _ = matrix.decompose()
    return Matrix.LocRotScale(place, turn, None)


def _camera(studio: bpy.types.Collection, middle: Vector, low: Vector, high: Vector, size: float) -> bpy.types.Object:
    """Three quarters from the right, a little above the middle, so that relief and frames both show."""
    data = bpy.data.cameras.new("View")
    data.lens = 50.0
    data.clip_end = 1000.0 * size
    item = _link(studio, "View", data)
    towards = Vector((0.62, -1.0, 0.2)).normalized()
    aim = middle + Vector((0.03 * size, -0.1 * size, -0.03 * size))
    aspect = WIDTH_PX / HEIGHT_PX
    across = 2 * math.atan(data.sensor_width / 2 / data.lens)
    wide = max(size * 1.06, (high - low).z * aspect * 1.25)
    item.location = aim + towards * (wide / 2 / math.tan(across / 2))
    item.rotation_euler = (aim - item.location).to_track_quat("-Z", "Y").to_euler()
    return item
