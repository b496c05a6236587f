"""Depth-order cues between painted parts: T-junctions first, then weaker ones.

Where three regions meet and the contour of one runs straight on, the contour between the other two ends at it: that region lies
before them (Guzman 1968; Waltz 1975). The ground around an element lies behind everything and gives no cue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

Labels = NDArray[np.int32]
Array64 = NDArray[np.float64]

_RADII_PX = (
    5.0,
    7.0,
    9.0,
    11.0,
    14.0,
    17.0,
)  # of rings around a junction; parts narrower than a ring are not sampled
_LEAST_RINGS = 3
_ANGLES = 180
_EXACT_PX = 0.2  # accuracy of borders between pixels
_BEND_PX = 20.0  # weight of a curve's bend (half its curvature, per px) beside its distance from the points
_APART_PX = 5  # junctions nearer than that are one
_DISC_PX = 8  # in which a border's bend is measured
_BENT = 0.08  # of the disc: a clear bend
_ENCLOSED = 0.9  # of a part's border that runs along one neighbour
_CONVEX, _INNER, _SMALL, _LOW = 0.2, 0.8, 0.02, 0.04  # weights beside a clear T-junction's 1
_LEAST_T = 0.1


@dataclass(frozen=True)
class OrderCue:
    """One cue that a part lies before another: `cue` is t_junction, enclosed, convex, smaller or lower."""

    front: int
    behind: int
    weight: float
    cue: str
    at_px: tuple[float, float] = (0.0, 0.0)  # x, y of a junction


def order_cues(labels: Labels) -> list[OrderCue]:
    """All cues in labels (h, w), 0 outside, parts 1 to n."""
    return [*t_junctions(labels), *enclosures(labels), *bends(labels), *sizes(labels)]


def t_junctions(labels: Labels) -> list[OrderCue]:
    """Cues against both other regions, wherever three regions meet and the contour of one runs straight on."""
    found = []
    for x, y in junctions(labels):
        rings = [ring for radius in _RADII_PX if (ring := _ring(labels, x, y, radius))]
        names = rings[-1][0] if rings else ()
        rings = [ring for ring in rings if set(ring[0]) == set(names)]
        if len(rings) < _LEAST_RINGS:
            continue
        bent = sorted((_unevenness([_ends(ring, name) for ring in rings]), name) for name in names)
        (best, front), (second, _) = bent[:2]
        weight = (second - best) / (second + best + _EXACT_PX)
        if front and weight >= _LEAST_T:
            found += [OrderCue(front, name, weight, "t_junction", (x, y)) for name in names if name not in (0, front)]
    return found


def junctions(labels: Labels) -> list[tuple[float, float]]:
    """x, y px of pixel corners at which three regions meet, one for each cluster; the outside is a region."""
    padded = np.pad(labels, 1)
    corners = np.sort(np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]]), axis=0)
    many = (corners[1:] != corners[:-1]).sum(0) >= 2
    close = cv2.dilate(many.astype(np.uint8), np.ones((_APART_PX, _APART_PX), np.uint8))
    clusters, count = label(close, np.ones((3, 3)))
    number = clusters * many
    rows, columns = np.nonzero(number)
    of = number[rows, columns]
    members = np.bincount(of, minlength=count + 1)[1:]
    across, down = (np.bincount(of, places, count + 1)[1:] / members for places in (columns, rows))
    return list(zip(across.tolist(), down.tolist(), strict=True))


Ring = tuple[tuple[int, ...], Array64]  # three regions in turn, and (3, 2) where each begins, px from the junction


def _ring(labels: Labels, x: float, y: float, radius: float) -> Ring | None:
    """The regions on a ring around a junction; None where these are not three, each once."""
    turn = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    column, row = np.floor(x + radius * np.cos(turn)).astype(int), np.floor(y + radius * np.sin(turn)).astype(int)
    inside = (column >= 0) & (row >= 0) & (column < labels.shape[1]) & (row < labels.shape[0])
    seen = np.where(inside, labels[np.clip(row, 0, labels.shape[0] - 1), np.clip(column, 0, labels.shape[1] - 1)], 0)
    starts = np.flatnonzero(seen != np.roll(seen, 1))
    names = tuple(int(name) for name in seen[starts])
    if len(set(names)) != 3 or len(names) != 3:
        return None
    angle = turn[starts] - np.pi / _ANGLES
    return names, radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _ends(ring: Ring, name: int) -> Array64:
    """(2, 2) start and end of a region on a ring."""
    place = ring[0].index(name)
    return ring[1][[place, (place + 1) % 3]]


def _unevenness(ends: Sequence[Array64]) -> float:
    """Deviation, px, of both branches of a region's contour from one parabola; ends: (2, 2) a point of either, for each ring."""
    pairs = np.stack(ends)
    way = (pairs[:, 1] - pairs[:, 0]).mean(0)
    length = float(np.linalg.norm(way))
    if length < _RADII_PX[0]:
        return float(_RADII_PX[-1])
    along = way / length
    points = pairs.reshape(-1, 2)
    x, y = points @ along, points @ np.array([-along[1], along[0]])
    powers = np.stack([np.ones_like(x), x, x * x], axis=1)
    fit = np.linalg.lstsq(powers, y, rcond=None)[0]
    return float(np.sqrt(((powers @ fit - y) ** 2).mean()) + _BEND_PX * abs(fit[2]))


def enclosures(labels: Labels) -> list[OrderCue]:
    """A part enclosed by another lies before it, since a hole would show the ground."""
    shared = neighbours(labels)
    found = []
    for name in range(1, int(labels.max()) + 1):
        own = {other: length for (one, other), length in shared.items() if one == name}
        whole = sum(own.values())
        for other, length in own.items():
            if other and length >= _ENCLOSED * whole:
                found.append(OrderCue(name, other, _INNER * length / whole, "enclosed"))
    return found


def bends(labels: Labels) -> list[OrderCue]:
    """Of two neighbours, the one that is convex along their border lies before the other."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _DISC_PX + 1, 2 * _DISC_PX + 1)).astype(np.float32)
    kernel /= kernel.sum()
    count = int(labels.max())
    shares = [cv2.filter2D((labels == name).astype(np.float32), -1, kernel) for name in range(count + 1)]
    found = []
    for one, other in (pair for pair in neighbours(labels) if 0 < pair[0] < pair[1]):
        line = _border(labels, one, other) & (shares[one] + shares[other] > 0.98)
        length = int(line.sum())
        if length < 2 * _DISC_PX:
            continue
        bend = float((shares[other] - shares[one])[line].mean())
        weight = _CONVEX * min(1.0, abs(bend) / _BENT)
        found.append(OrderCue(one, other, weight, "convex") if bend > 0 else OrderCue(other, one, weight, "convex"))
    return found


def sizes(labels: Labels) -> list[OrderCue]:
    """Weak cues: the smaller and the lower of two neighbours lies before the other."""
    area = np.bincount(labels.ravel())
    rows = np.broadcast_to(np.arange(labels.shape[0])[:, None], labels.shape)
    height = np.bincount(labels.ravel(), rows.ravel()) / np.maximum(area, 1)
    found = []
    for one, other in (pair for pair in neighbours(labels) if 0 < pair[0] < pair[1]):
        small, large = (one, other) if area[one] < area[other] else (other, one)
        found.append(OrderCue(small, large, _SMALL * (1 - area[small] / area[large]), "smaller"))
        low, high = (one, other) if height[one] > height[other] else (other, one)
        found.append(OrderCue(low, high, _LOW * min(1.0, 4 * (height[low] - height[high]) / labels.shape[0]), "lower"))
    return [vote for vote in found if vote.weight > 1e-3]


def neighbours(labels: Labels) -> dict[tuple[int, int], int]:
    """Pixel edges that two regions share, for both orders of each pair; 0 is the outside."""
    padded = np.pad(labels, 1)
    shared: dict[tuple[int, int], int] = {}
    for one, other in ((padded[:, :-1], padded[:, 1:]), (padded[:-1], padded[1:])):
        border = one != other
        pairs, counts = np.unique(np.sort(np.stack([one[border], other[border]], axis=1), axis=1), axis=0, return_counts=True)
        for (low, high), count in zip(pairs.tolist(), counts.tolist(), strict=True):
            shared[low, high] = shared.get((low, high), 0) + count
            shared[high, low] = shared[low, high]
    return shared


def _border(labels: Labels, one: int, other: int) -> NDArray[np.bool_]:
    """Pixels of either region that touch the other."""
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    first, second = (labels == one).astype(np.uint8), (labels == other).astype(np.uint8)
    return ((cv2.dilate(first, cross) & second) | (cv2.dilate(second, cross) & first)) > 0


def cue_weights(votes: Sequence[OrderCue], count: int) -> NDArray[np.float64]:
    """(n + 1, n + 1) total weight for the row's part lying before the column's; each cue of a pair counts 2 at most."""
    by_cue: dict[tuple[int, int, str], float] = {}
    for vote in votes:
        key = vote.front, vote.behind, vote.cue
        by_cue[key] = min(2.0, by_cue.get(key, 0.0) + vote.weight)
    total = np.zeros((count + 1, count + 1))
    for (front, behind, _), weight in by_cue.items():
        total[front, behind] += weight
    return total
