"""Eliminate points of closed curves one after the other, the cheapest first; compiled, since each step waits for the last."""

# compiled functions have no annotations
# mypy: allow-untyped-defs

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BEND = 8.0  # weight of the area beside the squared length, so that even edges still keep corners
_TOUCHING = 1e-9  # px squared: a place so near to a triangle counts as held by it


def eliminate(
    points: NDArray[np.float64], sizes: NDArray[np.int64], count: int, *, even: bool, finest_bend_px: float
) -> NDArray[np.bool_]:
    """(n,) which points of closed curves (n, 2), one after the other with `sizes` points each, are kept; `count` in all.

    The rule is that of `simplified`.
    """
    first = np.cumsum([0, *sizes.tolist()])
    before, after = np.arange(len(points)) - 1, np.arange(len(points)) + 1
    before[first[:-1]], after[first[1:] - 1] = first[1:] - 1, first[:-1]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    lowest = points.min(0)
    extent = np.maximum(points.max(0) - lowest, 1e-9)
    cell_px = max(float(np.sqrt(extent.prod() / len(points))), float(extent.max()) / 4096)
    columns, rows = (np.floor(extent / cell_px).astype(np.int64) + 1).tolist()
    column, row = np.floor((points - lowest) / cell_px).astype(np.int64).T
    cells = row * columns + column
    order = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(rows * columns + 1))
    grid = order, starts, lowest, cell_px, rows, columns
    kept = np.ones(len(points), np.bool_)
    _eliminate(points, before, after, owner, sizes.copy(), kept, grid, count, even, finest_bend_px)
    return kept


@njit(cache=True)
def _eliminate(points, before, after, owner, left, kept, grid, count, even, finest_bend_px):
    total = len(points)
    costs = np.empty(total)
    keys, items = np.empty(3 * total), np.empty(3 * total, np.int64)  # a heap: each point once, and two for each that goes
    size = 0
    for index in range(total):
        costs[index] = _cost(points, before[index], index, after[index], even)
        size = _push(keys, items, size, costs[index], index)
    while size > 0 and (total > count or finest_bend_px > 0):
        value, index = keys[0], items[0]
        size = _pop(keys, items, size)
        if not kept[index] or value != costs[index] or left[owner[index]] <= 3:
            continue
        low, high = before[index], after[index]
        if total <= count and _bend(points, low, index, high) >= finest_bend_px:
            continue
        if _holds_another(points, low, index, high, kept, grid):
            continue  # until a neighbour goes and its triangle is another
        kept[index] = False
        left[owner[index]] -= 1
        total -= 1
        after[low], before[high] = high, low
        for beside in (low, high):
            # a corner behind a removed one is not cheaper than it
            costs[beside] = max(_cost(points, before[beside], beside, after[beside], even), value)
            size = _push(keys, items, size, costs[beside], beside)


@njit(cache=True)
def _cost(points, low, index, high, even):
    bend = abs(_double_area(points, low, index, high))
    if not even:
        return bend / max(_distance(points, low, high), 1e-6) ** 0.5
    way = _distance(points, low, index) + _distance(points, index, high)  # along the curve: by chords, tips would go first
    return way**2 + _BEND * bend


@njit(cache=True)
def _bend(points, low, index, high):
    """Distance of a place from the chord of its neighbours."""
    return abs(_double_area(points, low, index, high)) / max(_distance(points, low, high), 1e-12)


@njit(cache=True)
def _double_area(points, one, two, three):
    return (points[two, 0] - points[one, 0]) * (points[three, 1] - points[one, 1]) - (points[two, 1] - points[one, 1]) * (
        points[three, 0] - points[one, 0]
    )


@njit(cache=True)
def _distance(points, one, two):
    return math.hypot(points[one, 0] - points[two, 0], points[one, 1] - points[two, 1])


@njit(cache=True)
def _holds_another(points, a, b, c, kept, grid):
    """Whether a triangle of three points holds, or nearly touches, another that is kept."""
    order, starts, lowest, cell_px, rows, columns = grid
    ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
    x, y = (ax + bx + cx) / 3, (ay + by + cy) / 3
    reach = max(math.hypot(ax - x, ay - y), math.hypot(bx - x, by - y), math.hypot(cx - x, cy - y)) * (1 + 1e-9)
    sense = -1.0 if _double_area(points, a, b, c) < 0 else 1.0
    left, right = int(max(0, (x - reach - lowest[0]) // cell_px)), int(min(columns - 1, (x + reach - lowest[0]) // cell_px))
    top, bottom = int(max(0, (y - reach - lowest[1]) // cell_px)), int(min(rows - 1, (y + reach - lowest[1]) // cell_px))
    for row in range(top, bottom + 1):
        for place in range(starts[row * columns + left], starts[row * columns + right + 1]):
            other = order[place]
            if not kept[other] or other in (a, b, c):
                continue
            px, py = points[other, 0], points[other, 1]
            if math.hypot(px - x, py - y) > reach:
                continue
            if (
                ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) * sense >= -_TOUCHING
                and ((cx - bx) * (py - by) - (cy - by) * (px - bx)) * sense >= -_TOUCHING
                and ((ax - cx) * (py - cy) - (ay - cy) * (px - cx)) * sense >= -_TOUCHING
            ):
                return True
    return False


@njit(cache=True)
def _push(keys, items, size, key, item):
    """Put an item on a heap of keys, the smallest first, equal ones by item; the heap's new size."""
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if keys[parent] < key or (keys[parent] == key and items[parent] <= item):
            break
        keys[at], items[at] = keys[parent], items[parent]
        at = parent
    keys[at], items[at] = key, item
    return size + 1


@njit(cache=True)
def _pop(keys, items, size):
    """Take the first item off; the heap's new size."""
    size -= 1
    key, item = keys[size], items[size]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (keys[other] < keys[child] or (keys[other] == keys[child] and items[other] < items[child])):
            child = other
        if key < keys[child] or (key == keys[child] and item <= items[child]):
            break
        keys[at], items[at] = keys[child], items[child]
        at = child
    keys[at], items[at] = key, item
    return size
