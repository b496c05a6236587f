"""What of a whole mural is not its ground: a first opinion on where its elements are, without weights and without classes.

Ground is what is found nearly everywhere: looks (colour, variation, grain) that many parts of the wall share, and what is
like them and reached from them without crossing an edge. Figures are the rest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .appearance import LooksNet, grain_of, lab_of, looks
from .contour import contour_cost, least_contour
from .plain_ground import from_plain_ground
from .reduced import reduced
from .regions import Regions, make_regions
from .rules import drop_specks, fill_holes

Array32 = NDArray[np.float32]

WORK_PX = 1024
PLAIN = "plain ground"
_LOOKS = 24  # kinds of regions that are told apart
_CELLS = 8  # the wall is divided so often along its shorter side, to ask where a look is found
_FOUND = 0.04  # of a cell's area
_COMMON, _RARE = 0.5, 0.25  # of the cells: where a look is ground, and where it is certainly none
_STEPS = 150
_AGREE, _MOST, _CONTOUR_STEPS = 0.2, 4.0, 80
_SPECK, _HOLE = 1e-4, 2e-4  # of the wall's area


def not_ground(colour: Array32) -> tuple[Array32, str]:
    """Opacity (h, w) of what is not ground on a reduced mural (h, w, 3) of sRGB values, and how the ground was known."""
    small, _ = reduced(colour, WORK_PX)
    found = from_plain_ground(small)
    if found is not None:
        return found, PLAIN
    lab = lab_of(small)
    regions = make_regions(lab, grain_of(lab))
    odds = _odds(lab, regions)
    against = -np.float32(_AGREE) * np.clip(odds, -_MOST, _MOST)
    mask = least_contour(against, contour_cost(lab), None, _CONTOUR_STEPS) >= 0.5
    mask = drop_specks(fill_holes(mask, _HOLE * mask.size), _SPECK * mask.size)
    return mask.astype(np.float32), "looks that are rare on the wall"


def _odds(lab: Array32, regions: Regions) -> Array32:
    """Log odds (h, w) of not being ground, by a network that learns from the commonest and the rarest looks."""
    seen = looks(lab, regions)
    flat = regions.labels.ravel()
    common = _frequency(regions, lab.shape[0], lab.shape[1])
    ground, figure = (common >= _COMMON)[flat], (common <= _RARE)[flat]
    if not ground.any() or not figure.any():
        middle = float(np.median(common))
        ground, figure = (common >= middle)[flat], (common < middle)[flat]
    share = np.where(ground, 0.5 / max(1, int(ground.sum())), 0.0) + np.where(figure, 0.5 / max(1, int(figure.sum())), 0.0)
    net = LooksNet(seen.shape[1], 0)
    net.fit(seen, figure.astype(np.float32), share, _STEPS)
    odds = net(seen).reshape(lab.shape[:2])
    by_region = regions.mean(odds)[regions.labels]
    return np.asarray(0.5 * odds + 0.5 * by_region, dtype=np.float32)


def _frequency(regions: Regions, height: int, width: int) -> NDArray[np.float64]:
    """In what part of the wall's cells the look of each region (n,) is found."""
    values = np.concatenate([regions.lab / 8.0, 0.5 * regions.variation, 0.5 * regions.grain[:, None]], axis=1).astype(np.float32)
    count = min(_LOOKS, len(values))
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-3)
    _, found_kind, _ = cv2.kmeans(values, count, np.empty(0, np.int32), stop, 2, cv2.KMEANS_PP_CENTERS)
    kind = np.asarray(found_kind, dtype=np.int64).ravel()
    side = max(1, min(height, width) // _CELLS)
    rows, columns = np.arange(height) // side, np.arange(width) // side
    cell = rows[:, None] * (columns[-1] + 1) + columns[None, :]
    cells = int(cell.max()) + 1
    tally = np.zeros((count, cells))
    np.add.at(tally, (kind[regions.labels.ravel()], cell.ravel()), 1.0)
    size = np.bincount(cell.ravel(), minlength=cells)
    whole = size >= 0.3 * side * side
    found = (tally / np.maximum(size, 1) >= _FOUND)[:, whole].mean(axis=1)
    return np.asarray(found[kind], dtype=np.float64)
