"""An element cut out of a busy picture, by a box and strokes.

What is learnt from this picture alone: a network tells what is in the box from what is beside it, then, after each
contour, what is inside from what is not; strokes are its surest examples, and speak for like-coloured surroundings
that can be reached from them without crossing an edge. The contour is the shortest one that agrees; at last the sharp
colours on its both sides place it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..appearance import LooksNet, colour_odds, grain_of, lab_of, looks
from ..edges import soft_edges
from ..hints import Hints, check_hints, fitted_hints
from ..reduced import reduced
from ..regions import Regions, make_regions
from ..rules import drop_specks, fill_holes, keep_slivers, parts
from .contour import contour_cost, least_contour
from .rim import rim_odds

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORK_PX = 512

# Weights of what is known into one log odds; chosen on walls of seed 100, measured on others (docs/benchmarks/element.md).
_PIXEL, _REGION, _COLOUR, _WAY_OUT, _BIAS = 0.7, 1.5, 0.3, 2.0, -1.2
_CLAIM, _CLAIM_REACH = 6.0, 3.0  # of a stroke; the reach in steps between neighbouring regions
# Of looking as strokes on the subject do, and not as those on the background: from the fourth stroke on the subject on,
# in full from the sixth, since few strokes speak for few of a figure's colours. See docs/benchmarks/element.md.
_ALIKE, _ALIKE_FIRST, _ALIKE_MOST, _ALIKE_STROKES = 0.4, 0.3, 3.0, (3, 6)
_STROKE_SHARE = 0.2  # of the examples that the network learns from are of each kind of stroke
_KEEP = 0.2  # of the first opinion, beside that of the network that has learnt from the contour
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
class Scene:
    """A picture at working size with what does not change from stroke to stroke."""

    lab: Array32
    looks: Array32  # (h * w, c)
    regions: Regions
    cost: tuple[Array32, Array32]
    fine_cost: tuple[Array32, Array32]  # places the contour to the pixel
    inside: Mask  # the box
    first: Array32  # log odds, by what is in the box and not beside it


def make_scene(colour: Array32, hints: Hints) -> Scene:
    """What `segment` finds out before it looks at strokes; worth keeping while strokes are painted on one picture."""
    small, scale = reduced(colour, WORK_PX)
    said = fitted_hints(hints, small.shape[1], small.shape[0], scale)
    inside = _inside(said, small.shape[1], small.shape[0])
    return _scene(small, inside if said.subject is None else inside | said.subject)


def segment(colour: Array32, hints: Hints, scene: Scene | None = None) -> Array32:
    """Opacity (h, w) of the element on a picture (h, w, 3) of sRGB values 0 to 1.

    Nothing outside the box is kept; without a box, nothing at the picture's border but what strokes touch. Solved on a
    picture of at most WORK_PX; only the contour's surroundings are looked at in full resolution. `scene` is what
    `make_scene` made of the same picture and box.
    """
    height, width = colour.shape[:2]
    check_hints(hints, width, height)
    scene = make_scene(colour, hints) if scene is None else scene
    rows, columns = scene.inside.shape
    said = fitted_hints(hints, columns, rows, min(1.0, WORK_PX / max(height, width)))
    none = np.zeros((rows, columns), dtype=bool)
    subject = none if said.subject is None else said.subject
    background = (none if said.background is None else said.background) & ~subject
    mask = _solve(scene, subject, background)
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
    """Where the element may be: the box, or all but a margin, wide where nothing at all was said."""
    spoken = hints.say_something
    margin = max(1.0, (0.02 if spoken else 0.08) * min(width, height))
    left, top, right, bottom = hints.box or (margin, margin, width - margin, height - margin)
    inside = np.zeros((height, width), dtype=bool)
    inside[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = True
    if inside.all():  # a box around everything says as little as none
        inside[[0, -1]] = False
        inside[:, [0, -1]] = False
    return inside


def _scene(colour: Array32, inside: Mask) -> Scene:
    lab = lab_of(colour)
    regions = make_regions(lab, grain_of(lab))
    seen = looks(lab, regions)
    flat = inside.ravel()
    net = LooksNet(seen.shape[1], 0)
    share = np.where(flat, 0.5 / max(1, flat.sum()), 0.5 / max(1, (~flat).sum()))
    net.fit(seen, flat.astype(np.float32), share, _FIRST_STEPS)
    odds = net(seen).reshape(lab.shape[:2])
    first = _PIXEL * odds + _REGION * regions.mean(odds)[regions.labels] + _COLOUR * colour_odds(lab, inside) + _BIAS
    return Scene(lab, seen, regions, contour_cost(lab), contour_cost(lab, 0.0), inside, np.asarray(first, dtype=np.float32))


def _solve(scene: Scene, subject: Mask, background: Mask) -> Mask:
    ways = _ways(scene, subject, background)
    certain = np.zeros(subject.shape, np.float32)
    certain[~scene.inside | background] = _CERTAIN
    certain[subject] = -_CERTAIN
    before = scene.first + ways
    odds, relaxed = before, None
    alike, weight = _alike(scene, subject, background)
    for number in range(_ROUNDS):
        if relaxed is not None:
            learnt = _learnt(scene, relaxed, subject, background, number)
            odds = 2 * (1 - _KEEP) * learnt + _KEEP * before + 0.5 * ways + weight * alike
        else:
            odds = before + np.float32(_ALIKE_FIRST) * alike
        against = certain - np.float32(_AGREE) * np.clip(odds, -_MOST, _MOST)
        relaxed = _contour(scene, against, scene.cost, relaxed)
    if relaxed is None or not (relaxed >= 0.5).any():
        return subject.copy()
    against = certain - np.float32(_AGREE_RIM) * rim_odds(scene.lab, relaxed >= 0.5)
    final = _contour(scene, against, scene.fine_cost, (relaxed >= 0.5).astype(np.float32)) >= 0.5
    return _tidied(final, relaxed >= 0.5, subject, background)


def _alike(scene: Scene, subject: Mask, background: Mask) -> tuple[Array32, np.float32]:
    """Log odds (h, w) of looking as strokes on the subject do, and how much they weigh: parts that no stroke has touched
    are found by others like them, which what has been learnt from the contour, without those parts, would leave out."""
    if not subject.any():
        return np.zeros(subject.shape, np.float32), np.float32(0)
    odds = np.clip(_learnt(scene, subject, subject, background, 0), -_ALIKE_MOST, _ALIKE_MOST)
    few, many = _ALIKE_STROKES
    part = np.clip((len(parts(subject)[1]) - 1 - few) / (many - few), 0, 1)
    return np.asarray(odds, dtype=np.float32), np.float32(_ALIKE * part)


def _contour(scene: Scene, against: Array32, cost: tuple[Array32, Array32], start: Array32 | None) -> Array32:
    """The least contour, sought in the box and one pixel around it: all else is known to be outside."""
    rows, columns = (np.flatnonzero(scene.inside.any(axis=axis)) for axis in (1, 0))
    relaxed = np.zeros_like(against)
    if not len(rows):
        return relaxed
    window = np.s_[max(0, rows[0] - 1) : rows[-1] + 2, max(0, columns[0] - 1) : columns[-1] + 2]
    right, lower = cost[0][window].copy(), cost[1][window].copy()
    right[:, -1] = lower[-1] = 0
    relaxed[window] = least_contour(against[window], (right, lower), None if start is None else start[window], _CONTOUR_STEPS)
    return relaxed


def _ways(scene: Scene, subject: Mask, background: Mask) -> Array32:
    """Log odds (h, w) by the ways through the picture: how hard it is to get out of the box, and near which stroke one is."""
    regions = scene.regions
    on_subject, on_background = (regions.mean(strokes) > 0.3 for strokes in (subject, background))
    outside = (regions.mean(~scene.inside) > 0.5) | on_background
    out = np.log1p(np.minimum(regions.distance(outside & ~on_subject), 1e6))
    inner = regions.mean(scene.inside) > 0.5
    odds = _WAY_OUT * (out - (float(np.median(out[inner])) if inner.any() else 0.0))
    if subject.any():
        odds *= 0.5  # a stroke says more
    odds += _claims(regions, subject) - _claims(regions, background)
    return np.asarray(odds[regions.labels], dtype=np.float32)


def _claims(regions: Regions, strokes: Mask) -> NDArray[np.float64]:
    """What strokes say about each region (n,): the most that any of them says, by the way from it."""
    labels, boxes = parts(strokes)
    most = np.zeros(len(regions.size))
    for number in range(1, len(boxes)):
        distance = regions.distance(regions.mean(labels == number) > 0.3)
        most = np.maximum(most, np.exp(-distance / _CLAIM_REACH))
    return _CLAIM * most


def _learnt(scene: Scene, guess: NDArray[np.generic], subject: Mask, background: Mask, seed: int) -> Array32:
    """Log odds (h, w) by a network that learns the guess, 0 to 1, with strokes and what is outside as sure examples."""
    labels = np.where(scene.inside & ~background, guess, 0).astype(np.float32)
    labels[subject] = 1
    share = np.zeros(labels.shape)
    share[~scene.inside] = 1 / max(1, int((~scene.inside).sum()))
    unsure = scene.inside & ~subject & ~background
    if guess.dtype != np.bool_:
        share[unsure] = 1 / max(1, int(unsure.sum()))
    for strokes in (subject, background):
        if strokes.any():
            share[strokes] += _STROKE_SHARE / int(strokes.sum())
    net = LooksNet(scene.looks.shape[1], seed + 1)
    net.fit(scene.looks, labels.ravel(), share.ravel(), _STEPS)
    odds = net(scene.looks).reshape(labels.shape)
    return np.asarray(0.5 * odds + 0.5 * scene.regions.mean(odds)[scene.regions.labels], dtype=np.float32)


def _tidied(mask: Mask, candidate: Mask, subject: Mask, background: Mask) -> Mask:
    """Slivers kept, tiny holes filled, specks dropped; strokes have the last word."""
    whole = keep_slivers(mask, candidate, _SLIVER)
    whole = drop_specks(fill_holes(whole, _HOLE * mask.size), max(4.0, _SPECK * mask.size), subject)
    return (whole | subject) & ~background
