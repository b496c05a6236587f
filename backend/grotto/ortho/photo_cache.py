"""Decoded photos, as many as fit the memory that was granted, the least recently used given up first."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from ..photos import Photo, read_image


class PhotoCache:
    """Pixels of photos at the size that the orthophoto needs."""

    def __init__(self, photos: list[Photo], longest: list[int], budget: int) -> None:
        """`longest`: the longer side in px at which each photo is read. `budget`: bytes to keep, one photo at least."""
        self._photos = photos
        self._longest = longest
        self._budget = budget
        self._kept: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        self.bytes = 0
        self.reads = 0

    def pixels(self, index: int) -> NDArray[np.uint8]:
        """sRGB (h, w, 3) of photo `index`. Read only."""
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        photo = self._photos[index]
        expected = 3 * photo.width * photo.height * min(1.0, self._longest[index] / max(photo.width, photo.height)) ** 2
        while self._kept and self.bytes + expected > self._budget:
            self.bytes -= self._kept.popitem(last=False)[1].nbytes
        pixels = read_image(photo, self._longest[index])
        self.reads += 1
        self._kept[index] = pixels
        self.bytes += pixels.nbytes
        return pixels
