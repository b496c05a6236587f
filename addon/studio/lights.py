"""Lights of the studio: area lights and the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.types import Collection, Object
from mathutils import Vector

from .collection import link


@dataclass(frozen=True)
class AreaLight:
    """A round area light that shines at a subject. Lengths are in units of the subject's size."""

    name: str
    offset: tuple[float, float, float]  # from the subject's middle
    diameter: float
    power: float  # watts for a subject of size 1
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)


WALL_LIGHTS = (
    AreaLight("Raking light", (-1.15, -0.42, 0.75), 0.3, 48.0, (1.0, 0.93, 0.84)),  # warm, from the upper left: shows relief
    AreaLight("Fill light", (0.7, -2.1, 0.9), 2.2, 30.0, (0.88, 0.94, 1.0)),  # broad and cool: fills the shadows
)
SUBJECT_LIGHT = AreaLight("Key light", (-1.6, -1.9, 2.6), 2.5, 70.0)  # large and soft, from the upper left


def add_area_light(studio: Collection, light: AreaLight, middle: Vector, size: float) -> Object:
    """Add a light for a subject with this middle and size, in scene units."""
    data: Any = bpy.data.lights.new(light.name, "AREA")
    data.shape = "DISK"
    data.size = light.diameter * size
    data.energy = light.power * size * size
    data.color = light.colour
    item = link(studio, light.name, data)
    offset = Vector(light.offset)
    item.location = middle + offset * size
    item.rotation_euler = (-offset).to_track_quat("-Z", "Y").to_euler()
    return item


def set_world(colour: tuple[float, float, float], strength: float = 1.0) -> None:
    """Light the scene evenly from all directions."""
    scene = bpy.context.scene
    world: Any = scene.world or bpy.data.worlds.new("Studio")
    scene.world = world
    if world.node_tree is None:
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*colour, 1.0)
    background.inputs["Strength"].default_value = strength
