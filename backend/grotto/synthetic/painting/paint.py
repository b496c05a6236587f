"""A wall's painting from its options: composition, then age."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...contract.options import MakeWallOptions
from . import palette
from .ageing import age
from .canvas import Canvas
from .composition import compose


class Report(Protocol):
    def __call__(self, fraction: float, message: str = "") -> None: ...


def paint(
    width_px: int,
    height_px: int,
    mm_per_texel: float,
    options: MakeWallOptions,
    relief_mm: NDArray[np.float32] | None,
    report: Report,
) -> NDArray[np.uint8]:
    """The painting (height, width, 3), sRGB.

    `relief_mm` is the wall's height towards the viewer at any resolution, top row first; None for a flat wall.
    """
    canvas = Canvas(width_px, height_px, mm_per_texel, palette.PLASTER)
    rng = np.random.default_rng([options.seed, 10])
    report(0.0, "Painting")
    compose(canvas, options.style, rng, lambda part: report(0.3 * part, "Painting"))
    rng = np.random.default_rng([options.seed, 11])
    return age(canvas.pixels, mm_per_texel, options, relief_mm, rng, lambda part, message: report(0.3 + 0.7 * part, message))
