"""Cut an element out of a plain ground, with what photographs of paintings have besides: shade, mats, frames, labels.

Each is looked for only in what differs from the ground, and each that is left out is named in a note.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .bounds import Box, box_slices
from .components import connected_components, drop_specks
from .edges import soft_edges
from .frames import is_rectangle, without_frames, without_labels
from .pale import find_pale
from .plain_background import fit_background, plain_background_alpha
from .shade import find_shade

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_MOST_NESTED = 3  # a sheet on a mat in a window
_EDGE_INSETS = (0.0025, 0.005, 0.01, 0.02, 0.03)  # of the shorter side: thickness of a line along the picture's edge
_EDGE_STEP = 0.15  # of sRGB values, that such a line differs from the ground inside it
_EDGE_COVERED, _EDGE_CLEAR = 0.8, 0.95  # of the picture's edge, and of the border inside the line that is ground
_SHEET, _SHEET_INSET = 0.15, 0.015  # least part of the picture, and what of its shorter side is its blurred edge
_PAPER, _PAPER_HUE = 0.75, 0.2  # least value of a sheet's paper, and most difference of its channels
_LEAST_WITHIN, _MOST_WITHIN = 0.004, 0.9  # of a sheet, that what lies on it takes
_TO_EDGE = 0.94  # of the picture's sides, from which what is around a sheet is a line
_EDGE_LINE = "A line along the picture's edge was left out."
_SPECK = 2e-4  # of the picture: what is left of shade's rim
_BAND_PX = 1.5
_AS_LIGHT = 1.02  # of the ground's lightness: shadows are no lighter
_LEAST_CASTER = 0.25  # of a shadow's area, that the figure which casts it takes
_UNEVEN_BORDER, _UNEVEN_GROUND = 0.9, 0.2  # of the border and of the picture, that even ground must reach
_HOLLOW = 0.6  # of what an outline encloses


@dataclass(frozen=True)
class PlainCut:
    """`alpha` (h, w); notes are whole sentences; `as_measured`: nothing but the ground's colour decided."""

    alpha: Array32
    notes: tuple[str, ...] = ()
    as_measured: bool = True


def plain_cut(colour: Array32, nested: int = 0) -> PlainCut | None:
    """Cut what stands on a plain ground out of a picture (h, w, 3), values 0 to 1; None where there is no plain ground."""
    colour = np.ascontiguousarray(colour)
    alpha = plain_background_alpha(colour)
    if alpha is None:
        return _within_edge_line(colour, nested) or _uneven(colour)
    cut = PlainCut(alpha)
    for step in (_less_shade, _less_sheets, _less_frames, _less_labels, _with_pale):
        cut = step(colour, cut, nested)
    return replace(cut, notes=(*cut.notes, *_hollow(cut.alpha >= 0.5)))


def _less_shade(colour: Array32, cut: PlainCut, nested: int) -> PlainCut:
    mask = cut.alpha >= 0.5
    ground = fit_background(colour).colour(mask.shape, slice(0, mask.shape[0]), slice(0, mask.shape[1]))
    shade = find_shade(colour, mask, np.median(ground.reshape(-1, 3), axis=0))
    if shade is None:
        return cut
    left = drop_specks(mask & ~shade.where, _SPECK * mask.size)
    if not left.any():
        return cut
    if shade.lightest < _AS_LIGHT and left.sum() < _LEAST_CASTER * shade.where.sum():
        note = (
            f"An area with soft edges, {100 * shade.part:.0f} % of the picture, is larger than a cast shadow and was kept as "
            "paint; where it is shadow, mark it black with a stroke."
        )
        return replace(cut, notes=(*cut.notes, note))
    what = "a soft shadow" if shade.lightest < _AS_LIGHT else "uneven light"
    note = (
        f"{what[0].upper()}{what[1:]} on the ground, {100 * shade.part:.0f} % of the picture, was left out; "
        "where it is paint, mark it with a stroke."
    )
    near = cv2.dilate(shade.where.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    soft = soft_edges(colour, left.astype(np.float32), _BAND_PX)
    return PlainCut(np.where(near | (mask & ~left), soft, cut.alpha), (*cut.notes, note), as_measured=False)


def _less_sheets(colour: Array32, cut: PlainCut, nested: int) -> PlainCut:
    """Where the element is a sheet of light paper on a darker ground: what is on the sheet."""
    mask = cut.alpha >= 0.5
    labels, statistics = connected_components(mask)
    for label in np.flatnonzero(statistics[:, 4] >= _SHEET * mask.size):
        left, top, across, down = (int(value) for value in statistics[label, :4])
        if label == 0 or nested >= _MOST_NESTED or not is_rectangle(labels == label):
            continue
        inset = max(2, round(_SHEET_INSET * min(across, down)))
        box: Box = left + inset, top + inset, left + across - inset, top + down - inset
        window = np.ascontiguousarray(colour[box_slices(box)])
        if min(window.shape[:2]) < 16 or not _is_paper(window):
            continue
        within = plain_cut(window, nested + 1)
        if within is None or not _LEAST_WITHIN < float((within.alpha >= 0.5).mean()) < _MOST_WITHIN:
            continue
        alpha = np.where(cv2.dilate((labels == label).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0, 0, cut.alpha)
        alpha[box_slices(box)] = within.alpha
        note = "A sheet lies on the ground; what is on the sheet was cut out. For the sheet itself, draw a box around it."
        if across > _TO_EDGE * mask.shape[1] and down > _TO_EDGE * mask.shape[0]:
            note = _EDGE_LINE
        cut = PlainCut(alpha.astype(np.float32), (*cut.notes, note, *within.notes), as_measured=False)
    return cut


def _is_paper(window: Array32) -> bool:
    """Whether a window (h, w, 3) shows plain, light, nearly grey ground along its border."""
    background = fit_background(window)
    colour = background.plane[0] + 0.5 * (background.plane[1] + background.plane[2])
    return background.plain and float(colour.min()) >= _PAPER and float(np.ptp(colour)) <= _PAPER_HUE


def _less_frames(colour: Array32, cut: PlainCut, nested: int) -> PlainCut:
    mask = cut.alpha >= 0.5
    left, taken = without_frames(mask)
    if not taken:
        return cut
    note = "A drawn frame around the element was left out; mark it with a stroke to keep it."
    return _less(cut, mask & ~left, note)


def _less_labels(colour: Array32, cut: PlainCut, nested: int) -> PlainCut:
    mask = cut.alpha >= 0.5
    left, taken = without_labels(mask)
    if not taken:
        return cut
    what = "A rectangle" if taken == 1 else f"{taken} rectangles"
    note = f"{what} beside the element, like a label or a colour chart, was left out; mark it with a stroke to keep it."
    return _less(cut, mask & ~left, note.replace("was", "was" if taken == 1 else "were", 1))


def _with_pale(colour: Array32, cut: PlainCut, nested: int) -> PlainCut:
    mask = cut.alpha >= 0.5
    background = fit_background(colour)
    rows, columns = (slice(0, side) for side in mask.shape)
    pale = find_pale(colour - background.colour(mask.shape, rows, columns), background.spread, mask)
    if pale is None:
        return cut
    note = (
        f"{100 * pale.mean():.0f} % of the picture hardly differs from the ground and was taken for the element by its rim; "
        "look at the mask, and mark with strokes what is wrong."
    )
    whole = mask | pale
    soft = soft_edges(colour, whole.astype(np.float32), _BAND_PX)
    near = cv2.dilate(pale.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return PlainCut(np.where(near, np.maximum(soft, cut.alpha), cut.alpha), (*cut.notes, note), as_measured=False)


def _less(cut: PlainCut, removed: Mask, note: str) -> PlainCut:
    """The cut without a part, and without that part's soft edge."""
    off = cv2.dilate(removed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    kept = (cut.alpha >= 0.5) & ~removed
    return PlainCut(np.where(off & ~kept, 0, cut.alpha).astype(np.float32), (*cut.notes, note), as_measured=False)


def _within_edge_line(colour: Array32, nested: int) -> PlainCut | None:
    """Where a line runs along the picture's edge and the ground inside it is plain: the cut of what is inside."""
    height, width = colour.shape[:2]
    for share in _EDGE_INSETS:
        inset = max(1, round(share * min(height, width)))
        window = np.ascontiguousarray(colour[inset:-inset, inset:-inset])
        if min(window.shape[:2]) < 16:
            return None
        background = fit_background(window)
        if not background.plain or background.part_of_border < _EDGE_CLEAR:
            continue
        edge = np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]])
        if (
            float((np.abs(edge - np.median(window[[0, -1]].reshape(-1, 3), axis=0)).max(axis=1) > _EDGE_STEP).mean())
            < _EDGE_COVERED
        ):
            return None
        within = plain_cut(window, nested)
        if within is None:
            return None
        alpha = np.pad(within.alpha, inset)
        return PlainCut(alpha, (_EDGE_LINE, *within.notes), as_measured=False)
    return None


def _uneven(colour: Array32) -> PlainCut | None:
    """Where the ground is smooth all along the border but unevenly lit: what the light does not explain."""
    height, width = colour.shape[:2]
    ring = max(2, round(0.012 * min(height, width)))
    inner = np.zeros((height, width), dtype=bool)
    inner[ring:-ring, ring:-ring] = True
    ground = np.median(colour[~inner], axis=0)
    shade = find_shade(colour, inner, ground, plain=False)
    if shade is None or shade.part < _UNEVEN_GROUND:
        return None
    rim = np.zeros_like(inner)
    rim[ring : ring + 2, ring:-ring] = rim[-ring - 2 : -ring, ring:-ring] = True
    rim[ring:-ring, ring : ring + 2] = rim[ring:-ring, -ring - 2 : -ring] = True
    if float(shade.where[rim].mean()) < _UNEVEN_BORDER:
        return None
    left = drop_specks(inner & ~shade.where, _SPECK * inner.size)
    if not left.any():
        return None
    note = "The ground is lit unevenly; what its light does not explain was cut out. Look at the mask."
    return PlainCut(soft_edges(colour, left.astype(np.float32), _BAND_PX), (note,), as_measured=False)


def _hollow(mask: Mask) -> tuple[str, ...]:
    """A note where most of what the outline encloses has the ground's colour: open work, or a figure as white as the paper."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, cv2.FILLED) > 0
    hollow = float((filled & ~mask).sum()) / max(1.0, float(filled.sum()))
    if hollow < _HOLLOW:
        return ()
    return (
        f"{100 * hollow:.0f} % of what the outline encloses has the ground's colour and was left open, as open work is; "
        "a figure as white as its paper needs a stroke.",
    )
