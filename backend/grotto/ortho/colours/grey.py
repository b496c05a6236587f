"""Pictures without colour among colour ones: prints in black and white, drawings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import Photo, read_image

GREY_PX = 96  # longer side at which pictures are looked at for colour, so that grain averages out
GREY_SPREAD = 0.008  # of a channel's share of the light: colour pictures have .03 and more, however faded
GREY_FAVOUR = 0.02


def grey_favours(photos: list[Photo], report: Progress) -> tuple[float, ...]:
    """Factors of merits: among colour pictures a grey one shows only what no other does."""
    grey = [is_grey(read_image(photo, GREY_PX)) for photo in photos]
    if all(grey) or not any(grey):
        return ()
    names = ", ".join(photo.name for photo, one in zip(photos, grey, strict=True) if one)
    report.note(f"without colour, and drawn only where no colour picture shows the place: {names}")
    return tuple(GREY_FAVOUR if one else 1.0 for one in grey)


def is_grey(pixels: NDArray[np.uint8]) -> bool:
    """Whether a picture (h, w, 3) has hues of one kind alone: black and white, or toned all over."""
    light = pixels.reshape(-1, 3).astype(np.float64)
    part = light / np.maximum(light.sum(axis=1, keepdims=True), 30.0)
    bright = light.sum(axis=1) > 90
    return bool(bright.sum() < 10 or part[bright].std(axis=0).max() < GREY_SPREAD)
