"""Grey pictures at halved sizes, as they are compared; read when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...photos import PhotoSet, read_image, read_mask

Pixels = NDArray[np.uint8]
SMALLEST_PX = 48  # shorter side of the smallest level
KEPT = 48  # pictures in memory


@dataclass(frozen=True)
class Pyramid:
    """A grey picture at halved sizes."""

    levels: tuple[Pixels, ...]
    keep: Pixels | None  # 255 where the first level may be used; None: everywhere
    reduced: float  # px of the full picture in one px of the first level

    @property
    def size(self) -> tuple[float, float]:
        """(width, height), px of the full picture."""
        height, width = self.levels[0].shape
        return width * self.reduced, height * self.reduced


def pyramid(grey: Pixels, reduced: float = 1.0, keep: Pixels | None = None) -> Pyramid:
    """The picture (h, w) and its halves."""
    levels = [grey]
    while min(levels[-1].shape) > SMALLEST_PX:
        height, width = levels[-1].shape
        half = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half, np.uint8))
    return Pyramid(tuple(levels), keep, reduced)


def mirrored_pyramid(picture: Pyramid) -> Pyramid:
    """The picture with left and right exchanged."""
    keep = None if picture.keep is None else np.ascontiguousarray(picture.keep[:, ::-1])
    return Pyramid(tuple(np.ascontiguousarray(level[:, ::-1]) for level in picture.levels), keep, picture.reduced)


class GreyPictures:
    """The pictures of a set, of which the last few that were asked for stay in memory."""

    def __init__(self, photos: PhotoSet, reduced: tuple[float, ...]) -> None:
        """`reduced`: px of each full picture in one px of what its features were found in."""
        self._photos, self._reduced = photos.photos, reduced
        self._known: dict[int, Pyramid] = {}

    def __getitem__(self, index: int) -> Pyramid:
        """The picture at a position of the set."""
        found = self._known.pop(index, None)
        if found is None:
            found = self._read(index)
        self._known[index] = found
        while len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)))
        return found

    def _read(self, index: int) -> Pyramid:
        photo = self._photos[index]
        longest = round(max(photo.width, photo.height) / self._reduced[index])
        grey = np.asarray(cv2.cvtColor(read_image(photo, longest), cv2.COLOR_RGB2GRAY), np.uint8)
        keep = read_mask(photo, longest)
        return pyramid(grey, photo.width / grey.shape[1], None if keep is None else 255 * keep.astype(np.uint8))
