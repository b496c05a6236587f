"""A studio for scans: soft light that leaves the photographed colours alone, and a view from where no photo was taken.

Everything is in units of the subject's own size. It stays in the .blend, in a collection of its own, so that F12 makes the
picture again.
"""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

SIDE_PX = 480
LENS_MM = 60.0
MARGIN = 1.08  # around the subject
LAYERS = 96  # of splats that a ray looks through
SPLAT_SAMPLES = 2  # at most: splats are soft, and each sample looks through all layers
DIRECTION = Vector((0.62, -1.0, 0.34))  # from which an object is seen that was photographed from all about
ONE_SIDED = 0.35  # mean of the directions to the cameras, from which length on they stand on one side
ASIDE = math.radians(9)  # beside the cameras' mean direction
SCENE_ANGLE = math.radians(58)  # a scene is seen about as wide as photos see it


def furnish(root: bpy.types.Object, *, bounded: bool) -> None:
    """Light and a camera for the result under `root`; a floor where it is an object."""
    scene = bpy.context.scene
    studio = bpy.data.collections.new("Studio")
    scene.collection.children.link(studio)
    low, high = _bounds(root)
    cameras = [item for item in root.children if item.type == "CAMERA"]
    places = np.array([item.matrix_world.translation for item in cameras]).reshape(-1, 3)
    if bounded:
        middle = (low + high) / 2
        radius = _radius(root, middle)
        _floor(studio, middle, low.z, radius)
        _key(studio, middle, radius)
        scene.camera = _camera(studio, middle, _towards(places, middle), radius * MARGIN / math.sin(_half_angle()))
    else:
        axes = np.array([-item.matrix_world.to_3x3().col[2] for item in cameras])
        middle = Vector(_looked_at(places, axes))
        away = float(np.median(np.linalg.norm(places - np.array(middle), axis=1)))
        scene.camera = _camera(studio, middle, _towards(places, middle), away, SCENE_ANGLE)
    _world(1.7 if bounded else 1.0)
    for item in root.children:
        if item.type == "MESH" and "Splats" in item.name:
            item.visible_shadow = False  # faded shells would throw the shadows of whole ones


def render_parts(paths: list[str], picture: Path, samples: int) -> None:
    """One picture a part, side by side. Cycles on the CPU, which works on every machine. The first part stays shown."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.use_denoising = True
    scene.cycles.max_bounces = 3
    scene.cycles.transparent_max_bounces = LAYERS
    scene.render.resolution_x = scene.render.resolution_y = SIDE_PX
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"  # the colours as they were photographed
    scene.render.image_settings.file_format = "PNG"
    made = []
    for path in paths:
        bpy.ops.grotto.show_part(path=path)
        scene.cycles.samples = min(samples, SPLAT_SAMPLES) if path.endswith((".ply", ".spz")) else samples
        scene.render.filepath = str(picture)
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(str(picture))
        made.append(np.array(image.pixels[:], np.float32).reshape(SIDE_PX, SIDE_PX, 4))
        bpy.data.images.remove(image)
    whole = np.concatenate(made, axis=1)
    image = bpy.data.images.new("Preview", whole.shape[1], whole.shape[0])
    image.pixels.foreach_set(whole.ravel())
    image.filepath_raw, image.file_format = str(picture), "PNG"
    image.save()
    bpy.data.images.remove(image)
    bpy.ops.grotto.show_part(path=paths[0])


def close_cameras(root: bpy.types.Object) -> None:
    """Close the eye of the cameras: dozens of frames would hide the subject in the saved scene."""
    for item in root.children:
        if item.type == "CAMERA":
            item.hide_set(True)


def _bounds(root: bpy.types.Object) -> tuple[Vector, Vector]:
    corners = _vertices(root)
    return Vector(corners.min(0)), Vector(corners.max(0))


def _vertices(root: bpy.types.Object) -> np.ndarray:
    """(n, 3) of the mesh that is shown, in the scene."""
    mesh = next(item for item in root.children if item.type == "MESH" and len(item.data.polygons) and item.visible_get())
    flat = np.empty(3 * len(mesh.data.vertices), np.float32)
    mesh.data.vertices.foreach_get("co", flat)
    matrix = np.array(mesh.matrix_world)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def _radius(root: bpy.types.Object, middle: Vector) -> float:
    return float(np.linalg.norm(_vertices(root) - np.array(middle), axis=1).max())


def _half_angle() -> float:
    return math.atan(18.0 / LENS_MM)


def _towards(places: np.ndarray, middle: Vector) -> Vector:
    """The direction from which to look: a little beside the cameras where they stand on one side."""
    rays = places - np.array(middle)
    mean = (rays / np.linalg.norm(rays, axis=1, keepdims=True)).mean(0) if len(rays) else np.zeros(3)
    if math.hypot(mean[0], mean[1]) < ONE_SIDED:
        return DIRECTION.normalized()
    angle = math.atan2(mean[1], mean[0]) + ASIDE
    level = math.hypot(mean[0], mean[1])
    return Vector((level * math.cos(angle), level * math.sin(angle), mean[2])).normalized()


def _looked_at(places: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """(3,) the place nearest to all optical axes, by least squares."""
    across = np.eye(3) - axes[:, :, None] * axes[:, None, :]
    return np.linalg.lstsq(across.sum(0), (across @ places[:, :, None]).sum(0)[:, 0], rcond=None)[0]


def _link(studio: bpy.types.Collection, name: str, data: object) -> bpy.types.Object:
    item = bpy.data.objects.new(name, data)  # type: ignore[arg-type]
    studio.objects.link(item)
    return item


def _camera(studio: bpy.types.Collection, aim: Vector, towards: Vector, distance: float, angle: float = 0.0) -> bpy.types.Object:
    data = bpy.data.cameras.new("View")
    data.lens, data.sensor_width = LENS_MM, 36.0
    if angle:
        data.angle = angle
    data.clip_start, data.clip_end = distance / 1000, distance * 100
    item = _link(studio, "View", data)
    item.location = aim + towards * distance
    item.rotation_euler = (-towards).to_track_quat("-Z", "Y").to_euler()
    return item


def _floor(studio: bpy.types.Collection, middle: Vector, height: float, radius: float) -> None:
    """A floor that rises into a backdrop all about, so that no horizon shows."""
    profile = [(1e-4, 0.0), *((5 + 6 * math.sin(a), 6 - 6 * math.cos(a)) for a in np.linspace(0, math.pi / 2, 16)), (11.0, 14.0)]
    steps = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    vertices = [
        (middle.x + radius * out * math.cos(angle), middle.y + radius * out * math.sin(angle), height + radius * up)
        for out, up in profile
        for angle in steps
    ]
    around = len(steps)
    faces = [
        (ring * around + k, ring * around + (k + 1) % around, (ring + 1) * around + (k + 1) % around, (ring + 1) * around + k)
        for ring in range(len(profile) - 1)
        for k in range(around)
    ]
    mesh = bpy.data.meshes.new("Backdrop")
    mesh.from_pydata(vertices, [], faces)
    mesh.shade_smooth()
    material = bpy.data.materials.new("Backdrop")
    if material.node_tree is None:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (0.3, 0.3, 0.31, 1.0)
    shader.inputs["Roughness"].default_value = 1.0
    mesh.materials.append(material)
    _link(studio, "Backdrop", mesh)


def _key(studio: bpy.types.Collection, middle: Vector, radius: float) -> None:
    """A large soft light from the upper left."""
    light = bpy.data.lights.new("Key light", "AREA")
    light.shape = "DISK"
    light.size = 2.5 * radius
    light.energy = 70.0 * radius * radius
    item = _link(studio, "Key light", light)
    place = Vector((-1.6, -1.9, 2.6)) * radius
    item.location = middle + place
    item.rotation_euler = (-place).to_track_quat("-Z", "Y").to_euler()


def _world(strength: float) -> None:
    world = bpy.context.scene.world or bpy.data.worlds.new("Studio")
    bpy.context.scene.world = world
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = strength
