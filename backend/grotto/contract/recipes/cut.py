"""The options of the recipe `cut`, and its qualities."""

from __future__ import annotations

from ..option import from_flat, group, option_group
from ..options import FindOptions, SetOptions
from .base import RecipeOptions


@option_group
class CutMuralOptions(RecipeOptions):
    """Turn a whole mural into a set of its elements, each cut out."""

    find: FindOptions = group(default_factory=FindOptions, label="Finding")
    set: SetOptions = group(default_factory=SetOptions)


CUT_QUALITIES: dict[str, CutMuralOptions] = {
    "draft": from_flat(CutMuralOptions, {"mural_px": 2048}),
    "standard": CutMuralOptions(),
    "high": from_flat(CutMuralOptions, {"mural_px": 8192, "least_element": 0.0003}),
}
