"""Options of a body made from an outline: its shape, its place on a wall, its parts and layers, its paint."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class ReliefOptions:
    """Shape the body from the cut-out."""

    shape: str = option(
        default="figure",
        label="Shape",
        text="figure: padded front and back; slab: a bas-relief on a plate; standee: a flat cut-out with thickness; layers: "
        "its parts as a stack of cut-outs, for VR",
        choices=("figure", "slab", "standee", "layers"),
    )
    roundness: float = option(
        default=1.0,
        label="Roundness",
        text="How far the front bulges; 1 makes half a ball of a disc. Slabs take a quarter of it",
        least=0.02,
        most=3.0,
    )
    least_thickness: float = option(
        default=0.1,
        label="Minimum thickness",
        text="Smallest thickness of figures, as a part of their width; thinner ones are made rounder",
        least=0.0,
        most=1.0,
    )
    back_depth: float = option(
        default=0.6, label="Depth of the back", text="Height of the back, as a part of the front's", least=0.0, most=2.0
    )
    detail: float = option(
        default=0.15,
        label="Painted detail",
        text="Emboss dark lines inwards and light ones outwards; painted shadows are embossed too",
        least=0.0,
        most=2.0,
    )
    thickness: float = option(
        default=0.04,
        label="Thickness",
        text="Thickness of standees and slabs, as a part of the longer side",
        least=0.002,
        most=0.5,
    )
    depth_weight: float = option(
        default=0.5,
        label="Depth",
        text="Weight of a depth model in the shape of the front, where its weights are installed; 0 leaves it out",
        least=0.0,
        most=1.0,
    )
    height_m: float = option(default=1.0, label="Height", text="Real height of the element", unit="m", least=0.001, most=1000.0)


@option_group
class OnWallOptions:
    """Lay a slab onto a reconstructed wall."""

    wall: str = option(
        default="",
        label="Wall",
        text="Folder of a finished job of the recipe wall: the slab follows that wall. The picture is its orthophoto, an element "
        "that grotto cut made of it, or lies at wall_box",
        path=True,
    )
    wall_box: str = option(
        default="",
        label="Place on the wall",
        text="left,top,right,bottom of the picture in pixels of the wall's orthophoto; empty searches for it",
        unit="px",
    )


@option_group
class PartOptions:
    """Find which part of the element lies before which."""

    parts: str = option(
        default="off",
        label="Parts",
        text="auto separates parts by ink lines and colours and raises each above what it hides; off inflates the element as "
        "one piece. The shape layers always has parts",
        choices=("off", "auto"),
    )
    part_order: str = option(
        default="",
        label="Order of parts",
        text="Numbers of all parts from back to front, like 3,1,2, or the path of an edited parts.json; empty estimates it",
    )
    most_parts: int = option(default=12, label="Maximum parts", text="Largest number of parts", least=1, most=60)
    part_step: float = option(
        default=0.012,
        label="Step",
        text="Height of a part above the part it hides, as a part of the longer side",
        least=0.0,
        most=0.2,
    )


@option_group
class LayerOptions:
    """Stack the cut-outs of the shape layers."""

    layers: int = option(default=6, label="Layers", text="Largest number of layers", least=1, most=60)
    layer_gap_m: float = option(
        default=0.05, label="Layer distance", text="Distance from one layer to the next", unit="m", least=0.0, most=100.0
    )
    layer_bulge: float = option(
        default=0.25,
        label="Layer bulge",
        text="Height of a layer's middle, as a part of a figure's height; 0 leaves layers flat",
        least=0.0,
        most=1.0,
    )
    layer_under: float = option(
        default=0.08,
        label="Painted under",
        text="How far a layer is inpainted behind nearer ones, as a part of the longer side: heads may move that far",
        least=0.0,
        most=1.0,
    )
    layer_alpha: str = option(
        default="blend",
        label="Layer edges",
        text="blend: soft; mask: cut hard, for viewers that draw soft edges in the wrong order",
        choices=("blend", "mask"),
    )


@option_group
class PaintOptions:
    """Paint the sides and the back, which the picture does not show."""

    back: str = option(
        default="mirrored",
        label="Back",
        text="mirrored repeats the picture, painted keeps its colours without lines, plain is one colour",
        choices=("mirrored", "painted", "plain"),
    )
    sides_px: int = option(
        default=2048, label="Texture of sides", text="Side of the texture of sides and back", unit="px", least=64, most=16384
    )
    normals_px: int = option(
        default=1024,
        label="Normal map",
        text="Side of the front's normal map, which shades few faces like many; 0 makes none",
        unit="px",
        least=0,
        most=8192,
        zero="None",
    )
    occlusion: bool = option(default=True, label="Occlusion", text="Bake ambient occlusion of folds and gaps")
    collider: bool = option(default=True, label="Collider", text="Write a convex body of at most 64 corners for game engines")
