"""Import one file of a result, step by step: a function for each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Material, Object

from ...backend.grotto.contract import Asset
from ..recipes import WALL
from .builders.cameras import build_camera
from .builders.clouds import build_cloud
from .builders.materials import add_normals, add_occlusion, mean_colour, packed_image, plain, show_in_solid, textured
from .builders.meshes import build_joined, build_mesh, build_rectangle
from .builders.placement import read_placement
from .builders.splats import build_splats
from .fingerprint import mark_as_made
from .job_files import is_in_job
from .parts import LAYER, PART, ResultPart, set_shown
from .readers.glb import GlbMesh, read_glb
from .readers.ply import read_ply
from .readers.splat_ply import SplatFile
from .readers.transforms import PinholeCamera, read_transforms
from .target import ImportTarget

STEP_SECONDS = 0.03  # of processor time, after which the next cameras wait: each opens its photo
FRAME_FRACTION = 0.04  # width of a shown camera as a fraction of the subject's longest side: dozens must not cover it

ObjectSteps = Generator[str, None, list[Object]]


def import_part(target: ImportTarget, part: ResultPart) -> ObjectSteps:
    """Import one part and return its objects. Raises ProblemError."""
    objects = yield from IMPORTERS[part.kind](target, part, target.path(part.path))
    for item in objects:
        custom: Any = item
        custom[PART] = part.path
    mark_as_made(objects)
    return objects


def import_mesh(target: ImportTarget, part: ResultPart, path: Path) -> ObjectSteps:
    """Import a GLB: one object for each name in it, so that layers stay apart."""
    main = target.result.main("mesh")
    is_main = main is not None and main.path == part.path
    collection = target.collection if is_main else target.new_part_collection(part)
    objects = []
    sources = read_glb(path)
    target.measure(np.concatenate([source.positions for source in sources] or [np.empty((0, 3), np.float32)]))
    names = list(dict.fromkeys(source.name for source in sources))
    for body in ([source for source in sources if source.name == name] for name in names):
        yield f"{part.label.lower()} of {sum(len(source.triangles) for source in body)} faces"
        name = f"{target.name} {part.label if len(names) == 1 else body[0].name}"
        origin = body[0].place if len(names) > 1 else (0.0, 0.0, 0.0)  # a layer turns and moves about its own plane
        body = [replace(source, positions=source.positions - np.array(origin, np.float32)) for source in body]
        mesh = build_mesh(name, body[0]) if len(body) == 1 else (yield from build_joined(name, body))
        yield "mesh"
        for source in body:
            material = yield from _material(target, source, alone=len(body) == 1)
            mesh.materials.append(material)
        objects.append(target.add(bpy.data.objects.new(name, mesh), collection))
        objects[-1].location = origin
        if len(names) > 1:
            layer: Any = objects[-1]
            layer[LAYER] = body[0].name
    return objects


def _material(target: ImportTarget, source: GlbMesh, alone: bool) -> Generator[str, None, Material]:
    """Make the material, one image a step."""
    recipe = target.result.recipe
    alone, clear = alone and source.alpha == "OPAQUE", source.alpha != "OPAQUE"
    word = recipe if alone else source.surface or recipe
    surface = f"{target.name} {word.capitalize()}"
    if source.image is None:
        return plain(surface)
    yield "texture"
    name = f"{target.name} {'Texture' if alone else word.capitalize()}"
    material = textured(surface, packed_image(name, source.image), alpha=clear, hard=source.alpha == "MASK")
    yield "colour of the texture"
    target.colour = yield from mean_colour(source.image)
    show_in_solid(material, target.colour)
    if source.normal is not None:
        yield "normals"
        add_normals(material, packed_image(f"{name} Normals", source.normal, colour=False))
    if source.occlusion is not None:
        yield "occlusion"
        add_occlusion(material, packed_image(f"{name} Occlusion", source.occlusion, colour=False))
    return material


def import_splats(target: ImportTarget, part: ResultPart, path: Path) -> ObjectSteps:
    """Import Gaussian splats from a PLY."""
    collection = target.new_part_collection(part)
    splats = yield from build_splats(f"{target.name} Splats", SplatFile(path), collection)
    return [target.add(splats, collection)]


def import_cloud(target: ImportTarget, part: ResultPart, path: Path) -> ObjectSteps:
    """Import coloured points from a PLY."""
    cloud = read_ply(path)
    yield f"{len(cloud.positions)} points"
    target.measure(cloud.positions)
    collection = target.new_part_collection(part)
    return [target.add(build_cloud(f"{target.name} Points", cloud, collection), collection)]


def import_orthophoto(target: ImportTarget, part: ResultPart, path: Path) -> ObjectSteps:
    """Import the orthophoto as a textured rectangle at its place on the wall."""
    tiff = target.result.main("orthophoto")
    if tiff is None:
        return []
    place = read_placement(target.folder, tiff)
    image = bpy.data.images.load(str(path), check_existing=True)
    yield "orthophoto"
    name = f"{target.name} Orthophoto"
    mesh = build_rectangle(name, place.x_min, place.x_max, place.z_min, place.z_max)
    material = textured(name, image, alpha=True)
    show_in_solid(material, target.colour)
    mesh.materials.append(material)
    return [target.add(bpy.data.objects.new(name, mesh), target.new_part_collection(part))]


IMPORTERS: dict[str, Callable[[ImportTarget, ResultPart, Path], ObjectSteps]] = {
    "mesh": import_mesh,
    "splats": import_splats,
    "point_cloud": import_cloud,
    "orthophoto_preview": import_orthophoto,
}


def import_collider(target: ImportTarget, asset: Asset) -> None:
    """Import bodies for physics as wires, in a collection that is neither shown nor rendered."""
    collection = target.new_part_collection(ResultPart(path=asset.path, kind="mesh", label="Collider"))
    bodies = []
    for source in read_glb(target.path(asset.path)):
        name = f"{target.name} Collider"
        body: Any = target.add(bpy.data.objects.new(name, build_mesh(name, source)), collection)
        body[PART], body.display_type = asset.path, "WIRE"
        set_shown(body, False)
        bodies.append(body)
    mark_as_made(bodies)


def import_cameras(target: ImportTarget, asset: Asset) -> Generator[str, None, None]:
    """Import the cameras of a transforms.json, hidden: frames and the lines to their root would cover the subject."""
    cameras = read_transforms(target.path(asset.path))
    cameras = [camera if is_in_job(target.folder, camera.photo) else replace(camera, photo=Path()) for camera in cameras]
    collection = target.new_collection("Cameras")
    size = FRAME_FRACTION * (target.longest_side or _median_distance(target, cameras))
    yield f"{len(cameras)} cameras"
    begun = time.thread_time()
    for number, camera in enumerate(cameras, start=1):
        set_shown(target.add(build_camera(camera, size), collection), False)
        if time.thread_time() - begun > STEP_SECONDS or number == len(cameras):
            yield f"{number} of {len(cameras)} cameras"
            begun = time.thread_time()


def _median_distance(target: ImportTarget, cameras: list[PinholeCamera]) -> float:
    """Return the median distance of the cameras from the wall at y = 0, or from the middle of the subject."""
    if not cameras:
        return 1.0
    positions = np.array([camera.world_from_camera[:3, 3] for camera in cameras])
    if target.result.recipe == WALL.name:
        distances = np.abs(positions[:, 1])
    else:
        distances = np.linalg.norm(positions - target.middle, axis=1)
    return max(float(np.median(distances)), 1e-3)
