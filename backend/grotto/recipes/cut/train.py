"""`grotto train segmenter`: a Mask2Former tuned on sets that `grotto cut` made and the artist set right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...contract import ProblemError, Progress, bad_input, missing_resource
from ...contract.options import TrainOptions
from ...models.registry import MODELS, find

if TYPE_CHECKING:
    from ...models.segmenters import TrainedSegmenter

_BASE = "mask2former"


def train_on_sets(sets: Sequence[Path], options: TrainOptions, out: Path, report: Progress) -> TrainedSegmenter:
    """Read the sets, tune the base, write a folder that `segmenter_folder` names. Provenance carries the base's licence.

    Raises bad input where sets are damaged or nothing in them has a class, missing resource where the base is not there.
    """
    from ...models.segmenters import read_training_set, train_segmenter  # here, as cutting without a network needs no torch

    if not sets:
        raise bad_input("no set was named", "name one or several folders that grotto cut made")
    provenance: dict[str, Any] = {"sets": [path.name for path in sets]}
    if options.base:
        base = Path(options.base).expanduser().absolute()
        if not base.is_dir():
            raise bad_input(f"there is no folder {base}", "name a folder with a Mask2Former")
        provenance |= {"base": base.name, "licence": "that of its base"}
    else:
        try:
            weights = find(_BASE)
        except ProblemError as error:
            problem = error.problem
            raise missing_resource(problem.cause, f"{problem.remedy}; or name another Mask2Former with --base") from error
        base = weights.folder
        provenance |= {"base": _BASE, "licence": f"{MODELS[_BASE].licence}, as its base's", "sha256": weights.record.sha256}
    report(0, "reading the sets")
    examples, counts = read_training_set(sets, options.tile_px)
    return train_segmenter(examples, counts, base, options, out, provenance, report)
