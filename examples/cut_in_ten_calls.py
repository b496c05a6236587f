"""Cut a mural into its elements by calling the stages of the recipe one after another, as in a notebook: no job, no runner.

    .venv/bin/python examples/cut_in_ten_calls.py mural.png out/elements

Each stage is a function of its inputs, its options, a folder and a progress; it writes files into the folder and returns
an artefact that describes them. `grotto run cut` calls the same functions.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grotto.contract import Silent
from grotto.contract.recipes import CUT_QUALITIES, CutMuralOptions
from grotto.recipes.cut import find_mural_elements, make_element_set
from grotto.recipes.weights import resolve_segmenter


def cut_mural(source: Path, out: Path, options: CutMuralOptions = CUT_QUALITIES["standard"]) -> list[Path]:
    """Find the elements of a picture and cut each out with soft alpha; return the paths of their pictures."""
    report = Silent()  # takes progress and notes; your own class can show them
    for name in ("find", "set"):
        (out / name).mkdir(parents=True)
    segmenter = resolve_segmenter(options.find.segmenter, options.find.segmenter_folder)
    found = find_mural_elements(source, segmenter.name, segmenter.folder, options.find, out / "find", report)
    elements = make_element_set(source, found, options.set, out / "set", report)
    return [elements.folder / element.picture for element in elements.elements]


if __name__ == "__main__":
    sys.stdout.write("\n".join(str(path) for path in cut_mural(Path(sys.argv[1]), Path(sys.argv[2]))) + "\n")
