"""Cut the tiles of a generated sheet: by SAM 2 where it is installed, else by their ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress
from ....masks import Box, Hints
from ....models.segmenters import load_prompted_model, outline_prompted
from ....views import cut_tiles
from ...weights import Segmenter


def outliner_of(segmenter: Segmenter) -> Path | None:
    """The weights that outline tiles; None where the segmenter is not SAM 2."""
    return segmenter.folder if segmenter.name == "sam2" else None


def cut_sheet(sheet: NDArray[np.float32], weights: Path | None, report: Progress) -> NDArray[np.float32]:
    """The sheet (h, w, 3) as RGBA with each tile's object cut out of its ground.

    weights: folder of SAM 2, or None. Raises bad input where a tile has no even ground or shows nothing.
    """
    opaque = np.dstack([sheet, np.ones(sheet.shape[:2], np.float32)]).astype(np.float32)
    if weights is None:
        cut, notes = cut_tiles(opaque)
    else:
        model = load_prompted_model(weights, report)

        def outline(tile: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
            left, top, right, bottom = (float(side) for side in box)
            found, window = outline_prompted(tile, Hints(box=(left, top, right, bottom)), model)
            alpha = np.zeros(tile.shape[:2], np.float32)
            alpha[window[1] : window[3], window[0] : window[2]] = found
            return alpha

        cut, notes = cut_tiles(opaque, outline=outline)
    for note in notes:
        report.note(note)
    return cut
