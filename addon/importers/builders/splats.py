"""Gaussian splats as an object: a mesh of vertices with the parameters as attributes, drawn by geometry nodes."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import bpy
import numpy as np
from bpy.types import Collection, Mesh, Object

from ..readers.splat_ply import SplatFile, SplatPart
from .materials import mean_of, show_in_solid
from .meshes import build_points
from .splat_nodes import COLOUR, OPACITY, ROTATION, SCALE, splat_nodes

# Each ellipsoid is an object of its own for the viewport: beyond this many, turning the view would stutter.
ELLIPSOIDS_IN_VIEWPORT = 10_000


def build_splats(name: str, source: SplatFile, collection: Collection) -> Generator[str, None, Object]:
    """Make an object in `collection`, step by step."""
    parts: list[SplatPart] = []
    for part in source.parts():
        parts.append(part)
        yield f"{sum(len(item.positions) for item in parts)} of {source.count} splats read"
    yield "places of splats"
    mesh = build_points(name, _joined([part.positions for part in parts], 3))
    made = bpy.data.objects.new(name, mesh)
    collection.objects.link(made)
    yield "colours of splats"
    _add(mesh, COLOUR, "BYTE_COLOR", "color_srgb", _joined([part.colours for part in parts], 4))
    mesh.color_attributes.active_color = mesh.color_attributes[COLOUR]
    _add(mesh, OPACITY, "FLOAT", "value", _joined([part.opacities[:, None] for part in parts], 1))
    yield "shapes of splats"
    _add(mesh, SCALE, "FLOAT_VECTOR", "vector", _joined([part.scales for part in parts], 3))
    _add(mesh, ROTATION, "QUATERNION", "value", _joined([part.rotations for part in parts], 4))
    yield "look of splats"
    modifier: Any = made.modifiers.new("Splats", "NODES")
    modifier.node_group = splat_nodes(name, ellipsoids_in_viewport=source.count <= ELLIPSOIDS_IN_VIEWPORT)
    modifier.show_expanded = True
    colours, opacities = (_joined([getattr(part, name) for part in parts], 4) for name in ("colours", "opacities"))
    colour = mean_of(colours[:, :3], opacities.ravel())
    for node in modifier.node_group.nodes:
        if node.type == "SET_MATERIAL":
            show_in_solid(node.inputs["Material"].default_value, colour)
    return made


def _joined(arrays: list[Any], width: int) -> Any:
    return np.concatenate(arrays) if arrays else np.empty((0, width), np.float32)


def _add(mesh: Mesh, name: str, kind: Any, field: str, values: Any) -> None:
    attribute: Any = mesh.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype=np.float32).ravel())
