"""The parts of a result that overlap in the scene: list them, and show one of them."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import bpy
from bpy.types import Collection, LayerCollection, Object

from ...backend.grotto.contract import Asset, Result

PART = "grotto_part"  # on an object: path of the file that it came from
LAYER = "grotto_layer"  # on an object that is one of several from one file: its name
PARTS = "grotto_parts"  # on the root: what can be shown, as JSON

_LABELS = {"mesh": "Mesh", "splats": "Splats", "point_cloud": "Points", "orthophoto_preview": "Orthophoto"}


@dataclass(frozen=True)
class ResultPart:
    """A file of a result that can be shown alone."""

    path: str  # of the asset, relative to the job folder
    kind: str
    label: str


def is_collider(asset: Asset) -> bool:
    """Whether the file is a body for physics, which is not shown alone."""
    return asset.kind == "mesh" and asset.role.startswith("collider")


def parts_of_result(result: Result) -> list[ResultPart]:
    """List main mesh, levels of detail, splats, points and orthophoto, in this order."""
    found = []
    for kind, label in _LABELS.items():
        main = result.main(kind)
        for asset in result.assets:
            if asset.kind == kind and (
                asset is main or (kind == "mesh" and asset.path.endswith(".glb") and not is_collider(asset))
            ):
                name = label if asset is main else asset.role.replace("_", " ").capitalize() or label
                name = f"LOD {asset.role[3:]}" if asset.role.startswith("lod") else name
                found.append(ResultPart(path=asset.path, kind=kind, label=name))
    return found


def parts_text(parts: Iterable[ResultPart]) -> str:
    return json.dumps([asdict(part) for part in parts], ensure_ascii=False)


def parts_of(root: Object) -> list[ResultPart]:
    """List the parts of a root; some may not be imported yet."""
    custom: Any = root
    return [ResultPart(**part) for part in json.loads(custom.get(PARTS, "[]"))]


def objects_of(root: Object, path: str) -> list[Object]:
    """Return the imported objects of a part."""
    return [item for item in root.children if item.get(PART) == path]


def layers(layer: LayerCollection) -> Generator[LayerCollection, None, None]:
    yield layer
    for child in layer.children:
        yield from layers(child)


def set_shown(item: Object, shown: bool) -> None:
    """Show or hide an object, in the viewport and in renders.

    A part in a collection of its own is shown and hidden with the collection, as a click in the outliner does.
    """
    collections: Any = item.users_collection
    for collection in collections:
        if PART in collection:
            _set_collection(collection, shown)
            return
    item.hide_set(not shown)
    item.hide_render = not shown


def _set_collection(collection: Collection, shown: bool) -> None:
    collection.hide_render = not shown
    for view_layer in bpy.context.scene.view_layers:
        for layer in layers(view_layer.layer_collection):
            if layer.collection == collection:
                layer.hide_viewport = not shown


def show_only(root: Object, path: str) -> None:
    """Show one part and hide the others; cameras do not change."""
    for part in parts_of(root):
        for item in objects_of(root, part.path):
            set_shown(item, part.path == path)


def is_shown(root: Object, path: str) -> bool:
    found = objects_of(root, path)
    return bool(found) and all(item.visible_get() for item in found)
