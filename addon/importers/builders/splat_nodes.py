"""Rendering of splats: geometry nodes that place an ellipsoid on each splat, and a material that fades it like a Gaussian.

In renders a splat is an ellipsoid of three standard deviations whose alpha along a ray is opacity exp(-d^2/2), d being the
ray's least distance from the centre in the splat's own space: what splatting computes in the picture plane, here per ray.
In the viewport, many splats are points; the modifier's inputs change that.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import GeometryNodeTree, Material

COLOUR, OPACITY, SCALE, ROTATION = "Col", "opacity", "scale", "rotation"

EXTENT = 3.0  # standard deviations at which a splat ends
THINNEST = 0.01  # of the splat's largest size: a flat object has no inverse, which the material needs
POINT_SIZE = 1.4  # of the middle size: points that close the gaps between them, as faded ellipsoids do
FAINTEST = 0.02  # opacity; what is fainter costs time and is not seen
NODE_GAP = 190


class _Tree:
    """Build a node tree from left to right."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.column = 0

    def node(self, kind: str, row: int = 0, /, **settings: Any) -> Any:
        made = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(made, name, value)
        made.location = (self.column * NODE_GAP, -row * 170)
        self.column += row == 0
        return made

    def link(self, output: Any, target: Any) -> None:
        self.tree.links.new(output, target)

    def maths(self, operation: str, first: Any, second: Any = None, row: int = 0) -> Any:
        return self._operated("ShaderNodeMath", operation, first, second, row)

    def vectors(self, operation: str, first: Any, second: Any = None, row: int = 0) -> Any:
        made = self._operated("ShaderNodeVectorMath", operation, first, second, row, output=None)
        return made.outputs["Value" if operation in ("DOT_PRODUCT", "LENGTH") else "Vector"]

    def _operated(self, kind: str, operation: str, first: Any, second: Any, row: int, output: int | None = 0) -> Any:
        made = self.node(kind, row, operation=operation)
        for socket, value in zip(made.inputs, (first, second), strict=False):
            if isinstance(value, int | float | tuple):
                socket.default_value = value
            elif value is not None:
                self.link(value, socket)
        return made if output is None else made.outputs[output]


def splat_nodes(name: str, *, ellipsoids_in_viewport: bool) -> GeometryNodeTree:
    """Make the node group for an object whose vertices are splats."""
    group: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    group.is_modifier = True
    face = group.interface
    face.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    face.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    size = face.new_socket("Size", in_out="INPUT", socket_type="NodeSocketFloat")
    size.default_value, size.min_value, size.max_value = 1.0, 0.0, 10.0
    size.description = "Enlarge or reduce every splat"
    faintest = face.new_socket("Faintest", in_out="INPUT", socket_type="NodeSocketFloat")
    faintest.default_value, faintest.min_value, faintest.max_value = FAINTEST, 0.0, 1.0
    faintest.description = "Leave out splats of less opacity"
    shaped = face.new_socket("Ellipsoids in Viewport", in_out="INPUT", socket_type="NodeSocketBool")
    shaped.default_value = ellipsoids_in_viewport
    shaped.description = "True shapes in the viewport too: slow for many splats. Renders always have them"
    _fill(_Tree(group), name)
    return group


def _fill(tree: _Tree, name: str) -> None:
    given = tree.node("NodeGroupInput")
    seen = tree.maths("GREATER_THAN", _named(tree, OPACITY, "FLOAT", 1), given.outputs["Faintest"])

    scale = _named(tree, SCALE, "FLOAT_VECTOR", 1)
    parts = tree.node("ShaderNodeSeparateXYZ")
    tree.link(scale, parts.inputs[0])
    largest = tree.maths("MAXIMUM", tree.maths("MAXIMUM", parts.outputs[0], parts.outputs[1]), parts.outputs[2])
    thick = tree.vectors("MAXIMUM", scale, tree.maths("MULTIPLY", largest, THINNEST))
    sized = tree.vectors("MULTIPLY", thick, given.outputs["Size"])

    ball = tree.node("GeometryNodeMeshIcoSphere", 1)
    ball.inputs["Radius"].default_value, ball.inputs["Subdivisions"].default_value = EXTENT, 2
    painted = tree.node("GeometryNodeSetMaterial", 1)
    painted.inputs["Material"].default_value = gaussian_material(name)
    tree.link(ball.outputs["Mesh"], painted.inputs["Geometry"])
    placed = tree.node("GeometryNodeInstanceOnPoints")
    tree.link(given.outputs["Geometry"], placed.inputs["Points"])
    tree.link(seen, placed.inputs["Selection"])
    tree.link(painted.outputs["Geometry"], placed.inputs["Instance"])
    tree.link(_named(tree, ROTATION, "QUATERNION", 2), placed.inputs["Rotation"])
    tree.link(sized, placed.inputs["Scale"])

    # The middle one of three sizes: their sum without the largest and the smallest.
    smallest = tree.maths("MINIMUM", tree.maths("MINIMUM", parts.outputs[0], parts.outputs[1], 3), parts.outputs[2], 3)
    total = tree.vectors("DOT_PRODUCT", scale, (1.0, 1.0, 1.0), 3)
    middle = tree.maths("SUBTRACT", tree.maths("SUBTRACT", total, largest, 3), smallest, 3)
    radius = tree.maths("MULTIPLY", tree.maths("MULTIPLY", middle, POINT_SIZE, 3), given.outputs["Size"], 3)
    dots = tree.node("GeometryNodeMeshToPoints", 3)
    tree.link(given.outputs["Geometry"], dots.inputs["Mesh"])
    tree.link(seen, dots.inputs["Selection"])
    tree.link(radius, dots.inputs["Radius"])
    coloured = tree.node("GeometryNodeSetMaterial", 3)
    coloured.inputs["Material"].default_value = point_material(f"{name} Points")
    tree.link(dots.outputs["Points"], coloured.inputs["Geometry"])

    window = tree.node("GeometryNodeIsViewport", 2)
    plain = tree.node("FunctionNodeBooleanMath", 2, operation="NIMPLY")
    tree.link(window.outputs[0], plain.inputs[0])
    tree.link(given.outputs["Ellipsoids in Viewport"], plain.inputs[1])
    choice = tree.node("GeometryNodeSwitch", input_type="GEOMETRY")
    tree.link(plain.outputs[0], choice.inputs["Switch"])
    tree.link(placed.outputs["Instances"], choice.inputs["False"])
    tree.link(coloured.outputs["Geometry"], choice.inputs["True"])
    tree.link(choice.outputs["Output"], tree.node("NodeGroupOutput").inputs["Geometry"])


def _named(tree: _Tree, attribute: str, kind: str, row: int) -> Any:
    """Add a named attribute and return its output: the first enabled socket of the node."""
    node = tree.node("GeometryNodeInputNamedAttribute", row, data_type=kind)
    node.inputs["Name"].default_value = attribute
    return next(output for output in node.outputs if output.enabled)


def _unlit(name: str) -> tuple[Material, _Tree]:
    """Make an empty emissive material: the colours of splats already include the light of the photos."""
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # always there from Blender 5.0 on
        material.use_nodes = True
    material.node_tree.nodes.clear()
    cycles: Any = getattr(material, "cycles", None)
    if cycles is not None:
        cycles.emission_sampling = "NONE"  # a lamp for every splat would be sampled otherwise
    return material, _Tree(material.node_tree)


def point_material(name: str) -> Material:
    """Make a material for points in the splats' colours."""
    material, tree = _unlit(name)
    colour = tree.node("ShaderNodeAttribute", attribute_name=COLOUR)
    light = tree.node("ShaderNodeEmission")
    tree.link(colour.outputs["Color"], light.inputs["Color"])
    tree.link(light.outputs[0], tree.node("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def gaussian_material(name: str) -> Material:
    """Make a material for ellipsoids in the splat's frame that fades them like a Gaussian."""
    material, tree = _unlit(name)
    place = tree.node("ShaderNodeTexCoord").outputs["Object"]
    eye = tree.node("ShaderNodeVectorTransform", 1, vector_type="VECTOR", convert_from="WORLD", convert_to="OBJECT")
    surface = tree.node("ShaderNodeNewGeometry", 2)
    tree.link(surface.outputs["Incoming"], eye.inputs["Vector"])
    along = tree.vectors("NORMALIZE", eye.outputs["Vector"])
    # Pythagoras: the ray's least distance from the centre, squared.
    reach = tree.vectors("DOT_PRODUCT", place, place)
    forward = tree.vectors("DOT_PRODUCT", place, along, 1)
    distance = tree.maths("SUBTRACT", reach, tree.maths("MULTIPLY", forward, forward, 1))
    fall = tree.maths("EXPONENT", tree.maths("MULTIPLY", distance, -0.5))
    opacity = tree.node("ShaderNodeAttribute", 1, attribute_type="INSTANCER", attribute_name=OPACITY)
    front = tree.maths("SUBTRACT", 1.0, surface.outputs["Backfacing"], 2)  # a ray meets each ellipsoid twice
    alpha = tree.maths("MULTIPLY", tree.maths("MULTIPLY", fall, opacity.outputs["Fac"]), front)
    colour = tree.node("ShaderNodeAttribute", 1, attribute_type="INSTANCER", attribute_name=COLOUR)
    light = tree.node("ShaderNodeEmission", 1)
    tree.link(colour.outputs["Color"], light.inputs["Color"])
    mixed = tree.node("ShaderNodeMixShader")
    tree.link(alpha, mixed.inputs[0])
    tree.link(tree.node("ShaderNodeBsdfTransparent", 2).outputs[0], mixed.inputs[1])
    tree.link(light.outputs[0], mixed.inputs[2])
    tree.link(mixed.outputs[0], tree.node("ShaderNodeOutputMaterial").inputs["Surface"])
    return material
