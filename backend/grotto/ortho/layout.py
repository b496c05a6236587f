"""The orthophoto's pixel size, extent and tiles, before a pixel is drawn."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from ..formats import RasterGrid
from .height_map import HeightSurface
from .region import PhotoFootprints
from .view import PlacedPhoto

_DIGITS = 2  # significant digits of an automatic pixel size
_MOST_PIXELS = 4_000_000_000_000  # a square of two million; GDAL's limit is 2^31 a side


def pixel_on_wall(view: PlacedPhoto, surface: HeightSurface) -> float:
    """Size on the wall of the pixel in the photo's middle, in units: distance over focal length."""
    outline = view.footprint(surface)
    x, z = outline.mean(0)
    place = np.array([x, float(surface(np.array([x]), np.array([z]))[0]), z])
    return float(np.linalg.norm(place - view.centre)) / view.lens.focal


def automatic_pixel(sizes: list[float]) -> float:
    """The median of the photos' pixel sizes, rounded down to two significant digits so that the number can be said."""
    usual = float(np.median(sizes))
    unit = 10.0 ** (math.floor(math.log10(usual)) - _DIGITS + 1)
    return math.floor(usual / unit * (1 + 1e-9)) * unit


def ortho_grid(surface: HeightSurface, footprints: PhotoFootprints, pixel: float) -> RasterGrid:
    """The grid over all known wall that a photo sees; its corner lies on a whole number of pixels.

    Raises a bad-input problem where nothing is left, or the pixel is too small for any file.
    """
    rows, columns = np.nonzero(surface.known.any(1))[0], np.nonzero(surface.known.any(0))[0]
    if not len(rows):
        raise bad_input("the height map is empty", "take photos that overlap more")
    wall = surface.grid
    x_min = max(wall.x_min + columns[0] * wall.pixel, float(footprints.low[:, 0].min()))
    x_max = min(wall.x_min + (columns[-1] + 1) * wall.pixel, float(footprints.high[:, 0].max()))
    z_max = min(wall.z_max - rows[0] * wall.pixel, float(footprints.high[:, 1].max()))
    z_min = max(wall.z_max - (rows[-1] + 1) * wall.pixel, float(footprints.low[:, 1].min()))
    left, top = math.floor(x_min / pixel), math.ceil(z_max / pixel)
    width, height = math.ceil(x_max / pixel) - left, top - math.floor(z_min / pixel)
    if width < 1 or height < 1:
        raise bad_input("no photo sees the wall", "run the job again from its start")
    if width * height > _MOST_PIXELS or max(width, height) >= 2**31:
        raise bad_input(
            f"the orthophoto would have {width} x {height} pixels", "give a larger mm_per_pixel", option="mm_per_pixel"
        )
    return RasterGrid(x_min=left * pixel, z_max=top * pixel, pixel=pixel, width=width, height=height)


def tiles(grid: RasterGrid, side: int) -> list[tuple[int, int, int, int]]:
    """(column, row, width, height) of tiles, in the order of a Z curve, so that neighbours share decoded photos."""
    found = [(row, column) for row in range(-(-grid.height // side)) for column in range(-(-grid.width // side))]
    found.sort(key=lambda place: _interleaved(*place))
    return [
        (column * side, row * side, min(side, grid.width - column * side), min(side, grid.height - row * side))
        for row, column in found
    ]


def _interleaved(row: int, column: int) -> int:
    code = 0
    for bit in range(max(row.bit_length(), column.bit_length())):
        code |= ((column >> bit) & 1) << (2 * bit) | ((row >> bit) & 1) << (2 * bit + 1)
    return code


def reading_size(view: PlacedPhoto, own_pixel: float, pixel: float) -> int:
    """The longer side in px at which a photo is read: reduced by area first where the orthophoto is clearly coarser.

    Bicubic sampling of a photo much finer than the orthophoto would skip pixels and alias.
    """
    longest = max(view.lens.width, view.lens.height)
    return longest if own_pixel > 0.75 * pixel else max(16, math.ceil(longest * own_pixel / pixel))


def lens_numbers(groups: list[str]) -> NDArray[np.int64]:
    """The number of each photo's camera group, from 0."""
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
