"""What every engine of mixing is given, and what it takes from the nodes of a tile.

Two bands, after Burt and Adelson, A multiresolution spline, 1983: broad colours are mixed over whole footprints, so that
no cell of brightness remains; detail comes from the photo that looks best, changing hands within a few dozen pixels, so
that it stays sharp where photos disagree by a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lattice import part_of

BROAD_POWER = 2  # of a photo's merit, for the broad colours
DETAIL_POWER = 16  # for the detail
LEAST_WEIGHT = 1e-9  # of a pixel, so that none is divided by 0
_MOST_CHANGE = 0.3  # of the light: half of a change of broad colours that large is made
_DARK = 0.02  # light below which differences do not count
_LEAST_SHARE = 0.004  # a photo with less of the detail is left out
_FAR_AWAY = -1e6  # px: where a photo does not show a place at all


@dataclass(frozen=True)
class Look:
    """How one photo shows the nodes of a tile."""

    view: int
    size: tuple[int, int]  # of the photo in full: width and height in px
    column: NDArray[np.float32]  # in the photo, px
    row: NDArray[np.float32]
    merit: NDArray[np.float32]  # of the photo here, 0 where it does not see the place
    seen: NDArray[np.float32]  # above 0 inside the photo, below 0 outside
    factor: NDArray[np.float32]  # (..., 3) gain and lift
    broad: NDArray[np.float32]  # (..., 3) its broad colours in linear light, evened out


@dataclass(frozen=True)
class Share:
    """What a photo gives to a block of a tile's nodes."""

    look: Look
    part: tuple[slice, slice]  # the block: rows and columns of nodes
    column: NDArray[np.float32]  # in the photo, px
    row: NDArray[np.float32]
    weight: NDArray[np.float32]  # of its detail
    factor: NDArray[np.float32]  # (..., 3) of its light
    change: NDArray[np.float32]  # (..., 3) added to its light


def shares(looks: list[Look]) -> Iterator[Share]:
    """What each photo gives, those left out that give nothing."""
    common = _broad(looks)
    best = np.maximum(np.max([look.merit for look in looks], axis=0), 1e-12)
    for look in looks:
        weight = np.maximum((look.merit / best) ** DETAIL_POWER - _LEAST_SHARE, 0.0)
        part = part_of(weight > 0)
        if part is not None:
            change = _correction(look.broad[part], common[part])
            yield Share(look, part, look.column[part], look.row[part], weight[part], look.factor[part], change)


def single(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """In single precision, places that are no numbers far outside every photo."""
    return np.nan_to_num(values, nan=_FAR_AWAY).astype(np.float32)


def span(places: NDArray[np.float32], count: int) -> tuple[int, int]:
    """First and one past the last of `count` pixels that a bicubic sampling of `places` reads."""
    low = int(np.clip(np.floor(places.min()) - 3, 0, count - 1))
    return low, int(np.clip(np.ceil(places.max()) + 4, low + 1, count))


def _broad(looks: list[Look]) -> NDArray[np.float32]:
    light = np.zeros(looks[0].broad.shape, np.float32)
    weight = np.full(looks[0].merit.shape, 1e-20, np.float32)
    for look in looks:
        share = look.merit**BROAD_POWER
        light += share[..., None] * look.broad
        weight += share
    light /= weight[..., None]
    return light


def _correction(own: NDArray[np.float32], common: NDArray[np.float32]) -> NDArray[np.float32]:
    """What takes a photo's broad colours to the common ones, where they differ as exposures do.

    Where they differ far more, photos show different things there (a branch before the wall), and a mixture of the two
    would be neither.
    """
    change = common - own
    relative = change / np.maximum(np.maximum(common, own), _DARK)
    return single(change / (1.0 + (relative / _MOST_CHANGE) ** 4))
