"""Model a painted figure by calling the stages of the recipe one after another, as in a notebook: no job, no runner.

    .venv/bin/python examples/element_in_ten_calls.py figure.png out/figure

Each stage is a function of its inputs, its options, a folder and a progress; it writes files into the folder and returns
an artefact that describes them. `grotto run element` calls the same functions on its route relief.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grotto.contract import Silent
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions
from grotto.recipes.element import cut_element, make_element_asset
from grotto.recipes.element.relief import make_body
from grotto.recipes.weights import resolve_segmenter


def model_element(picture: Path, out: Path, options: ElementOptions = ELEMENT_QUALITIES["draft"]) -> Path:
    """Turn a picture of one figure into a textured body by way of its outline; return the path of its GLB."""
    report = Silent()  # takes progress and notes; your own class can show them
    for name in ("cut", "relief", "finish"):
        (out / name).mkdir(parents=True)
    weights = resolve_segmenter(options.cut.segmenter).folder  # None where a method without weights is used
    cut = cut_element(picture, None, weights, options.cut, out / "cut", report)
    body = make_body(cut, None, None, options.budget, options.relief, out / "relief", report)  # no depth model, no parts
    about = {"source": picture.name}  # stays with the mesh
    asset = make_element_asset(cut, body, about, options.paint, out / "finish", report)
    return asset.folder / asset.file


if __name__ == "__main__":
    sys.stdout.write(f"{model_element(Path(sys.argv[1]), Path(sys.argv[2]))}\n")
