"""Lenses of documents that give no size: the photo's own size completes them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..contract import bad_input
from .given_lens import LENGTHS, GivenLens

_ABOUT_THE_MIDDLE = 1.33  # twice the principal point is the picture's size within this factor
_REDUCTIONS = (1, 2, 3, 4, 6, 8, 16)  # by which photos are usually reduced


@dataclass(frozen=True, kw_only=True)
class PartialLens:
    """What a document says of a lens when it gives no size in pixels. Numbers that it leaves out are 0."""

    model: str  # one of LENGTHS
    focal_x: float = 0.0  # px
    focal_y: float = 0.0
    angle_x: float = 0.0  # radians across the picture's width
    angle_y: float = 0.0
    centre_x: float = 0.0  # px; 0: the middle
    centre_y: float = 0.0
    distortion: tuple[float, ...] = ()  # the model's numbers after the principal point

    def completed(self, width: int, height: int, photo: str) -> GivenLens:
        """The lens before a photo of this size.

        A principal point near the photo's middle belongs to its pixels. Where it lies near the middle of a picture that is 2, 3,
        4, 6, 8 or 16 times as large or as small, the document describes that one. Raises bad input for every other place.
        """
        factor = self._factor(width, height, photo)
        full_width, full_height = round(width * factor), round(height * factor)
        focal_x = self.focal_x or _focal(full_width, self.angle_x) or self.focal_y or _focal(full_height, self.angle_y)
        focal_y = self.focal_y or _focal(full_height, self.angle_y) or focal_x
        centre = (self.centre_x or full_width / 2, self.centre_y or full_height / 2)
        focals = (focal_x, focal_y)[: LENGTHS[self.model][0]]
        lens = GivenLens(model=self.model, width=full_width, height=full_height, params=(*focals, *centre, *self.distortion))
        return lens if factor == 1 else lens.resized(width, height)

    def _factor(self, width: int, height: int, photo: str) -> float:
        """How many times as large as the photo the document's picture is."""
        ratios = [2 * self.centre_x / width] * (self.centre_x > 0) + [2 * self.centre_y / height] * (self.centre_y > 0)
        for factor in (f for reduction in _REDUCTIONS for f in (float(reduction), 1.0 / reduction)):
            if all(1 / _ABOUT_THE_MIDDLE <= ratio / factor <= _ABOUT_THE_MIDDLE for ratio in ratios):
                return factor
        raise bad_input(
            f"the photo {photo} has {width} x {height} pixels, and its camera gives no size and a principal point at"
            f" {self.centre_x:g}, {self.centre_y:g}, which is not near the photo's middle",
            "write w and h into the document, or give the photos that the cameras were found with",
        )


def _focal(pixels: int, angle: float) -> float:
    return 0.5 * pixels / math.tan(0.5 * angle) if angle else 0.0
