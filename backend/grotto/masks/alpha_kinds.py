"""Alpha channels that are no cut-out: trimmed borders, windows with a shadow, the outline of a whole orthophoto."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from .bounds import box_slices
from .components import connected_components
from .frames import upright_rectangle
from .plain_cut import plain_cut

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SOLID = 0.9
_WHOLE = 0.75  # of the picture's sides, that a rectangle must span to be the picture itself
_INSET = 0.006  # of the shorter side: the rectangle's blurred edge
_PICTURE, _OF_ALL = 0.25, 0.9  # of the picture, and of everything opaque, that one piece must take to be a picture's outline
_FULL, _CONVEX = 0.78, 0.9  # of its smallest rectangle, and of its convex hull, that it fills
_RING_PX, _RING_STEP, _RING_PART = 3, 0.04, 0.95  # a border of one colour just inside a cut-out
_PAPER = 0.85  # least value of paper
_MUCH_PAPER = 0.25  # of the cut-out


@dataclass(frozen=True)
class InnerCut:
    """`alpha` (h, w) of what lies inside a picture's alpha, None where that alpha is the outline after all; notes."""

    alpha: Array32 | None
    notes: tuple[str, ...]


def look_inside(colour: Array32, own: Array32) -> InnerCut:
    """Whether the alpha (h, w) of a picture (h, w, 3) is a cut-out, and the cut by the colours inside where it is none.

    An alpha that leaves a whole rectangle only trims the picture. Where the ground inside is plain, the element is what stands
    on it; else the rectangle stays the element, and a note names the doubt.
    """
    opaque = own >= 0.5
    box = upright_rectangle(own >= _SOLID)  # a window's shadow is half opaque
    height, width = opaque.shape
    if box is None or box[2] - box[0] < _WHOLE * width or box[3] - box[1] < _WHOLE * height:
        return InnerCut(None, _doubts(colour, opaque))
    inset = max(2, round(_INSET * min(height, width)))
    window = box_slices((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset))
    inner, seen = colour[window].copy(), opaque[window]
    if min(inner.shape[:2]) < 16:
        return InnerCut(None, ())
    if not seen.all():
        inner[~seen] = np.median(inner[_border(seen.shape) & seen], axis=0)
    cut = plain_cut(inner)
    if cut is None or not (cut.alpha >= 0.5).any():
        note = (
            "The picture's alpha leaves a whole rectangle, and the ground inside is not plain: the rectangle is the element. "
            "Mark the element with a box or strokes."
        )
        return InnerCut(None, (note,))
    alpha = np.zeros((height, width), np.float32)
    alpha[window] = cut.alpha * np.where(seen, own[window], 0)
    note = "The picture's alpha leaves a whole rectangle and is no cut-out: the element was cut out by the colours inside."
    return InnerCut(alpha, (note, *cut.notes))


def outlines_a_picture(opaque: Mask) -> bool:
    """Whether what is opaque (h, w) is one large, nearly convex piece: the outline of an orthophoto, not that of a figure."""
    labels, statistics = connected_components(opaque)
    if len(statistics) < 2:
        return False
    label = int(statistics[1:, 4].argmax()) + 1
    area = int(statistics[label, 4])
    if area < _PICTURE * opaque.size or area < _OF_ALL * opaque.sum():
        return False
    contours, _ = cv2.findContours((labels == label).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outer = max(contours, key=cv2.contourArea)
    filled = cv2.contourArea(outer)
    (_, (across, down), _) = cv2.minAreaRect(outer)
    return filled >= _FULL * across * down and filled >= _CONVEX * cv2.contourArea(cv2.convexHull(outer))


def _doubts(colour: Array32, opaque: Mask) -> tuple[str, ...]:
    """A note where a cut-out has a border of one light colour all round that takes much of it: cut along the paper."""
    if not opaque.any():
        return ()
    if outlines_a_picture(opaque) and opaque.mean() > _WHOLE * _WHOLE:
        return (
            "The picture's alpha outlines nearly the whole picture, and that is the element; for one figure on it, draw a box or "
            "strokes, or find elements first.",
        )
    outer, inner = (
        cv2.erode(opaque.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8), borderValue=0) > 0
        for reach in (_RING_PX, 2 * _RING_PX)
    )
    ring = outer & ~inner
    if not ring.any() or not inner.any():
        return ()
    paper = np.median(colour[ring], axis=0)
    like = np.abs(colour - paper).max(axis=2) <= _RING_STEP
    if paper.min() < _PAPER or float(like[ring].mean()) < _RING_PART or float(like[opaque].mean()) < _MUCH_PAPER:
        return ()
    return (
        "The cut-out has a border of one light colour all round; where that is paper, draw a box around the figure and save the "
        "picture without alpha.",
    )


def _border(shape: tuple[int, ...]) -> Mask:
    border = np.ones(shape, dtype=bool)
    border[2:-2, 2:-2] = False
    return border


def filled_with_nearest(colour: NDArray[np.uint8], shown: Mask) -> NDArray[np.uint8]:
    """A picture (h, w, 3) whose pixels outside of `shown` (h, w) have the nearest colour inside: no edge is left."""
    nearest = distance_transform_edt(~shown, return_distances=False, return_indices=True)
    return np.ascontiguousarray(colour[tuple(nearest)])
