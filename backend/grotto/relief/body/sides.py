"""Colours for the sides and back of a figure, which its picture does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter1d
from scipy.spatial import cKDTree

from ..outline import Curve, resampled

Colours = NDArray[np.float32]  # (..., 3) sRGB's values, 0 to 1

_PURE = 0.98  # opacity from which a pixel shows nothing but the figure
_RIM_PX = 1.5  # pixels this near to the outline may show what was behind, as scans and JPEG do
_DEPTHS = 24  # places inwards from the outline at which the rim's colours are known
_ALONG_PX = 9.0  # over which colours on steep sides are smoothed along the outline: stripes become bands
_FLAT, _STEEP = 0.45, 0.12  # cosines to the viewer between which sides blend from the picture to the smoothed colours
_PLAIN_PX = 40.0  # over which a painted back keeps no line of the front


@dataclass(frozen=True, kw_only=True)
class SidePaint:
    """Sources of the colours of sides and back."""

    picture: Colours  # (h, w, 3) extended beyond the outline
    mean: Colours  # (3,)
    rim: Colours  # (n, depths, 3) along the outline and inwards, smoothed along it
    tree: cKDTree  # of the outline's n points

    @cached_property
    def blurred(self) -> Colours:
        """(h, w, 3) the picture without lines."""
        return np.asarray(cv2.GaussianBlur(self.picture, (0, 0), _PLAIN_PX), np.float32)

    def at(self, places: NDArray[np.floating], towards: NDArray[np.floating], back: str) -> Colours:
        """Colours (k, 3) of places (k, 2) px on the body whose normals have the cosine `towards` (k,) to the viewer.

        back: "mirrored" shows the picture again, "painted" its colours without its lines, "plain" their mean.
        """
        colours = self._bilinear(self.picture, places)
        if back != "mirrored":
            behind = np.flatnonzero(towards < 0)
            colours[behind] = self._bilinear(self.blurred, places[behind]) if back == "painted" else self.mean
        steep = np.flatnonzero(np.abs(towards) < _FLAT)  # the search for the nearest place of the rim takes longest
        away, nearest = self.tree.query(places[steep], distance_upper_bound=2 * _DEPTHS)
        steep, away, nearest = steep[away < np.inf], away[away < np.inf], nearest[away < np.inf]
        smoothed = self.rim[nearest, np.clip(away, 0, _DEPTHS - 1).astype(np.int64)]
        part = np.clip((_FLAT - np.abs(towards[steep])) / (_FLAT - _STEEP), 0, 1)
        part *= np.clip(2 - away / _DEPTHS, 0, 1)  # steps between parts lie inside, and the rim's colours are not theirs
        part = (part * part * (3 - 2 * part))[:, None]
        colours[steep] = (1 - part) * colours[steep] + part * smoothed
        return colours

    @staticmethod
    def _bilinear(picture: Colours, places: NDArray[np.floating]) -> Colours:
        if not len(places):
            return np.zeros((0, 3), np.float32)
        # OpenCV's maps hold at most 32,767 rows: places lie in rows of a thousand
        rows = -(-len(places) // 1000)
        padded = np.zeros((rows * 1000, 2), np.float32)
        padded[: len(places)] = places - 0.5
        grid = padded.reshape(rows, 1000, 2)
        found = cv2.remap(picture, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found.reshape(-1, 3)[: len(places)], np.float32)


def side_paint(colour: Colours, alpha: NDArray[np.float32], curves: Sequence[Curve]) -> SidePaint:
    """Prepare the colours of a cut-out: picture (h, w, 3), opacity (h, w), and its outline in the same pixels."""
    extended = extend_colours(colour, alpha)
    line = [resampled(curve, 1.0) for curve in curves]
    inner = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2.0), np.float32)
    rims = [_rim_colours(extended, inner, curve) for curve in line]
    inside = alpha > 0.5
    return SidePaint(
        picture=extended,
        mean=colour[inside].mean(0).astype(np.float32),
        rim=np.concatenate(rims),
        tree=cKDTree(np.concatenate(line)),
    )


def extend_colours(colour: Colours, alpha: NDArray[np.float32]) -> Colours:
    """Give all pixels (h, w, 3) at the outline and beyond the colour of the nearest one that shows the figure alone.

    Of parts too thin to have any, the most opaque pixels stay.
    """
    pure = cv2.erode((alpha >= _PURE).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=1) > 0
    thin = (alpha > 0.5) & (cv2.dilate(pure.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0)
    known = pure | (thin & (alpha >= cv2.dilate(alpha, np.ones((3, 3), np.uint8))))
    if not known.any():
        known = alpha >= alpha.max()
    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.ascontiguousarray(colour[rows, columns], np.float32)


def _rim_colours(extended: Colours, soft: NDArray[np.float32], curve: Curve) -> Colours:
    """(n, depths, 3): colours inwards from a curve's points, low-passed along the curve."""
    ahead = np.roll(curve, -3, axis=0) - np.roll(curve, 3, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    one, other = (_sampled(soft, curve + sense * 2.0 * normal) for sense in (1, -1))
    inward = normal * np.where(one > other, 1.0, -1.0)[:, None]
    depths = np.arange(_DEPTHS) + _RIM_PX
    places = curve[:, None] + depths[None, :, None] * inward[:, None]
    colours = SidePaint._bilinear(extended, places.reshape(-1, 2)).reshape(len(curve), _DEPTHS, 3)
    return gaussian_filter1d(colours, _ALONG_PX, axis=0, mode="wrap").astype(np.float32)


def _sampled(values: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    height, width = values.shape
    column = np.clip(places[:, 0].astype(int), 0, width - 1)
    row = np.clip(places[:, 1].astype(int), 0, height - 1)
    return values[row, column]
