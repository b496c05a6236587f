"""The recipes: each reads like its paper, one line a stage. Here is only what the doors need to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import Progress
from ..contract.options import TrainOptions
from ..contract.recipes import (
    CUT_QUALITIES,
    ELEMENT_QUALITIES,
    SCAN_QUALITIES,
    WALL_QUALITIES,
    CutMuralOptions,
    ElementOptions,
    ScanOptions,
    WallOptions,
)

if TYPE_CHECKING:
    from ..models.segmenters import TrainedSegmenter


@dataclass(frozen=True)
class Entry:
    """Where a recipe is and what it takes, without the cost of importing its subjects."""

    module: str  # offers RECIPE
    options: type[Any]
    qualities: Mapping[str, Any]  # options by the names of --quality
    gpu_stages: Mapping[str, str] = field(default_factory=dict)  # that compute on a GPU: name, and the package without which not


_OF_VIEWS = {"field": "", "surface": "", "refine": "", "scores": ""}
RECIPES: dict[str, Entry] = {
    "wall": Entry("grotto.recipes.wall.recipe", WallOptions, WALL_QUALITIES, {"matches": ""}),
    "scan": Entry("grotto.recipes.scan.recipe", ScanOptions, SCAN_QUALITIES, {**_OF_VIEWS, "splats": "gsplat"}),
    "cut": Entry("grotto.recipes.cut.recipe", CutMuralOptions, CUT_QUALITIES, {"find": ""}),
    "element": Entry(
        "grotto.recipes.element.recipe", ElementOptions, ELEMENT_QUALITIES, {"cut": "", "depth": "", "generate": "", **_OF_VIEWS}
    ),
}


def train_on_sets(sets: Sequence[Path], options: TrainOptions, out: Path, report: Progress) -> TrainedSegmenter:
    """Tune a segmenter on sets of elements; networks are imported only now."""
    from .cut import train_on_sets as train

    return train(sets, options, out, report)
