"""The recipes: each reads like its paper, one line a stage. Here is only what the doors need to know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract import (
    CUT_QUALITIES,
    ELEMENT_QUALITIES,
    SCAN_QUALITIES,
    WALL_QUALITIES,
    CutMuralOptions,
    ElementOptions,
    ScanOptions,
    WallOptions,
)


@dataclass(frozen=True)
class Entry:
    """Where a recipe is and what it takes, without the cost of importing its subjects."""

    module: str  # offers RECIPE
    options: type[Any]
    qualities: Mapping[str, Any]  # options by the names of --quality


RECIPES: dict[str, Entry] = {
    "wall": Entry("grotto.recipes.wall", WallOptions, WALL_QUALITIES),
    "scan": Entry("grotto.recipes.scan", ScanOptions, SCAN_QUALITIES),
    "cut": Entry("grotto.recipes.cut", CutMuralOptions, CUT_QUALITIES),
    "element": Entry("grotto.recipes.element", ElementOptions, ELEMENT_QUALITIES),
}
