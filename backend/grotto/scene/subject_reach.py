"""How far a subject reaches beyond the box of its sparse points: thin and plain parts show in the splats alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .region import Region

_OPAQUE = 0.1  # opacity of splats that count: those of thin parts are soft after few steps
_LARGE = 0.1  # of the box's longest side, standard deviation: larger splats show the surroundings or a haze
_REACH = 0.3  # of the longest side: the box grows by no more on each side
_FOOT = 0.15  # of the box's height: what stands lower may be the ground beside it
_LINK = 0.04  # of the longest side, of the cells in which connected splats touch
_SHARE = 0.01  # of the splats in the box: a part with fewer of them is not the subject's
_RIM = 0.02  # of the longest side: as far as the outermost splats' own surface


def reached_by_splats(
    region: Region,
    means: NDArray[np.floating],
    deviations: NDArray[np.floating],
    opacities: NDArray[np.floating],
    up: NDArray[np.floating],
) -> Region:
    """The region, widened to the splats that are connected with those in it: never at its foot.

    means (n, 3), deviations (n,) largest standard deviation, opacities (n,) 0 to 1, up (3,): all in the world's frame.
    """
    from scipy import ndimage

    longest = float(region.size.max())
    axis = int(np.argmax(np.abs(up)))
    height = means[:, axis] - region.low[axis] if up[axis] > 0 else region.high[axis] - means[:, axis]
    near = ((means > region.low - _REACH * longest) & (means < region.high + _REACH * longest)).all(1)
    solid = (opacities >= _OPAQUE) & (deviations <= _LARGE * longest) & (height > _FOOT * region.size[axis])
    points = np.asarray(means[near & solid], np.float64)
    inside = ((points >= region.low) & (points <= region.high)).all(1)
    if not inside.any():
        return region
    cells = np.floor((points - points.min(0)) / (_LINK * longest)).astype(np.int64)
    filled = np.zeros(cells.max(0) + 1, bool)
    filled[tuple(cells.T)] = True
    labels = ndimage.label(filled, np.ones((3, 3, 3)))[0][tuple(cells.T)]
    held = np.bincount(labels[inside], minlength=int(labels.max()) + 1)
    mine = points[(held >= max(1.0, _SHARE * int(inside.sum())))[labels]]
    low = np.minimum(region.low, mine.min(0) - _RIM * longest)
    high = np.maximum(region.high, mine.max(0) + _RIM * longest)
    foot = low if up[axis] > 0 else high
    foot[axis] = (region.low if up[axis] > 0 else region.high)[axis]
    (a, b, c), (d, e, f) = low.tolist(), high.tolist()
    return Region(lowest=(a, b, c), highest=(d, e, f), bounded=region.bounded)
