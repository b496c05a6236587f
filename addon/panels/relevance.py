"""Which options count for what is chosen: the others are not shown."""

from __future__ import annotations

from typing import Any

from ...backend.grotto.contract import Leaf
from ..recipes import ELEMENT, SCAN, RecipeEntry

FROM_VIEWS = ("views", "sheet")
# Groups of an element by the routes that use them; a group that is not here counts on every route.
ROUTES: dict[str, tuple[str, ...]] = {
    "relief": ("auto", "relief"),
    "on_wall": ("auto", "relief"),
    "parting": ("auto", "relief"),
    "stack": ("auto", "relief"),
    "sheet": FROM_VIEWS,
    "orbit": FROM_VIEWS,
    "from_views": FROM_VIEWS,
    "radiance": FROM_VIEWS,
    "surface": FROM_VIEWS,
    "refine": FROM_VIEWS,
    "bake": FROM_VIEWS,
    "generator": ("model",),
    "generated": ("model",),
}
# Options and groups of an element by the shapes that use them.
SHAPES: dict[str, tuple[str, ...]] = {
    "roundness": ("figure", "slab", "layers"),
    "least_thickness": ("figure",),
    "back_depth": ("figure",),
    "detail": ("figure", "slab", "layers"),
    "thickness": ("slab", "standee"),
    "depth_weight": ("figure", "slab"),
    "on_wall": ("slab",),
    "parting": ("figure", "slab", "layers"),
    "parts": ("figure", "slab"),
    "part_step": ("figure", "slab"),
    "stack": ("layers",),
    "back": ("figure", "slab", "standee"),
}
# Groups and options of a scan by the way that uses them.
WAYS: dict[str, tuple[str, ...]] = {"radiance": ("both", "field"), "splats": ("both", "splats"), "mesh_from": ("both",)}


def is_relevant(recipe: RecipeEntry, settings: Any, leaf: Leaf) -> bool:
    """Whether an option changes the result of what is chosen in the recipe's settings."""
    names = (leaf.group, leaf.name)
    if recipe is SCAN:
        return all(settings.via in WAYS.get(name, (settings.via,)) for name in names)
    if recipe is not ELEMENT:
        return True
    if settings.route not in ROUTES.get(leaf.group, (settings.route,)):
        return False
    if settings.route not in ROUTES["relief"]:
        return leaf.name != "shape"
    if leaf.name in ("part_order", "most_parts") and settings.shape != "layers" and settings.parts == "off":
        return False
    return all(settings.shape in SHAPES.get(name, (settings.shape,)) for name in names)
