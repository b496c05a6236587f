"""Every photo small and in linear light, on disk: what exposure and the broad colours of the orthophoto are taken from."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..photos import Photo, read_image, read_mask
from .light import to_linear

LONGEST = 128  # px
_SOFTNESS = 1.2  # px: so soft that where its pixels lie does not show, and two photos' thumbnails agree at every place
_READ_AT = 4 * LONGEST  # averaged from here in linear light: sRGB levels must not be averaged


class Thumbnails:
    """Light (h, w, 3) float32 of each photo, read from one file that the system may keep in memory or not."""

    def __init__(self, path: Path, sizes: list[tuple[int, int]]) -> None:
        self._sizes = sizes
        self._path = path
        self._light = np.lib.format.open_memmap(path, "w+", np.float16, (len(sizes), LONGEST, LONGEST, 3))

    @classmethod
    def make(cls, photos: list[Photo], path: Path, report: Progress, share: float, longest: tuple[int, ...] = ()) -> Thumbnails:
        """Read every photo once, small: `longest` px (at most LONGEST) on the longer side. Progress runs from 0 to `share`."""
        sides = longest or (LONGEST,) * len(photos)
        made = cls(path, [_size(photo, side) for photo, side in zip(photos, sides, strict=True)])
        for index, photo in enumerate(photos):
            report(share * index / len(photos), f"reading colours of {photo.name}")
            width, height = made._sizes[index]
            small = _average(photo, width, height)
            made._light[index, :height, :width] = cv2.GaussianBlur(small, (0, 0), _SOFTNESS, borderType=cv2.BORDER_REFLECT)
        return made

    def __len__(self) -> int:
        return len(self._sizes)

    def light(self, index: int) -> NDArray[np.float32]:
        """The small photo in linear light (h, w, 3)."""
        width, height = self._sizes[index]
        return np.asarray(self._light[index, :height, :width], np.float32)

    def sample(self, index: int, u: NDArray[np.floating], v: NDArray[np.floating]) -> NDArray[np.float32]:
        """Light at places (any shape of two axes) given as parts of the photo's width and height, 0 to 1; bicubic."""
        light = self.light(index)
        column = (u * light.shape[1] - 0.5).astype(np.float32)
        row = (v * light.shape[0] - 0.5).astype(np.float32)
        return cv2.remap(light, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32, copy=False)

    def delete(self) -> None:
        """Remove the file; nothing can be read after it."""
        del self._light
        self._path.unlink(missing_ok=True)


def _size(photo: Photo, longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(photo.width, photo.height))
    return max(1, round(photo.width * scale)), max(1, round(photo.height * scale))


def _average(photo: Photo, width: int, height: int) -> NDArray[np.float32]:
    """The photo's light by area; what the mask leaves out takes the colour of its surroundings."""
    light = to_linear(read_image(photo, _READ_AT))
    keep = read_mask(photo, _READ_AT)
    if keep is None:
        return cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
    part = keep.astype(np.float32)
    small = cv2.resize(light * part[..., None], (width, height), interpolation=cv2.INTER_AREA)
    weight = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    # Growing blurs reach into the masked part, nearest first.
    for spread in (1.0, 4.0, 16.0, 64.0):
        wide = cv2.GaussianBlur(small, (0, 0), spread)
        wide_weight = cv2.GaussianBlur(weight, (0, 0), spread)
        lacking = weight < 1e-3
        small[lacking], weight[lacking] = wide[lacking], wide_weight[lacking]
    return (small / np.maximum(weight, 1e-6)[..., None]).astype(np.float32)
