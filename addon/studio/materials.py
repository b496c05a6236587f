"""Materials of the studio."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import Image, Material


def matt(name: str, colour: tuple[float, float, float], *, roughness: float = 0.9, emission: float = 0.0) -> Material:
    """Make a surface of one colour; `emission` lets it glow."""
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # always there from Blender 5.0 on
        material.use_nodes = True
    shader = principled(material)
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Emission Color"].default_value = (*colour, 1.0)
    shader.inputs["Emission Strength"].default_value = emission
    return material


def photo(name: str, image: Image) -> Material:
    """Make a surface that shows a photo and glows a little, so that it is visible in shadow."""
    material = matt(name, (1.0, 1.0, 1.0), emission=0.55)
    tree: Any = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    for socket in ("Base Color", "Emission Color"):
        tree.links.new(texture.outputs["Color"], principled(material).inputs[socket])
    return material


def principled(material: Material) -> Any:
    """Return the material's Principled BSDF."""
    tree: Any = material.node_tree
    return next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
