"""The element's part of the picture, at the size at which its outline and its depth are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from .cut import CutElement

_WORK_PX = 800  # longer side of the element while its outline is found: edges are known to a fraction of a pixel
_MARGIN_PX = 4


@dataclass(frozen=True, kw_only=True)
class WorkCut:
    """The element's part of the picture at the size at which its outline is found."""

    colour: NDArray[np.float32]  # (h, w, 3)
    alpha: NDArray[np.float32]  # (h, w)
    left: int  # px of the whole picture
    top: int
    scale: float  # px here for one of the picture's

    def in_picture(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (n, 2) px here as places in the whole picture."""
        return places / self.scale + np.array([self.left, self.top])


def work_cut(cut: CutElement) -> WorkCut:
    """The element with a little around it, 800 px long."""
    left, top, right, bottom = cut.box
    margin = max(1, round(_MARGIN_PX * max(right - left, bottom - top) / _WORK_PX))
    left, top = max(0, left - margin), max(0, top - margin)
    right, bottom = min(cut.width, right + margin), min(cut.height, bottom + margin)
    alpha, colour = cut.alpha()[top:bottom, left:right], cut.colour()[top:bottom, left:right]
    scale = _WORK_PX / max(right - left, bottom - top)
    size = (max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return WorkCut(
        colour=np.clip(cv2.resize(colour, size, interpolation=how), 0, 1), left=left, top=top, scale=scale,
        alpha=np.clip(cv2.resize(alpha, size, interpolation=how), 0, 1),
    )  # fmt: skip


class Placed(Protocol):
    """What says where the picture lies in the element's frame."""

    @property
    def scale_px_per_m(self) -> float: ...
    @property
    def left_px(self) -> float: ...
    @property
    def bottom_px(self) -> float: ...


def picture_frame_m(width: int, height: int, placed: Placed) -> tuple[float, float, float, float]:
    """Lowest x, lowest z, highest x and highest z of a whole picture of that size, px, in the element's frame."""
    left, right = -placed.left_px / placed.scale_px_per_m, (width - placed.left_px) / placed.scale_px_per_m
    return left, (placed.bottom_px - height) / placed.scale_px_per_m, right, placed.bottom_px / placed.scale_px_per_m
