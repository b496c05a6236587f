"""Insert points into a constrained Delaunay triangulation, each where the error is largest; compiled, triangle by triangle.

A triangle's side k runs from its corner k to the next. A side without a triangle across is the outline's, and stays.
"""

# compiled functions have no annotations
# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Points = NDArray[np.float64]
_AREA_EXPONENT = 0.25  # an error counts times the area of its triangle to this power
_THIN = 1e-6  # px: a point nearer to a side than this would make a triangle of no area
_PER_CELL = 2.0  # places in a cell of the grid by which they are first found


def legal(points: Points, faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """The faces (m, 3) over points (n, 2), counter-clockwise, with sides flipped until they are Delaunay's (Lawson 1977)."""
    made = np.ascontiguousarray(faces, np.int64).copy()
    none = np.zeros(0, np.int64)
    _flip_all(np.ascontiguousarray(points), made, sides_across(made, len(points)), np.full(len(made), -1, np.int64), none)
    return made


def refine(
    points: Points, faces: NDArray[np.int64], places: Points, wanted: NDArray[np.float64], count: int
) -> tuple[Points, NDArray[np.float64], NDArray[np.int64]]:
    """Insert `count` of the places (k, 2) at most, each where the wanted heights (k,) differ most from the triangles'.

    points (n, 2) have the height 0, faces (m, 3) are `legal`. Returns all points, their heights, and the faces.
    """
    most = len(points) + count
    all_points, heights = np.zeros((most, 2)), np.zeros(most)
    all_points[: len(points)] = points
    all_faces = np.zeros((len(faces) + 2 * count, 3), np.int64)
    all_faces[: len(faces)] = faces
    across = np.full_like(all_faces, -1)
    across[: len(faces)] = sides_across(faces, len(points))
    head, following = np.full(len(all_faces), -1, np.int64), np.full(len(places), -1, np.int64)
    places = np.ascontiguousarray(places, np.float64)
    if len(places):
        _distribute(all_points, all_faces, len(faces), places, *_grid(places), head, following)
    counts = np.array([len(points), len(faces)])
    _refine(all_points, heights, all_faces, across, counts, places, np.ascontiguousarray(wanted), head, following, count)
    return all_points[: counts[0]], heights[: counts[0]], all_faces[: counts[1]]


def sides_across(faces: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(m, 3) the face on the other side of each side, -1 where there is none. faces: (m, 3) of `count` points, of one sense."""
    start, stop = faces.reshape(-1), np.roll(faces, -1, axis=1).reshape(-1)
    forth, back = start * count + stop, stop * count + start
    order = np.argsort(forth)
    found = np.minimum(np.searchsorted(forth[order], back), len(order) - 1)
    return np.where(forth[order][found] == back, order[found] // 3, -1).reshape(-1, 3)


def _grid(places: Points) -> tuple[NDArray[np.int64], NDArray[np.int64], Points, float, int, int]:
    """Places (k, 2) sorted by square cells, where each cell starts, the first cell's corner, cells' size, rows, columns."""
    lowest = places.min(0)
    extent = np.maximum(places.max(0) - lowest, 1e-9)
    cell = max(float(np.sqrt(_PER_CELL * extent.prod() / len(places))), float(extent.max()) / 4096)
    columns, rows = (np.floor(extent / cell).astype(np.int64) + 1).tolist()
    column, row = np.floor((places - lowest) / cell).astype(np.int64).T
    cells = row * columns + column
    order = np.argsort(cells, kind="stable")
    return order, np.searchsorted(cells[order], np.arange(rows * columns + 1)), lowest, cell, rows, columns


@njit(cache=True)
def _distribute(points, faces, many, places, order, starts, lowest, cell, rows, columns, head, following):
    """Put each place on the list of the first face that holds it."""
    taken = np.zeros(len(places), np.bool_)
    for face in range(many):
        a, b, c = faces[face]
        low_x, high_x = min(points[a, 0], points[b, 0], points[c, 0]), max(points[a, 0], points[b, 0], points[c, 0])
        low_y, high_y = min(points[a, 1], points[b, 1], points[c, 1]), max(points[a, 1], points[b, 1], points[c, 1])
        left, right = (
            max(0, int(np.floor((low_x - lowest[0]) / cell))),
            min(columns - 1, int(np.floor((high_x - lowest[0]) / cell))),
        )
        top, bottom = max(0, int(np.floor((low_y - lowest[1]) / cell))), min(rows - 1, int(np.floor((high_y - lowest[1]) / cell)))
        if left > right:
            continue
        for row in range(top, bottom + 1):
            for index in range(starts[row * columns + left], starts[row * columns + right + 1]):
                place = order[index]
                x, y = places[place]
                if taken[place] or min(_area(points, a, b, x, y), _area(points, b, c, x, y), _area(points, c, a, x, y)) < 0:
                    continue
                taken[place] = True
                following[place] = head[face]
                head[face] = place


@njit(cache=True)
def _refine(points, height, faces, across, counts, places, wanted, head, following, count):
    total = len(faces)
    error, worst = np.zeros(total), np.full(total, -1, np.int64)
    heap, at = np.empty(total, np.int64), np.full(total, -1, np.int64)  # faces by error, the largest first; where each is
    size = 0
    changed = np.zeros(total, np.bool_)
    for face in range(counts[1]):
        error[face], worst[face] = _worst(face, points, height, faces, places, wanted, head, following)
        size = _place(heap, at, size, face, error)
    for _ in range(count):
        if size == 0 or error[heap[0]] <= 0:
            break
        face = heap[0]
        touched = _insert(face, worst[face], points, faces, across, counts, places, head, following, changed)
        height[counts[0] - 1] = wanted[worst[face]]
        for one in touched:
            changed[one] = False
            error[one], worst[one] = _worst(one, points, height, faces, places, wanted, head, following)
            size = _place(heap, at, size, one, error)


@njit(cache=True)
def _insert(face, place, points, faces, across, counts, places, head, following, changed):
    """Split a face at a place, flip sides until all are legal, and return the faces that changed."""
    a, b, c = faces[face]
    new, one, two = counts[0], counts[1], counts[1] + 1
    counts[0] += 1
    counts[1] += 2
    x, y = places[place]
    points[new, 0], points[new, 1] = x, y
    side_ab, side_bc, side_ca = across[face]
    waiting = head[face]
    head[face], head[one], head[two] = -1, -1, -1
    _set(faces, across, face, a, b, new, side_ab, one, two)
    _set(faces, across, one, b, c, new, side_bc, two, face)
    _set(faces, across, two, c, a, new, side_ca, face, one)
    _relink(across, side_bc, face, one)
    _relink(across, side_ca, face, two)
    while waiting >= 0:
        after = following[waiting]
        if waiting != place:
            x, y = places[waiting]
            by_a, by_b = _area(points, new, a, x, y) >= 0, _area(points, new, b, x, y) >= 0
            by_c = _area(points, new, c, x, y) >= 0
            owner = face if by_a and not by_b else one if by_b and not by_c else two
            following[waiting] = head[owner]
            head[owner] = waiting
        waiting = after
    touched = [face, one, two]
    for owner in touched:
        changed[owner] = True
    stack = [3 * face, 3 * one, 3 * two]
    while len(stack) > 0:
        side = stack.pop()
        other = _flip(side, points, faces, across, places, head, following, stack)
        if other >= 0:
            for owner in (side // 3, other):
                if not changed[owner]:
                    changed[owner] = True
                    touched.append(owner)
    return touched


@njit(cache=True)
def _flip_all(points, faces, across, head, following):
    places = np.zeros((0, 2))
    stack = list(range(3 * len(faces)))
    while len(stack) > 0:
        _flip(stack.pop(), points, faces, across, places, head, following, stack)


@njit(cache=True)
def _flip(side, points, faces, across, places, head, following, stack):
    """Flip a side whose opposite corner lies in its face's circumcircle, and put the four around it on the stack.

    Returns the face across, or -1 where the side stays.
    """
    face, k = side // 3, side % 3
    other = across[face, k]
    if other < 0:
        return -1
    j = 0
    while across[other, j] != face or faces[other, j] != faces[face, (k + 1) % 3]:
        j += 1
    a, b, c, d = faces[face, k], faces[face, (k + 1) % 3], faces[face, (k + 2) % 3], faces[other, (j + 2) % 3]
    if not _better_turned(points, a, b, c, d):
        return -1
    side_bc, side_ca = across[face, (k + 1) % 3], across[face, (k + 2) % 3]
    side_ad, side_db = across[other, (j + 1) % 3], across[other, (j + 2) % 3]
    _set(faces, across, face, a, d, c, side_ad, other, side_ca)
    _set(faces, across, other, d, b, c, side_db, side_bc, face)
    _relink(across, side_ad, other, face)
    _relink(across, side_bc, face, other)
    first, second = head[face], head[other]
    head[face], head[other] = -1, -1
    for waiting in (first, second):
        while waiting >= 0:
            after = following[waiting]
            owner = face if _area(points, d, c, places[waiting, 0], places[waiting, 1]) >= 0 else other
            following[waiting] = head[owner]
            head[owner] = waiting
            waiting = after
    stack.append(3 * face)
    stack.append(3 * other)
    stack.append(3 * other + 1)
    stack.append(3 * face + 2)
    return other


@njit(cache=True)
def _set(faces, across, face, a, b, c, side_ab, side_bc, side_ca):
    faces[face, 0], faces[face, 1], faces[face, 2] = a, b, c
    across[face, 0], across[face, 1], across[face, 2] = side_ab, side_bc, side_ca


@njit(cache=True)
def _relink(across, face, before, after):
    """Where a face, if there is one, had `before` across a side, it has `after`."""
    if face >= 0:
        for k in range(3):
            if across[face, k] == before:
                across[face, k] = after
                return


@njit(cache=True)
def _better_turned(points, a, b, c, d):
    """Whether d lies in the circumcircle of a, b, c, and the four corners are convex."""
    dx, dy = points[d, 0], points[d, 1]
    ax, ay, bx, by = points[a, 0] - dx, points[a, 1] - dy, points[b, 0] - dx, points[b, 1] - dy
    cx, cy = points[c, 0] - dx, points[c, 1] - dy
    if _area(points, a, d, points[c, 0], points[c, 1]) <= 0 or _area(points, d, b, points[c, 0], points[c, 1]) <= 0:
        return False
    aa, bb, cc = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    circle = aa * (bx * cy - cx * by) - bb * (ax * cy - cx * ay) + cc * (ax * by - bx * ay)
    return circle > 1e-9 * max(aa, bb, cc) ** 2


@njit(cache=True)
def _area(points, one, two, x, y):
    """Twice the signed area of the triangle of two points and a place."""
    return (points[two, 0] - points[one, 0]) * (y - points[one, 1]) - (points[two, 1] - points[one, 1]) * (x - points[one, 0])


@njit(cache=True)
def _worst(face, points, height, faces, places, wanted, head, following):
    """The largest error in a face, times a power of its area, and the place that has it; 0 where none can be inserted."""
    a, b, c = faces[face]
    whole = _area(points, a, b, points[c, 0], points[c, 1])
    most, found = 0.0, -1
    if whole <= 0:
        return most, found
    thin = _THIN * max(whole, 1.0) ** 0.5
    place = head[face]
    while place >= 0:
        x, y = places[place]
        to_ab, to_bc, to_ca = _area(points, a, b, x, y), _area(points, b, c, x, y), _area(points, c, a, x, y)
        if min(to_ab, to_bc, to_ca) > thin:
            off = abs(wanted[place] - (to_bc * height[a] + to_ca * height[b] + to_ab * height[c]) / whole)
            if off > most:
                most, found = off, place
        place = following[place]
    return most * whole**_AREA_EXPONENT, found


@njit(cache=True)
def _place(heap, at, size, face, error):
    """Put a face on the heap, or move it to where its error belongs; the heap's new size."""
    here = at[face]
    if here < 0:
        here = size
        size += 1
    while here > 0 and error[heap[(here - 1) // 2]] < error[face]:
        heap[here] = heap[(here - 1) // 2]
        at[heap[here]] = here
        here = (here - 1) // 2
    while 2 * here + 1 < size:
        child = 2 * here + 1
        if child + 1 < size and error[heap[child + 1]] > error[heap[child]]:
            child += 1
        if error[heap[child]] <= error[face]:
            break
        heap[here] = heap[child]
        at[heap[here]] = here
        here = child
    heap[here], at[face] = face, here
    return size
