"""Trace the outline of a mask as closed curves, resample them evenly, or simplify them to the corners that matter most."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import find_contours

from ...contract import bad_input
from .elimination import eliminate

Curve = NDArray[np.float64]  # (n, 2) px, x right and y down, pixel centres at +0.5; closed: the last goes on to the first

_SOFTENED_PX = 0.7  # of binary masks, whose pixel stairs are no shape
_SOFT = 0.3  # partly opaque pixels for each pixel of the edge, from which a mask is soft
_LEAST_PART = 2e-4  # of the largest curve's area: smaller islands and holes are specks
_LEAST_PX2 = 4.0


def trace_outline(alpha: NDArray[np.floating]) -> tuple[Curve, ...]:
    """Trace the contours at opacity 0.5 of a cut-out (h, w), 0 to 1: islands and holes, larger ones first.

    Marching squares, exact to a fraction of a pixel on soft masks. Specks below 1/5000 of the largest area are left out. Raises a
    bad-input problem where nothing is cut out.
    """
    padded = np.pad(_softened(alpha.astype(np.float32)), 2)  # what touches the border is closed along it
    found = [curve[:-1, ::-1] - 1.5 for curve in find_contours(padded, 0.5) if len(curve) > 4]  # type: ignore[no-untyped-call]
    sized = sorted(((abs(signed_area(curve)), curve) for curve in found), key=lambda pair: -pair[0])
    if not sized or sized[0][0] < _LEAST_PX2:
        raise bad_input("nothing is cut out of the picture", "draw on the subject, or choose a picture with something on it")
    least = max(_LEAST_PX2, _LEAST_PART * sized[0][0])
    return tuple(curve for area, curve in sized if area >= least)


def _softened(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur binary masks, which have pixel stairs; soft ones stay, since ribbons one pixel wide would not survive it."""
    inside = alpha > 0.5
    edges = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    between = np.count_nonzero((alpha > 0.02) & (alpha < 0.98))
    return alpha if between > _SOFT * edges else np.asarray(cv2.GaussianBlur(alpha, (0, 0), _SOFTENED_PX), np.float32)


def signed_area(curve: Curve) -> float:
    """Area of a closed curve in px squared; its sign is its orientation."""
    x, y = curve.T
    return 0.5 * float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1])


def curve_length(curve: Curve) -> float:
    """Length of a closed curve, px."""
    return float(np.linalg.norm(np.roll(curve, -1, axis=0) - curve, axis=1).sum())


def resampled(curve: Curve, spacing: float) -> Curve:
    """Resample a closed curve at even distances of about `spacing`, with eight points at least."""
    steps = np.linalg.norm(np.roll(curve, -1, axis=0) - curve, axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.arange(max(8, round(along[-1] / spacing))) * (along[-1] / max(8, round(along[-1] / spacing)))
    closed = np.concatenate([curve, curve[:1]])
    return np.stack([np.interp(wanted, along, closed[:, axis]) for axis in range(2)], axis=1)


def simplified(curves: Sequence[Curve], count: int, *, even: bool = False, finest_bend_px: float = 0.0) -> tuple[Curve, ...]:
    """Simplify curves to `count` points in all (three a curve at least), without crossings.

    The point goes first whose triangle with its neighbours is smallest (Visvalingam and Whyatt 1993), here over the root of the
    chord's length, which keeps narrow tips longer; for even edges, the point with the shortest path between its neighbours. A
    point whose triangle holds another one stays. finest_bend_px: points that lie nearer than this to their neighbours' chord go
    as well, so that simple outlines have fewer than `count` points.
    """
    sizes = np.array([len(curve) for curve in curves], np.int64)
    kept = eliminate(np.concatenate(list(curves)), sizes, count, even=even, finest_bend_px=finest_bend_px)
    parts = np.split(kept, np.cumsum(sizes)[:-1])
    return tuple(curve[part] for curve, part in zip(curves, parts, strict=True))
