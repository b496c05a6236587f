"""Age: fading, wear, flaking, cracks, stains and the grain of plaster."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import MakeWallOptions
from . import palette

Array32 = NDArray[np.float32]
Picture = NDArray[np.uint8]

COARSE = 4  # wide patterns are made at a quarter of the resolution
STRIP = 512  # rows aged at a time


def age(painting: Picture, mm_per_texel: float, options: MakeWallOptions, relief_mm: Array32 | None, rng: np.random.Generator) -> Picture:
    """The painting after a thousand years: (h, w, 3), sRGB; the argument is overwritten."""
    height, width = painting.shape[:2]
    small = (height // COARSE + 2, width // COARSE + 2)
    mm = mm_per_texel * COARSE

    wear = octaves(small, 180.0 / mm, 6, rng)
    tone = octaves(small, 500.0 / mm, 4, rng)
    loss = octaves(small, 90.0 / mm, 5, rng)
    plaster, clay = np.float32(palette.PLASTER), np.float32(palette.CLAY)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        paint = painting[top:bottom].astype(np.float32)

        def full(field: Array32, top: int = top, bottom: int = bottom) -> Array32:
            return _strip(field, top, bottom, width)

        grain = rng.standard_normal((bottom - top, width), dtype=np.float32)
        soft = cv2.GaussianBlur(rng.standard_normal((bottom - top, width), dtype=np.float32), (0, 0), 1.6) * 3
        worn = np.clip(0.25 + 0.5 * options.fade + 0.35 * full(wear) + 0.25 * options.grain * soft, 0, 0.9)[..., None]
        paint += worn * options.fade * (plaster - paint)
        deep = np.clip((full(loss) - 2.2 + options.fade + 0.1 * soft) * 8, 0, 1)[..., None]
        paint += deep * (clay - paint)
        paint *= (1 + 0.07 * full(tone) + options.grain * (0.025 * grain + 0.05 * soft))[..., None]
        painting[top:bottom] = np.clip(paint, 0, 255)
    return painting


def octaves(shape: tuple[int, int], cell: float, count: int, rng: np.random.Generator) -> Array32:
    """Noise of unit spread whose widest features measure `cell` pixels, each octave half as wide and 0.6 as strong."""
    total = np.zeros(shape, np.float32)
    for octave in range(count):
        size = max(1.0, cell / 2**octave)
        rows, columns = int(shape[0] / size) + 4, int(shape[1] / size) + 4
        coarse = rng.standard_normal((rows, columns), dtype=np.float32)
        shift = rng.random(2)
        matrix = np.array([[1 / size, 0, 1 + shift[0]], [0, 1 / size, 1 + shift[1]]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        total += 0.6**octave * cv2.warpAffine(coarse, matrix, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return (total - total.mean()) / max(float(total.std()), 1e-6)


def _strip(field: Array32, top: int, bottom: int, width: int) -> Array32:
    """Rows top to bottom of a coarse field, at full resolution."""
    matrix = np.array([[1 / COARSE, 0, 0.5 / COARSE - 0.5], [0, 1 / COARSE, (top + 0.5) / COARSE - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(field, matrix, (width, bottom - top), flags=flags, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]
