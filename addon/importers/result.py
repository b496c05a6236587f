"""A job's result becomes a part of the scene: one collection, one root, in slices that leave Blender alive."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Context, Material, Object
from numpy.typing import NDArray

from ...backend.grotto.contract import RESULT_FILE, Asset, Result, bad_input
from ..names import name_of_input
from ..recipes import WALL
from .builders.cameras import build_camera
from .builders.clouds import build_cloud
from .builders.materials import add_normals, add_occlusion, packed_image, plain, textured
from .builders.meshes import build_joined, build_mesh, build_rectangle
from .builders.on_wall import put_on_wall
from .builders.picture_camera import PICTURE_FRAME, build_picture_camera
from .builders.placement import read_placement
from .builders.splats import build_splats
from .parts import LAYER, PART, PARTS, ResultPart, is_collider, parts_of, parts_of_result, parts_text, set_shown
from .provenance import FOLDER, label, provenance
from .readers.glb import GlbMesh, read_glb
from .readers.ply import read_ply
from .readers.splat_ply import SplatFile
from .readers.transforms import PinholeCamera, read_transforms

CAMERAS_A_SLICE = 16
AXES_PART = 0.2  # of the mesh, as large are the root's axes
FRUSTUM_PART = 0.15  # of the cameras' usual distance from what they look at


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


def import_result(context: Context, folder: Path, name: str = "", on_wall: bool = True) -> Arrival:
    """Import in one go, for batch."""
    slices = import_slices(context, folder, name, on_wall)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value


def import_slices(context: Context, folder: Path, name: str = "", on_wall: bool = True) -> Slices:
    """Import step by step; each step says what comes next. Nothing stays behind where a step fails.

    Under one root empty, in the result's frame: mesh, splats, points, cameras, orthophoto. Of the parts that lie on one
    another the first is shown; levels of detail are imported when they are asked for. The scene's units stay as they are.
    on_wall: an element that was made for a wall takes its place there.
    """
    result = read_result(folder)
    name = name or _name_of(folder, result)
    collection = bpy.data.collections.new(name)
    context.scene.collection.children.link(collection)
    try:
        arrival = yield from _Import(folder, result, name, collection).slices()
        if on_wall:
            put_on_wall(context, arrival.root, result)
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


def import_part_slices(context: Context, root: Object, path: str) -> Slices:
    """Import one more part of a result that is in the scene, step by step. Raises ProblemError."""
    custom: Any = root
    folder, above = Path(custom[FOLDER]), custom.users_collection
    part = next((part for part in parts_of(root) if part.path == path), None)
    collection = next((item for item in above if PARTS in item), None)
    if part is None or collection is None:
        raise bad_input(f"{root.name} has no part {path}", "import the job again")
    before = set(collection.children)
    arriving = _Import(folder, read_result(folder), root.name, collection, root)
    try:
        meshes = yield from arriving.part(part)
    except BaseException:
        for child in set(collection.children) - before:
            remove(child)
        raise
    return Arrival(collection=collection, root=root, meshes=tuple(meshes))


def remove(collection: Collection) -> None:
    """Take an import out again, with everything that only it used."""
    for made in list(collection.all_objects):
        data, groups = made.data, [modifier.node_group for modifier in made.modifiers if modifier.type == "NODES"]
        bpy.data.objects.remove(made)
        unused = [item for item in (data, *groups) if item is not None and item.users == 0]
        if unused:
            bpy.data.batch_remove(unused)
    for child in list(collection.children_recursive):
        bpy.data.collections.remove(child)
    bpy.data.collections.remove(collection)


def _name_of(folder: Path, result: Result) -> str:
    return name_of_input(str(result.job.get("request", {}).get("input", ""))) or folder.name


class _Import:
    def __init__(self, folder: Path, result: Result, name: str, collection: Collection, root: Object | None = None) -> None:
        self.folder, self.result, self.name, self.collection = folder, result, name, collection
        self.root = root or bpy.data.objects.new(name, None)
        self.middle = np.zeros(3)  # of what was imported first: where the cameras look

    def slices(self) -> Slices:
        root = self.root
        root.empty_display_type = "PLAIN_AXES"
        self.collection.objects.link(root)
        parts = parts_of_result(self.result)
        values = provenance(self.folder, self.result) | {PARTS: parts_text(parts)}
        label(root, values)
        label(self.collection, values)
        meshes: list[Object] = []
        shown = False
        for part in parts:
            asset = self.result.main(part.kind)
            if asset is None or asset.path != part.path:
                continue  # a level of detail
            yield part.label.lower()
            made = yield from self.part(part)
            for item in made:
                set_shown(item, not shown)
            meshes += made if part.kind == "mesh" else []
            shown = shown or bool(made)
        for asset in filter(is_collider, self.result.assets):
            yield "collider"
            self._collider(asset)
        cameras = self.result.main("cameras")
        if cameras is not None:
            yield "cameras"
            yield from self._cameras(cameras)
        if PICTURE_FRAME in self.result.facts:
            yield "the picture's camera"
            self._child(build_picture_camera(f"{self.name} Picture", self.result, self._path), self.collection)
        if meshes:
            root.empty_display_size = AXES_PART * float(np.max(np.array(meshes[0].dimensions))) or 1.0
        return Arrival(collection=self.collection, root=root, meshes=tuple(meshes))

    def part(self, part: ResultPart) -> Generator[str, None, list[Object]]:
        """Import one part; its objects."""
        path = self._path(part.path)
        steps = {
            "mesh": self._meshes, "splats": self._splats, "point_cloud": self._cloud, "orthophoto_preview": self._orthophoto,
        }  # fmt: skip
        made: list[Object] = yield from steps[part.kind](part, path)
        for item in made:
            custom: Any = item
            custom[PART] = part.path
        return made

    def _path(self, relative: str) -> Path:
        path = self.folder / relative
        if not path.exists():
            raise bad_input(f"{path} is missing", "run the job again, or choose a whole job folder")
        return path

    def _child(self, made: Object, collection: Collection) -> Object:
        if made.name not in collection.objects:
            collection.objects.link(made)
        made.parent = self.root
        return made

    def _collection(self, what: str) -> Collection:
        made = bpy.data.collections.new(f"{self.name} {what}")
        self.collection.children.link(made)
        return made

    def _part_collection(self, part: ResultPart) -> Collection:
        """A collection that is shown and hidden with its part."""
        made: Any = self._collection(part.label)
        made[PART] = part.path
        return made

    def _look_at(self, positions: NDArray[np.float32]) -> None:
        if len(positions) and not self.middle.any():
            self.middle = np.median(positions, axis=0).astype(np.float64)

    def _meshes(self, part: ResultPart, path: Path) -> Generator[str, None, list[Object]]:
        main = self.result.main("mesh")
        is_main = main is not None and main.path == part.path
        collection = self.collection if is_main else self._part_collection(part)
        made = []
        sources = read_glb(path)
        names = list(dict.fromkeys(source.name for source in sources))
        for body in ([source for source in sources if source.name == name] for name in names):
            yield f"{part.label.lower()} of {sum(len(source.triangles) for source in body)} faces"
            name = f"{self.name} {part.label if len(names) == 1 else body[0].name}"
            place = body[0].place if len(names) > 1 else (0.0, 0.0, 0.0)  # layers turn and move about their own planes
            body = [replace(source, positions=source.positions - np.array(place, np.float32)) for source in body]
            mesh = build_mesh(name, body[0]) if len(body) == 1 else build_joined(name, body)
            self._look_at(body[0].positions)
            yield "texture"
            for source in body:
                mesh.materials.append(self._surface(source, alone=len(body) == 1))
            made.append(self._child(bpy.data.objects.new(name, mesh), collection))
            made[-1].location = place
            if len(names) > 1:
                layer: Any = made[-1]
                layer[LAYER] = body[0].name
        return made

    def _collider(self, asset: Asset) -> None:
        """Bodies for physics: wires in a collection of their own that is neither seen nor rendered."""
        part = ResultPart(path=asset.path, kind="mesh", label="Collider")
        collection = self._part_collection(part)
        for source in read_glb(self._path(asset.path)):
            name = f"{self.name} Collider"
            made: Any = self._child(bpy.data.objects.new(name, build_mesh(name, source)), collection)
            made[PART], made.display_type = asset.path, "WIRE"
            set_shown(made, False)

    def _surface(self, source: GlbMesh, alone: bool) -> Material:
        alone, clear = alone and source.alpha == "OPAQUE", source.alpha != "OPAQUE"
        word = self.result.recipe if alone else source.surface or self.result.recipe
        surface = f"{self.name} {word.capitalize()}"
        if source.image is None:
            return plain(surface)
        name = f"{self.name} {'Texture' if alone else word.capitalize()}"
        material = textured(surface, packed_image(name, source.image), alpha=clear, hard=source.alpha == "MASK")
        if source.normal is not None:
            add_normals(material, packed_image(f"{name} Normals", source.normal, colour=False))
        if source.occlusion is not None:
            add_occlusion(material, packed_image(f"{name} Occlusion", source.occlusion, colour=False))
        return material

    def _splats(self, part: ResultPart, path: Path) -> Generator[str, None, list[Object]]:
        collection = self._part_collection(part)
        made = yield from build_splats(f"{self.name} Splats", SplatFile(path), collection)
        return [self._child(made, collection)]

    def _cloud(self, part: ResultPart, path: Path) -> Generator[str, None, list[Object]]:
        cloud = read_ply(path)
        yield f"{len(cloud.positions)} points"
        self._look_at(cloud.positions)
        collection = self._part_collection(part)
        return [self._child(build_cloud(f"{self.name} Points", cloud, collection), collection)]

    def _cameras(self, asset: Asset) -> Generator[str, None, None]:
        sources = read_transforms(self._path(asset.path))
        collection = self._collection("Cameras")
        size = FRUSTUM_PART * self._usual_distance(sources)
        waiting = iter(sources)
        done = 0
        while batch := list(islice(waiting, CAMERAS_A_SLICE)):
            for source in batch:
                self._child(build_camera(source, size), collection)
            done += len(batch)
            yield f"{done} of {len(sources)} cameras"

    def _usual_distance(self, cameras: list[PinholeCamera]) -> float:
        """Median distance of the cameras from the wall at y = 0, or from the middle of what was scanned."""
        if not cameras:
            return 1.0
        positions = np.array([camera.world_from_camera[:3, 3] for camera in cameras])
        on_wall = self.result.recipe == WALL.name
        distances = np.abs(positions[:, 1]) if on_wall else np.linalg.norm(positions - self.middle, axis=1)
        return max(float(np.median(distances)), 1e-3)

    def _orthophoto(self, part: ResultPart, path: Path) -> Generator[str, None, list[Object]]:
        tiff = self.result.main("orthophoto")
        if tiff is None:
            return []
        place = read_placement(self.folder, tiff)
        image = bpy.data.images.load(str(path), check_existing=True)
        yield "orthophoto"
        collection = self._part_collection(part)
        mesh = build_rectangle(f"{self.name} Orthophoto", place.x_min, place.x_max, place.z_min, place.z_max)
        mesh.materials.append(textured(f"{self.name} Orthophoto", image, alpha=True))
        return [self._child(bpy.data.objects.new(f"{self.name} Orthophoto", mesh), collection)]
