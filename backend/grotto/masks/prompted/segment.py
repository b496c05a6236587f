"""Segment an element on a busy picture from a box and strokes.

Everything is learnt from this picture alone. A classifier separates the box from what lies outside it and is trained again after
each contour on its inside and outside; strokes are its surest examples, and count for regions of like colour that can be reached
without crossing an edge. The contour is a relaxed minimal cut; at last the sharp colours on both its sides place it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..appearance import PixelClassifier, colour_log_odds, lab_from_srgb, pixel_features, texture_energy
from ..bounds import box_slices, mask_bounds, padded_box
from ..components import connected_components, drop_specks, fill_holes, keep_slivers
from ..edges import soft_edges
from ..hints import Hints, check_hints, resized_hints
from ..regions import Regions, make_regions
from ..resampling import reduced
from .border import border_log_odds
from .contour import contour_cost, minimal_contour

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORK_PX = 512

# Weights of the cues in one log odds; chosen on walls of seed 100, measured on others (docs/benchmarks/element.md).
_PIXEL, _REGION, _COLOUR, _OUTWARD, _BIAS = 0.7, 1.5, 0.3, 2.0, -1.2
_CLAIM, _CLAIM_REACH = 6.0, 3.0  # of a stroke; the reach in steps between neighbouring regions
# Weight of similarity to the strokes: ramps from 0 at three subject strokes to full at six (docs/benchmarks/element.md).
_ALIKE, _ALIKE_FIRST, _ALIKE_MOST, _ALIKE_STROKES = 0.4, 0.3, 3.0, (3, 6)
_STROKE_SHARE = 0.2  # of the training examples, for each kind of stroke
_KEEP = 0.2  # of the first log odds, beside those of the classifier trained on the contour
_ROUNDS = 4
_FIRST_STEPS, _STEPS = 150, 80
_CONTOUR_STEPS = 80
_AGREE, _AGREE_RIM = 0.2, 0.25  # how much a pixel's log odds weigh against the contour's length
_MOST = 4.0
_CERTAIN = np.float32(50.0)
_SPECK, _HOLE = 4e-5, 2e-5  # of the picture's area
_BELOW_HALF = np.float32(0.498)
_SLIVER = 5  # px at working size


@dataclass(frozen=True)
class PreparedPicture:
    """A picture at working size with all that does not depend on strokes."""

    lab: Array32
    features: Array32  # (h * w, c)
    regions: Regions
    cost: tuple[Array32, Array32]
    fine_cost: tuple[Array32, Array32]  # places the contour to the pixel
    inside: Mask  # the box
    first: Array32  # log odds by the box alone


def prepare_picture(colour: Array32, hints: Hints) -> PreparedPicture:
    """Prepare a picture (h, w, 3) for `segment`, which may be called with it again after each stroke."""
    small, scale = reduced(colour, WORK_PX)
    scaled = resized_hints(hints, small.shape[1], small.shape[0], scale)
    inside = _inside(scaled, small.shape[1], small.shape[0])
    return _prepared(small, inside if scaled.subject is None else inside | scaled.subject)


def segment(colour: Array32, hints: Hints, prepared: PreparedPicture | None = None) -> Array32:
    """Opacity (h, w) of the element on a picture (h, w, 3) of sRGB values 0 to 1.

    Nothing outside the box is kept; without a box, nothing at the picture's border that no stroke touches. Solved at WORK_PX or
    less; only the surroundings of the contour are treated at full resolution. prepared: from `prepare_picture`, of the same
    picture and box.
    """
    height, width = colour.shape[:2]
    check_hints(hints, width, height)
    prepared = prepare_picture(colour, hints) if prepared is None else prepared
    rows, columns = prepared.inside.shape
    scaled = resized_hints(hints, columns, rows, min(1.0, WORK_PX / max(height, width)))
    none = np.zeros((rows, columns), dtype=bool)
    subject = none if scaled.subject is None else scaled.subject
    background = (none if scaled.background is None else scaled.background) & ~subject
    mask = _solve(prepared, subject, background)
    enlarged = max(height, width) / max(rows, columns)
    alpha = soft_edges(colour, mask.astype(np.float32), 1.0 + 1.5 * (enlarged - 1))
    if mask.shape == alpha.shape:  # the contour is already placed to the pixel: softness does not move it
        alpha = np.where(mask, np.maximum(alpha, np.float32(0.5)), np.minimum(alpha, _BELOW_HALF))
    return alpha if hints.box is None else _within(alpha, hints.box)


def _within(alpha: Array32, box: tuple[float, float, float, float]) -> Array32:
    left, top, right, bottom = (max(0, round(side)) for side in box)
    kept = np.zeros_like(alpha)
    kept[top:bottom, left:right] = alpha[top:bottom, left:right]
    return kept


def _inside(hints: Hints, width: int, height: int) -> Mask:
    """Where the element may be (h, w): the box, or all but a margin, a wide one where there are no hints."""
    margin = max(1.0, (0.02 if hints.any_marked else 0.08) * min(width, height))
    left, top, right, bottom = hints.box or (margin, margin, width - margin, height - margin)
    inside = np.zeros((height, width), dtype=bool)
    inside[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = True
    if inside.all():  # a box around everything is as good as none
        inside[[0, -1]] = False
        inside[:, [0, -1]] = False
    return inside


def _prepared(colour: Array32, inside: Mask) -> PreparedPicture:
    lab = lab_from_srgb(colour)
    regions = make_regions(lab, texture_energy(lab))
    features = pixel_features(lab, regions)
    flat = inside.ravel()
    net = PixelClassifier(features.shape[1], 0)
    share = np.where(flat, 0.5 / max(1, flat.sum()), 0.5 / max(1, (~flat).sum()))
    net.fit(features, flat.astype(np.float32), share, _FIRST_STEPS)
    odds = net(features).reshape(lab.shape[:2])
    first = _PIXEL * odds + _REGION * regions.mean(odds)[regions.labels] + _COLOUR * colour_log_odds(lab, inside) + _BIAS
    return PreparedPicture(
        lab, features, regions, contour_cost(lab), contour_cost(lab, 0.0), inside, np.asarray(first, dtype=np.float32)
    )


def _solve(prepared: PreparedPicture, subject: Mask, background: Mask) -> Mask:
    geodesic = _geodesic(prepared, subject, background)
    certain = np.zeros(subject.shape, np.float32)
    certain[~prepared.inside | background] = _CERTAIN
    certain[subject] = -_CERTAIN
    before = prepared.first + geodesic
    odds, relaxed = before, None
    alike, weight = _alike(prepared, subject, background)
    for number in range(_ROUNDS):
        if relaxed is not None:
            learnt = _learnt(prepared, relaxed, subject, background, number)
            odds = 2 * (1 - _KEEP) * learnt + _KEEP * before + 0.5 * geodesic + weight * alike
        else:
            odds = before + np.float32(_ALIKE_FIRST) * alike
        against = certain - np.float32(_AGREE) * np.clip(odds, -_MOST, _MOST)
        relaxed = _contour(prepared, against, prepared.cost, relaxed)
    if relaxed is None or not (relaxed >= 0.5).any():
        return subject.copy()
    against = certain - np.float32(_AGREE_RIM) * border_log_odds(prepared.lab, relaxed >= 0.5)
    final = _contour(prepared, against, prepared.fine_cost, (relaxed >= 0.5).astype(np.float32)) >= 0.5
    return _tidied(final, relaxed >= 0.5, subject, background)


def _alike(prepared: PreparedPicture, subject: Mask, background: Mask) -> tuple[Array32, np.float32]:
    """Log odds (h, w) by similarity to the strokes, and their weight.

    They find parts like those marked, which a classifier trained on a contour without them would leave out.
    """
    if not subject.any():
        return np.zeros(subject.shape, np.float32), np.float32(0)
    odds = np.clip(_learnt(prepared, subject, subject, background, 0), -_ALIKE_MOST, _ALIKE_MOST)
    few, many = _ALIKE_STROKES
    part = np.clip((len(connected_components(subject)[1]) - 1 - few) / (many - few), 0, 1)
    return np.asarray(odds, dtype=np.float32), np.float32(_ALIKE * part)


def _contour(prepared: PreparedPicture, against: Array32, cost: tuple[Array32, Array32], start: Array32 | None) -> Array32:
    """Minimal contour (h, w), 0 to 1, solved in the box and one pixel around it; everything else is outside."""
    bounds = mask_bounds(prepared.inside)
    relaxed = np.zeros_like(against)
    if bounds is None:
        return relaxed
    window = box_slices(padded_box(bounds, 1, against.shape[1], against.shape[0]))
    right, lower = cost[0][window].copy(), cost[1][window].copy()
    right[:, -1] = lower[-1] = 0
    relaxed[window] = minimal_contour(against[window], (right, lower), None if start is None else start[window], _CONTOUR_STEPS)
    return relaxed


def _geodesic(prepared: PreparedPicture, subject: Mask, background: Mask) -> Array32:
    """Log odds (h, w) by geodesic distances: out of the box, and to the strokes of either kind."""
    regions = prepared.regions
    on_subject, on_background = (regions.mean(strokes) > 0.3 for strokes in (subject, background))
    outside = (regions.mean(~prepared.inside) > 0.5) | on_background
    out = np.log1p(np.minimum(regions.distance(outside & ~on_subject), 1e6))
    inner = regions.mean(prepared.inside) > 0.5
    odds = _OUTWARD * (out - (float(np.median(out[inner])) if inner.any() else 0.0))
    if subject.any():
        odds *= 0.5  # a stroke counts more
    odds += _claims(regions, subject) - _claims(regions, background)
    return np.asarray(odds[regions.labels], dtype=np.float32)


def _claims(regions: Regions, strokes: Mask) -> NDArray[np.float64]:
    """Log odds (n,) of each region by its geodesic distance from the nearest stroke."""
    labels, boxes = connected_components(strokes)
    most = np.zeros(len(regions.size))
    for number in range(1, len(boxes)):
        distance = regions.distance(regions.mean(labels == number) > 0.3)
        most = np.maximum(most, np.exp(-distance / _CLAIM_REACH))
    return _CLAIM * most


def _learnt(prepared: PreparedPicture, guess: NDArray[np.generic], subject: Mask, background: Mask, seed: int) -> Array32:
    """Log odds (h, w) of a classifier trained on a guess (h, w), 0 to 1, with strokes and the outside as sure examples."""
    labels = np.where(prepared.inside & ~background, guess, 0).astype(np.float32)
    labels[subject] = 1
    share = np.zeros(labels.shape)
    share[~prepared.inside] = 1 / max(1, int((~prepared.inside).sum()))
    unsure = prepared.inside & ~subject & ~background
    if guess.dtype != np.bool_:
        share[unsure] = 1 / max(1, int(unsure.sum()))
    for strokes in (subject, background):
        if strokes.any():
            share[strokes] += _STROKE_SHARE / int(strokes.sum())
    net = PixelClassifier(prepared.features.shape[1], seed + 1)
    net.fit(prepared.features, labels.ravel(), share.ravel(), _STEPS)
    odds = net(prepared.features).reshape(labels.shape)
    return np.asarray(0.5 * odds + 0.5 * prepared.regions.mean(odds)[prepared.regions.labels], dtype=np.float32)


def _tidied(mask: Mask, candidate: Mask, subject: Mask, background: Mask) -> Mask:
    """The mask with slivers kept, tiny holes filled and specks dropped; strokes override all of it."""
    whole = keep_slivers(mask, candidate, _SLIVER)
    whole = drop_specks(fill_holes(whole, _HOLE * mask.size), max(4.0, _SPECK * mask.size), subject)
    return (whole | subject) & ~background
