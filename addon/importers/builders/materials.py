"""Materials of imported results: one Principled BSDF with image nodes, for Cycles, EEVEE and glTF."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import bpy
import numpy as np
from bpy.types import Image, Material
from numpy.typing import NDArray

from ..readers.glb import GlbImage

# The exporter looks for a group of this name too, its older one. Under the newer one, "glTF Material Output", Blender's own
# importer expects sockets that change from version to version, and fails where the group that it finds lacks one.
OUTPUT_GROUP = "glTF Settings"

MEAN_PX = 32  # side of the reduced copy whose pixels are averaged

Colour = tuple[float, float, float]
GREY: Colour = (0.8, 0.8, 0.8)  # of Blender's own new materials


def packed_image(name: str, source: GlbImage, *, colour: bool = True) -> Image:
    """Make an image packed into the .blend, with the bytes of the GLB unchanged."""
    image = bpy.data.images.new(name, 1, 1)
    image.pack(data=source.data, data_len=len(source.data))
    image.source = "FILE"
    image.colorspace_settings.name = "sRGB" if colour else "Non-Color"
    return image


def mean_colour(source: GlbImage) -> Generator[str, None, Colour]:
    """Return the mean colour of an image in linear light, weighted by opacity: decoded and reduced in a step each.

    A copy is reduced before it is read: all pixels of a large texture as floats would take seconds and gigabytes.
    """
    copy = packed_image("mean colour", source)
    try:
        if not all(copy.size):
            return GREY  # this Blender can not decode it
        yield "mean of the texture"
        copy.scale(MEAN_PX, MEAN_PX)
        pixels = np.empty(4 * MEAN_PX * MEAN_PX, np.float32)
        copy.pixels.foreach_get(pixels)
    finally:
        bpy.data.images.remove(copy)
    return mean_of(pixels.reshape(-1, 4)[:, :3], pixels[3::4])


def mean_of(colours: NDArray[Any], weights: NDArray[Any] | None = None) -> Colour:
    """Return the weighted mean in linear light of (n, 3) sRGB colours from 0 to 1."""
    if len(colours) == 0 or (weights is not None and float(weights.sum()) <= 0.0):
        return GREY
    low, high = colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4  # IEC 61966-2-1
    red, green, blue = np.average(np.where(colours <= 0.04045, low, high), axis=0, weights=weights)
    return float(red), float(green), float(blue)


def show_in_solid(material: Material, colour: Colour) -> None:
    """Set the colour that the viewport's Solid shading draws, which knows nothing of nodes."""
    material.diffuse_color = (*colour, 1.0)
    material.roughness = 1.0


def _principled(name: str) -> tuple[Material, Any]:
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # always there from Blender 5.0 on
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Roughness"].default_value = 1.0  # plaster and stone are matt
    return material, shader


def plain(name: str) -> Material:
    return _principled(name)[0]


def textured(name: str, image: Image, *, alpha: bool = False, hard: bool = False) -> Material:
    """Make a matt surface with an image. With `alpha`, transparent pixels are holes; with `hard`, all below half opacity are."""
    material, shader = _principled(name)
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.location = (shader.location.x - 340, shader.location.y)
    tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    if alpha:
        texture.extension = "CLIP"
        opacity: Any = texture.outputs["Alpha"]
        if hard:
            cut: Any = tree.nodes.new("ShaderNodeMath")
            cut.operation = "ROUND"  # the exporter writes this as alpha mode MASK
            cut.location = (shader.location.x - 170, shader.location.y - 160)
            tree.links.new(opacity, cut.inputs[0])
            opacity = cut.outputs[0]
        tree.links.new(opacity, shader.inputs["Alpha"])
    tree.nodes.active = texture  # used by baking and by the viewport's texture mode
    return material


def add_normals(material: Material, image: Image) -> None:
    """Add a normal map."""
    tree: Any = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    texture, turned = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeNormalMap")
    texture.image = image
    texture.location, turned.location = (shader.location.x - 580, -340), (shader.location.x - 240, -340)
    tree.links.new(texture.outputs["Color"], turned.inputs["Color"])
    tree.links.new(turned.outputs["Normal"], shader.inputs["Normal"])


def add_occlusion(material: Material, image: Image) -> None:
    """Add an occlusion map for GLB export; Blender's renderers do not use it."""
    tree: Any = material.node_tree
    group: Any = bpy.data.node_groups.get(OUTPUT_GROUP)
    if group is None:
        group = bpy.data.node_groups.new(OUTPUT_GROUP, "ShaderNodeTree")
        group.interface.new_socket("Occlusion", in_out="INPUT", socket_type="NodeSocketFloat")
    texture, parts, output = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexImage", "SeparateColor", "Group"))
    texture.image, output.node_tree = image, group
    texture.location, parts.location, output.location = (-580, -640), (-240, -640), (0, -640)
    tree.links.new(texture.outputs["Color"], parts.inputs["Color"])
    tree.links.new(parts.outputs["Red"], output.inputs["Occlusion"])


def coloured_points(name: str, attribute: str) -> Material:
    """Make a material with the colours of an attribute."""
    material, shader = _principled(name)
    tree = material.node_tree
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = attribute
    colour.location = (shader.location.x - 240, shader.location.y)
    tree.links.new(colour.outputs["Color"], shader.inputs["Base Color"])
    return material
