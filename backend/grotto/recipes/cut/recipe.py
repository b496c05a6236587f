"""The recipe `cut`: a whole mural becomes a set of its elements, each with soft alpha, as 3DSynBrush made its CME set.

Equation 1 of the paper: resize, divide, segment. Then each element is cut out of the mural at its full size.
"""

from __future__ import annotations

from pathlib import Path

from ...contract import UNKNOWN_CLASS, Asset, Result
from ...contract.recipes import CutMuralOptions
from ...runner import Recipe, Run, Stage
from ..weights import resolve_segmenter
from .collect import ElementSet, forecast_set, make_element_set
from .find import find_mural_elements, forecast_find, gpu_of_find

FIND = Stage("find", "Looking for elements", find_mural_elements, version=4, share=5, forecast=forecast_find, gpu=gpu_of_find)
SET = Stage("cut", "Cutting out the elements", make_element_set, version=1, share=5, forecast=forecast_set)


def cut(source: Path, options: CutMuralOptions, run: Run) -> Result:
    """A picture of a mural in; its elements, a sheet of thumbnails and a list out."""
    run.plan(FIND, SET)
    segmenter = resolve_segmenter(options.find.segmenter, options.find.segmenter_folder)
    found = run(FIND, source, segmenter.name, segmenter.folder, options.find)
    made = run(SET, source, found, options.set)
    folder = run.relative(made.folder)
    listed = [element.to_facts(folder) for element in made.elements]
    return Result(
        recipe="cut",
        assets=(
            Asset(kind="dataset", path=folder, frame="mural", units="px"),
            Asset(kind="preview", path=f"{folder}/{made.sheet}", role=""),
        ),
        facts={"mural_px": [found.width, found.height], "elements": listed, "cut_out_by": found.way},
        models=segmenter.models,
        engines={"segmenter": found.way},
        notes=_no_classes(made),
    )


def _no_classes(made: ElementSet) -> tuple[str, ...]:
    if any(element.label != UNKNOWN_CLASS for element in made.elements):
        return ()
    return (
        "The classes of the elements are unknown: they need a model, your own from grotto train segmenter or mask2former "
        "(weights for non-commercial use only)",
    )


RECIPE = Recipe("cut", CutMuralOptions, cut)
