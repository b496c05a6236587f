"""An element's part of its picture, at the size at which its outline and its relief are found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...masks import Box, box_slices, fitted, padded_box
from .tracing import Curve, trace_outline

_WORK_PX = 800  # longer side: the outline is known to a fraction of a pixel
_MARGIN_PX = 4


@dataclass(frozen=True, kw_only=True)
class WorkingCut:
    """The element's part of the picture at working size."""

    colour: NDArray[np.float32]  # (h, w, 3) sRGB's values, 0 to 1
    alpha: NDArray[np.float32]  # (h, w)
    left: int  # px of the whole picture
    top: int
    scale: float  # working pixels for one of the picture's

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """The outline in working pixels, traced once. Raises bad input where nothing is cut out."""
        return trace_outline(self.alpha)

    @property
    def longest_px(self) -> float:
        """The longer side of the outline's bounding box, working pixels."""
        return float(max(np.ptp(np.concatenate(list(self.curves)), axis=0)))

    def in_picture(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places (n, 2) in working pixels as places in the whole picture, px."""
        return np.asarray(places / self.scale + np.array([self.left, self.top]), np.float64)

    def from_picture(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places (n, 2) in the whole picture, px, in working pixels."""
        return np.asarray((places - np.array([self.left, self.top])) * self.scale, np.float64)

    def box_from_picture(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a box of the whole picture, px, in working pixels."""
        (left, top), (right, bottom) = self.from_picture(np.array(box, np.float64).reshape(2, 2))
        return float(left), float(top), float(right), float(bottom)

    def pixel_centres(self) -> NDArray[np.float64]:
        """(h * w, 2) working pixels, row by row."""
        rows, columns = np.mgrid[: self.alpha.shape[0], : self.alpha.shape[1]] + 0.5
        return np.stack([columns.reshape(-1), rows.reshape(-1)], axis=1)


def working_cut(colour: NDArray[np.float32], alpha: NDArray[np.float32], box: Box) -> WorkingCut:
    """The element of a picture (h, w, 3) with its opacity (h, w) and its box, with a small margin, 800 px long."""
    height, width = alpha.shape
    longer = max(box[2] - box[0], box[3] - box[1])
    window = padded_box(box, max(1, round(_MARGIN_PX * longer / _WORK_PX)), width, height)
    across, down = window[2] - window[0], window[3] - window[1]
    scale = _WORK_PX / max(across, down)
    size = max(2, round(across * scale)), max(2, round(down * scale))
    inside = box_slices(window)
    return WorkingCut(
        colour=fitted(colour[inside], *size), alpha=fitted(alpha[inside], *size), left=window[0], top=window[1], scale=scale
    )
