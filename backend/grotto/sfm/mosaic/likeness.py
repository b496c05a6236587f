"""Whether two pictures show the same where a map puts one upon the other: judged by pixels, window by window.

Points that match say that a motif is the same, and walls repeat motifs. Here the whole overlap is compared: at its own place a
picture is like what it covers nearly everywhere, at a look-alike's place only where the motif is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .homography import Floats, inverse, is_plausible, scale_of, transfer
from .pixels import Pyramid

Singles = NDArray[np.float32]
LONGEST_PX = 340  # of the overlap as it is compared: finer detail is grain
LEAST_PX = 22  # shorter side of the overlap, px of the coarser picture
LEAST_WINDOWS = 12  # with texture, to say anything
WINDOW, STRIDE = 11, 5  # px
SOFT_PX = 0.9  # blur of both, so that sharpness and grain weigh less
BROAD_PX = 14.0  # what is broader is light and cast
TEXTURE_PERCENTILE = 50  # of the windows' variances: what has less is mostly grain
LEVELS = (0.5, 0.9)  # between which a correlation is called alike
MARGIN = 0.05  # below what sure pairs have
SURE_PERCENTILE = 5  # of a sure pair's windows
ALIKE_SHARE = 0.7  # of the windows, at a picture's own place
WELL_ALIGNED, HOPELESS = 0.95, 0.1  # shares of windows alike by the upper and the lower level: no mending is of use
ECC_ROUNDS, ECC_STEP, ECC_SMOOTHING_PX = 25, 1e-4, 5


@dataclass(frozen=True)
class Likeness:
    """How alike two pictures are over the part that both show."""

    correlations: Floats  # (n,) of the windows that have texture in either picture, rising
    first_from_second: Floats  # (3, 3) px, mended by pixels

    def share(self, level: float) -> float:
        """Of the windows, those that correlate by more than a level."""
        return float((self.correlations > level).mean())


def alike_level(sure: Sequence[Likeness]) -> float:
    """The correlation that calls windows alike, by pairs that are surely true."""
    if not sure:
        return LEVELS[0]
    low = [float(np.percentile(one.correlations, SURE_PERCENTILE)) for one in sure]
    return float(np.clip(np.median(low) - MARGIN, *LEVELS))


def compare(first: Pyramid, second: Pyramid, first_from_second: Floats) -> Likeness | None:
    """Compare over the overlap; None where it is too small to say.

    Where a map leads to pixels that are alike in part, it is first mended by the affine one that correlates them most
    (Evangelidis and Psarakis, PAMI 2008; OpenCV's).
    """
    raster = _raster(first, second, first_from_second)
    if raster is None:
        return None
    one, one_known = _drawn(first, raster.first_from_px, raster)
    other, other_known = _drawn(second, raster.second_from_px, raster)
    values = _correlations(one, other, one_known & other_known)
    if len(values) < LEAST_WINDOWS:
        return None
    found = Likeness(np.sort(values), first_from_second)
    if found.share(LEVELS[1]) > WELL_ALIGNED or found.share(LEVELS[0]) < HOPELESS:
        return found
    moved = raster.second_from_px @ _aligned(one, other, one_known & other_known)
    mended = raster.first_from_px @ inverse(moved)
    if not is_plausible(mended, raster.outline):
        return found
    other, other_known = _drawn(second, moved, raster)
    values = _correlations(one, other, one_known & other_known)
    if len(values) < LEAST_WINDOWS or values.mean() <= found.correlations.mean():
        return found
    return Likeness(np.sort(values), mended / np.cbrt(np.linalg.det(mended)))


@dataclass(frozen=True)
class _Raster:
    """Pixels over the overlap, of the coarser picture's size."""

    first_from_px: Floats
    second_from_px: Floats
    width: int
    height: int
    outline: Floats  # of the second picture, px


def _raster(first: Pyramid, second: Pyramid, first_from_second: Floats) -> _Raster | None:
    width, height = second.size
    outline = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    if not is_plausible(first_from_second, outline):
        return None
    after = np.roll(outline, -1, axis=0)
    border = np.concatenate([outline + part * (after - outline) for part in (0.0, 0.25, 0.5, 0.75)])
    seen = transfer(first_from_second, border)
    low, high = np.maximum(seen.min(axis=0), 0), np.minimum(seen.max(axis=0), first.size)
    if (high <= low).any():
        return None
    middle = transfer(inverse(first_from_second), ((low + high) / 2)[None])[0]
    scale = scale_of(first_from_second, (float(middle[0]), float(middle[1])))
    pixel = max(first.reduced, scale * second.reduced, float((high - low).max()) / LONGEST_PX)
    columns, rows = np.floor((high - low) / pixel).astype(int).tolist()
    if min(columns, rows) < LEAST_PX:
        return None
    first_from_px = np.array([[pixel, 0, low[0]], [0, pixel, low[1]], [0, 0, 1.0]])
    return _Raster(first_from_px, inverse(first_from_second) @ first_from_px, columns, rows, outline)


def _drawn(picture: Pyramid, picture_from_px: Floats, raster: _Raster) -> tuple[Singles, NDArray[np.bool_]]:
    """The picture in the raster (height, width), without light and cast, and where it is known."""
    scale = scale_of(picture_from_px, (raster.width / 2, raster.height / 2)) / picture.reduced
    level = int(np.clip(np.floor(np.log2(max(scale, 1.0)) + 0.3), 0, len(picture.levels) - 1))
    source = picture.levels[level]
    columns, rows = np.meshgrid(np.arange(raster.width) + 0.5, np.arange(raster.height) + 0.5)
    part = transfer(picture_from_px, np.column_stack([columns.ravel(), rows.ravel()])) / picture.size
    part = np.where(np.isfinite(part), part, -1.0).reshape(*columns.shape, 2)
    known = np.asarray(((part >= 0) & (part <= 1)).all(axis=2), np.bool_)
    drawn = _sampled(source, part, cv2.INTER_LINEAR).astype(np.float32)
    if picture.keep is not None:
        known = np.asarray(known & (_sampled(picture.keep, part, cv2.INTER_NEAREST) > 0), np.bool_)
    soft, broad = cv2.GaussianBlur(drawn, (0, 0), SOFT_PX), cv2.GaussianBlur(drawn, (0, 0), BROAD_PX)
    return np.asarray(soft - broad, np.float32), known


def _sampled(pixels: NDArray[np.uint8], part: Floats, how: int) -> NDArray[np.uint8]:
    """Pixels (h, w) at places (y, x, 2) given as parts of width and height."""
    at = (part * (pixels.shape[1], pixels.shape[0]) - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(pixels, at[..., 0], at[..., 1], how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _aligned(one: Singles, other: Singles, known: NDArray[np.bool_]) -> Floats:
    """The affine map (3, 3) from places of `one` to those of `other` that correlates them most; none where it fails."""
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, ECC_ROUNDS, ECC_STEP)
    mask = known.astype(np.uint8)
    if mask.sum() < LEAST_PX**2:
        return np.eye(3)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, found = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, criteria, mask, ECC_SMOOTHING_PX)
    except cv2.error:  # it has no convergence where nothing correlates
        return np.eye(3)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])  # OpenCV counts from the first pixel's middle
    return np.asarray(half @ np.vstack([found, [0, 0, 1]]) @ inverse(half), np.float64)


def _correlations(one: Singles, other: Singles, known: NDArray[np.bool_]) -> Floats:
    """The correlation of each window of the overlap that has texture."""
    mean_one, mean_other = _mean(one), _mean(other)
    var_one, var_other = (np.maximum(_mean(p * p) - m**2, 1e-6) for p, m in ((one, mean_one), (other, mean_other)))
    correlation = (_mean(one * other) - mean_one * mean_other) / np.sqrt(var_one * var_other)
    whole = _mean(known.astype(np.float32)) > 0.999
    reach = WINDOW // 2
    chosen = np.zeros_like(whole)
    chosen[reach : chosen.shape[0] - reach : STRIDE, reach : chosen.shape[1] - reach : STRIDE] = True
    chosen &= whole
    if not chosen.any():
        return np.zeros(0)
    least_one, least_other = (np.percentile(var[chosen], TEXTURE_PERCENTILE) for var in (var_one, var_other))
    chosen &= (var_one >= least_one) | (var_other >= least_other)
    return np.asarray(correlation[chosen], np.float64)


def _mean(values: Singles) -> Singles:
    return np.asarray(cv2.boxFilter(values, cv2.CV_32F, (WINDOW, WINDOW)), np.float32)
