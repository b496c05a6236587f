"""Mixing on the CPU, by OpenCV: the measure of the other engine."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ..lattice import TileLattice
from ..light import to_linear, to_srgb
from ..photo_cache import PhotoCache
from .looks import LEAST_WEIGHT, Look, shares, span


def mix(looks: list[Look], lattice: TileLattice, photos: PhotoCache, report: Progress) -> NDArray[np.uint8]:
    """sRGB (height, width, 3) of the tile's pixels, the outermost nodes' cells left out."""
    rows, columns = looks[0].merit.shape
    light = np.zeros(((rows - 2) * lattice.step, (columns - 2) * lattice.step, 3), np.float32)
    weight = np.full(light.shape[:2], LEAST_WEIGHT, np.float32)
    for share in shares(looks):
        report.check()
        inner = lattice.pixels_of(share.part)
        one = _sampled(share.look, photos, lattice.spread(share.column), lattice.spread(share.row))
        one *= lattice.spread(share.factor)
        one += lattice.spread(share.change)
        fine_weight = lattice.spread(share.weight)
        light[inner] += fine_weight[..., None] * one
        weight[inner] += fine_weight
    light /= weight[..., None]
    return to_srgb(light)


def _sampled(look: Look, photos: PhotoCache, column: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light of the photo at its own (column, row) in px of full size, bicubic."""
    pixels = photos.pixels(look.view)
    column = column * (pixels.shape[1] / look.size[0]) - 0.5
    row = row * (pixels.shape[0] / look.size[1]) - 0.5
    # Only the part in sight: remap takes no picture with a side above 32767.
    left, right = span(column, pixels.shape[1])
    top, bottom = span(row, pixels.shape[0])
    part = pixels[top:bottom, left:right]
    found = cv2.remap(part, column - left, row - top, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return to_linear(found.astype(np.uint8, copy=False))
