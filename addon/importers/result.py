"""A job's result becomes a part of the scene: one collection, one root, in slices that leave Blender alive."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import bpy
import numpy as np
from bpy.types import Collection, Context, LayerCollection, Object

from ...backend.grotto.contract import RESULT_FILE, Asset, Result, bad_input
from ..names import name_of_input
from .cameras import build_camera
from .clouds import build_cloud
from .glb import read_glb
from .materials import packed_image, plain, textured
from .meshes import build_mesh, build_rectangle
from .placement import read_placement
from .ply import read_ply
from .provenance import label, provenance
from .transforms import PinholeCamera, read_transforms

CAMERAS_A_SLICE = 16
FRUSTUM_PART = 0.15  # of the cameras' usual distance from the wall


@dataclass(frozen=True)
class Arrival:
    """What was imported."""

    collection: Collection
    root: Object
    meshes: tuple[Object, ...]


Slices = Generator[str, None, Arrival]


def read_result(folder: Path) -> Result:
    """The result in a job folder. Raises ProblemError where there is none."""
    if not (folder / RESULT_FILE).is_file():
        raise bad_input(f"{folder} holds no finished job", f"choose a job folder with a {RESULT_FILE}")
    try:
        return Result.read(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{folder / RESULT_FILE} can not be read ({error})", "run the job again") from error


def import_result(context: Context, folder: Path, name: str = "") -> Arrival:
    """Import in one go, for batch."""
    slices = import_slices(context, folder, name)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


def import_slices(context: Context, folder: Path, name: str = "") -> Slices:
    """Import step by step; each step says what comes next. Nothing stays behind where a step fails.

    Under one root empty, in the wall's frame: mesh, cameras, points, orthophoto. The scene's units stay as they are.
    """
    result = read_result(folder)
    name = name or _name_of(folder, result)
    collection = bpy.data.collections.new(name)
    context.scene.collection.children.link(collection)
    try:
        arrival = yield from _Import(folder, result, name, collection).slices()
        _select(context, arrival)
    except BaseException:
        remove(collection)
        raise
    return arrival


def _select(context: Context, arrival: Arrival) -> None:
    """What came in is what the artist works with next."""
    if context.mode != "OBJECT":
        return
    for item in list(context.selected_objects):
        item.select_set(False)
    chosen = arrival.meshes[0] if arrival.meshes else arrival.root
    chosen.select_set(True)
    context.view_layer.objects.active = chosen


def remove(collection: Collection) -> None:
    """Take an import out again, with everything that only it used."""
    for made in list(collection.all_objects):
        data = made.data
        bpy.data.objects.remove(made)
        if data is not None and data.users == 0:
            bpy.data.batch_remove([data])
    for child in list(collection.children_recursive):
        bpy.data.collections.remove(child)
    bpy.data.collections.remove(collection)


def _name_of(folder: Path, result: Result) -> str:
    return name_of_input(str(result.job.get("request", {}).get("input", ""))) or folder.name


def _layers(layer: LayerCollection) -> Generator[LayerCollection, None, None]:
    yield layer
    for child in layer.children:
        yield from _layers(child)


class _Import:
    def __init__(self, folder: Path, result: Result, name: str, collection: Collection) -> None:
        self.folder, self.result, self.name, self.collection = folder, result, name, collection

    def slices(self) -> Slices:
        root = bpy.data.objects.new(self.name, None)
        root.empty_display_type = "PLAIN_AXES"
        self.root = root
        self.collection.objects.link(root)
        values = provenance(self.folder, self.result)
        label(root, values)
        label(self.collection, values)
        meshes = []
        steps = {
            "mesh": self._meshes,
            "point_cloud": self._cloud,
            "cameras": self._cameras,
            "orthophoto_preview": self._orthophoto,
        }
        for kind, step in steps.items():
            asset = self.result.main(kind)
            if asset is not None:
                yield kind.replace("_", " ")
                meshes += (yield from step(asset)) or []
        return Arrival(collection=self.collection, root=root, meshes=tuple(meshes))

    def _path(self, asset: Asset) -> Path:
        path = self.folder / asset.path
        if not path.exists():
            raise bad_input(f"{path} is missing", "run the job again, or choose a whole job folder")
        return path

    def _child(self, made: Object, collection: Collection) -> Object:
        if made.name not in collection.objects:
            collection.objects.link(made)
        made.parent = self.root
        return made

    def _part(self, what: str) -> Collection:
        part = bpy.data.collections.new(f"{self.name} {what}")
        self.collection.children.link(part)
        return part

    def _hide(self, part: Collection) -> None:
        """Closed eye in the outliner, and not rendered: the part lies on the mesh."""
        part.hide_render = True
        for view_layer in bpy.context.scene.view_layers:
            for layer in _layers(view_layer.layer_collection):
                if layer.collection == part:
                    layer.hide_viewport = True

    def _meshes(self, asset: Asset) -> Generator[str, None, list[Object]]:
        made = []
        for source in read_glb(self._path(asset)):
            yield f"mesh of {len(source.triangles)} faces"
            mesh = build_mesh(f"{self.name} Mesh", source)
            yield "texture"
            if source.image is not None:
                mesh.materials.append(textured(f"{self.name} Wall", packed_image(f"{self.name} Texture", source.image)))
            else:
                mesh.materials.append(plain(f"{self.name} Wall"))
            made.append(self._child(bpy.data.objects.new(f"{self.name} Mesh", mesh), self.collection))
        return made

    def _cloud(self, asset: Asset) -> Generator[str, None, None]:
        cloud = read_ply(self._path(asset))
        yield f"{len(cloud.positions)} points"
        part = self._part("Points")
        self._child(build_cloud(f"{self.name} Points", cloud, part), part)
        self._hide(part)

    def _cameras(self, asset: Asset) -> Generator[str, None, None]:
        sources = read_transforms(self._path(asset))
        part = self._part("Cameras")
        size = FRUSTUM_PART * _usual_distance(sources)
        waiting = iter(sources)
        done = 0
        while batch := list(islice(waiting, CAMERAS_A_SLICE)):
            for source in batch:
                self._child(build_camera(source, size), part)
            done += len(batch)
            yield f"{done} of {len(sources)} cameras"

    def _orthophoto(self, asset: Asset) -> Generator[str, None, None]:
        tiff = self.result.main("orthophoto")
        if tiff is None:
            return
        place = read_placement(self.folder, tiff)
        image = bpy.data.images.load(str(self._path(asset)), check_existing=True)
        yield "orthophoto"
        part = self._part("Orthophoto")
        mesh = build_rectangle(f"{self.name} Orthophoto", place.x_min, place.x_max, place.z_min, place.z_max)
        mesh.materials.append(textured(f"{self.name} Orthophoto", image, alpha=True))
        self._child(bpy.data.objects.new(f"{self.name} Orthophoto", mesh), part)
        self._hide(part)


def _usual_distance(cameras: list[PinholeCamera]) -> float:
    """Median distance of the cameras from the wall at y = 0."""
    if not cameras:
        return 1.0
    return max(float(np.median([abs(camera.world_from_camera[1, 3]) for camera in cameras])), 1e-3)
