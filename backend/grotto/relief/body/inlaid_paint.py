"""Colours for the sides of a figure on a plate: its own near the outline, the plate's elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outline import trace_outline
from .sides import Colours, SidePaint, side_paint

_ABOUT_PX = 5  # of the figure beyond its outline: its steep rim has its own colours


@dataclass(frozen=True, kw_only=True)
class InlaidPaint:
    """The figure's colours on and near it, the plate's elsewhere."""

    figure: SidePaint
    plate: SidePaint
    on_figure: NDArray[np.bool_]  # (h, w)

    def at(self, places: NDArray[np.floating], towards: NDArray[np.floating], back: str) -> Colours:
        """Colours (k, 3) as `SidePaint.at` gives them."""
        column = np.clip(places[:, 0].astype(np.int64), 0, self.on_figure.shape[1] - 1)
        row = np.clip(places[:, 1].astype(np.int64), 0, self.on_figure.shape[0] - 1)
        own = self.on_figure[row, column] & (towards >= 0)
        colours = self.plate.at(places, towards, back)
        if own.any():
            colours[own] = self.figure.at(places[own], towards[own], back)
        return colours


def inlaid_paint(colour: Colours, alpha: NDArray[np.float32], plate: NDArray[np.float32]) -> InlaidPaint:
    """Prepare the colours of a picture (h, w, 3) with the opacities (h, w) of a figure and of its plate."""
    near = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((_ABOUT_PX, _ABOUT_PX), np.uint8)) > 0
    figure, ground = (side_paint(colour, opacity, trace_outline(opacity)) for opacity in (alpha, plate))
    return InlaidPaint(figure=figure, plate=ground, on_figure=near)
