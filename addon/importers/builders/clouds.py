"""Point clouds: Blender's PointCloud where Python can make one, else a mesh of vertices."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Object
from numpy.typing import NDArray

from ..readers.ply import PointCloud
from .materials import coloured_points, mean_of, show_in_solid
from .meshes import build_points

COLOURS = "Col"
SAMPLE = 20_000  # points that the mean colour is taken from


def point_radius(positions: NDArray[np.float32]) -> float:
    """Return half the distance between neighbours of (n, 3) points, spread over the two larger sides of their box."""
    if len(positions) < 2:
        return 0.01
    low, high = np.percentile(positions, [2, 98], axis=0)
    sides = np.sort(high - low)[1:]
    return float(max(0.25 * np.sqrt(np.prod(sides) / len(positions)), 1e-6))


def build_cloud(name: str, cloud: PointCloud, collection: Collection) -> Object:
    """Make an object in `collection`, coloured by the attribute `Col`. The collection must be visible."""
    made = _resized(name, cloud, collection) or _converted(name, cloud, collection)
    data = made.data
    if data.id_type != "MESH":
        radius = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
        radius.data.foreach_set("value", np.full(len(cloud.positions), point_radius(cloud.positions), dtype=np.float32))
    if cloud.colours is not None:
        colour = data.attributes.get(COLOURS) or data.attributes.new(COLOURS, "BYTE_COLOR", "POINT")
        colour.data.foreach_set("color_srgb", np.ascontiguousarray(cloud.colours).ravel())
    material = coloured_points(name, COLOURS)
    if cloud.colours is not None:
        sample = cloud.colours[:: 1 + len(cloud.colours) // SAMPLE]
        show_in_solid(material, mean_of(sample[:, :3]))
    data.materials.append(material)
    return made


def _resized(name: str, cloud: PointCloud, collection: Collection) -> Object | None:
    """Make a PointCloud of the right size: Blender 5.1 and later."""
    data = bpy.data.pointclouds.new(name)
    if not hasattr(data, "resize"):
        bpy.data.pointclouds.remove(data)
        return None
    data.resize(len(cloud.positions))
    position = data.attributes.get("position") or data.attributes.new("position", "FLOAT_VECTOR", "POINT")
    position.data.foreach_set("vector", cloud.positions.ravel())
    made = bpy.data.objects.new(name, data)
    collection.objects.link(made)
    return made


def _converted(name: str, cloud: PointCloud, collection: Collection) -> Object:
    """Make a mesh of vertices and convert it to a PointCloud: Blender 4.5 and 5.0 can, 4.2 can not."""
    mesh = build_points(name, cloud.positions)
    made = bpy.data.objects.new(name, mesh)
    collection.objects.link(made)
    convert: Any = bpy.ops.object.convert
    targets = convert.get_rna_type().properties["target"].enum_items.keys()
    chosen: dict[str, Any] = {
        "active_object": made,
        "object": made,
        "selected_objects": [made],
        "selected_editable_objects": [made],
    }
    with bpy.context.temp_override(**chosen):
        if "POINTCLOUD" in targets and convert.poll():
            convert(target="POINTCLOUD")
    if mesh.users == 0:
        bpy.data.meshes.remove(mesh)
        made.data.name = name
    return made
