"""Closed bodies: two reliefs over one outline, and a narrow strip that joins their rims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...contract import bug
from ..outline import Curve, FilledOutline, arc_positions, fit_polygons, matching_points, signed_area, triangulate
from .back_rim import BackRim, back_rim
from .budget import back_corners, greedy_relief, inner_counts, is_light, rim_corners, rim_part, simplified_rim
from .inflation import Heights
from .insertion import greedy_insertion, oriented, rim_faces

_TRIES = 6
_NEAR = 0.97  # of the requested faces: close enough
_CLEARANCE = 0.3  # of the mean distance of inner points: nearer to the rim, they would make slivers
_STEEPEST = 0.26  # cosine of 75 degrees: beyond, pixels are stretched to four times their length and more

Shape = Callable[[NDArray[np.float64]], NDArray[np.float64]]  # heights (n,) px at places (n, 2) px


@dataclass(frozen=True, kw_only=True)
class Solid:
    """A closed body over a picture. Frame: px, x right, y up (0 at the picture's top), z to the viewer; the outline at z = 0."""

    vertices: NDArray[np.float64]  # (n, 3)
    faces: NDArray[np.int64]  # (m, 3), counter-clockwise as seen from outside
    front: NDArray[np.bool_]  # (m,) faces that show the picture itself; the others are sides and back
    foot_px: float  # z that the front's heights stand on


def inflated_solid(
    curves: Sequence[Curve], front: Heights, back: Shape, half_edge_px: float, faces: int, finest_px: float
) -> Solid:
    """Close a body of at most `faces` triangles from the heights of its front and, turned away, of its back.

    curves: the outline. half_edge_px: half the thickness at the outline. finest_px: shortest edge of the rim. Figures of many
    thin parts may need more triangles than that.
    """
    behind = Heights(over=front.over, values=back(front.over.points) * ~front.over.on_rim)
    if is_light(faces):
        return _light(curves, front, behind, half_edge_px, faces, finest_px)
    requested, solids = faces, []
    for _ in range(_TRIES):
        solids.append(_padded(curves, front, behind, half_edge_px, requested, finest_px))
        count = len(solids[-1].faces)
        if _NEAR * faces <= count <= faces or requested >= 2 * faces:
            break
        requested = round(requested * 0.5 * (1 + _NEAR) * faces / count)
    fitting = [solid for solid in solids if len(solid.faces) <= faces]
    return max(fitting, key=face_count) if fitting else min(solids, key=face_count)


def _padded(curves: Sequence[Curve], front: Heights, behind: Heights, half_edge_px: float, faces: int, finest_px: float) -> Solid:
    rim = oriented(simplified_rim(curves, faces, finest_px))
    count_front, count_back = inner_counts(faces - 2 * rim_faces(rim) - 2 * _corners(rim))
    lit, lit_heights = greedy_insertion(front, rim, count_front, _clearance_px(rim, count_front))
    dark, dark_heights = greedy_insertion(behind, rim, count_back, _clearance_px(rim, count_back))
    return close(lit, lit_heights, dark, dark_heights, half_edge_px)


def _clearance_px(rim: Sequence[Curve], count: int) -> float:
    """How near to the rim no inner point goes in: a part of the mean distance of so many points."""
    return _CLEARANCE * float(np.sqrt(sum(signed_area(curve) for curve in rim) / max(count, 1)))


def _light(curves: Sequence[Curve], front: Heights, behind: Heights, half_edge_px: float, faces: int, finest_px: float) -> Solid:
    """A body of few faces: corners where the outline bends and no others, and fewer on the back."""
    requested = faces
    for _ in range(_TRIES):
        corners = rim_corners(curves, requested, finest_px)
        rim = oriented(corners)
        bare, most = _bare_faces(rim, back_rim(rim, back_corners(rim))), rim_part(faces) * faces
        if bare <= most or 2 * requested < faces:
            break
        requested = int(requested * min(0.98, most / bare))
    rim = oriented(fit_polygons(corners, curves))
    other = back_rim(rim, back_corners(rim))
    count_front, count_back = inner_counts(faces - _bare_faces(rim, other))
    lit, lit_heights = greedy_insertion(front, rim, count_front)
    dark, dark_heights = greedy_insertion(behind, other.curves(rim), count_back)
    vertices, sides = _both_sides(lit, lit_heights, dark, dark_heights, half_edge_px)
    made = np.concatenate([*sides, _strip_of_rims(rim, other, len(lit.points))])
    return Solid(vertices=vertices, faces=made, front=shows_picture(vertices, made, len(sides[0])), foot_px=half_edge_px)


def _bare_faces(rim: Sequence[Curve], other: BackRim) -> int:
    """Triangles of a body whose front and back have no inner points."""
    return rim_faces(rim) + rim_faces(other.curves(rim)) + len(_strip_of_rims(rim, other, 0))


def _strip_of_rims(rim: Sequence[Curve], other: BackRim, first: int) -> NDArray[np.int64]:
    """Triangles between the front's rim and the back's, whose corners count from `first`; each ear of the back is one of them.

    Where the back lacks a corner, the front's stands for it.
    """
    count = len(other.kept)
    behind = np.where(other.kept, first + np.cumsum(other.kept) - 1, np.arange(count))
    firsts = np.cumsum([0, *(len(curve) for curve in rim)])
    start = np.arange(count)
    stop = np.concatenate([np.roll(np.arange(low, high), -1) for low, high in pairwise(firsts)])
    upper = np.column_stack([start, stop, behind[stop]])[other.kept[stop]]
    lower = np.column_stack([start, behind[stop], behind[start]])[other.kept[start]]
    return np.concatenate([upper, lower, behind[other.ears]])


def slab_solid(curves: Sequence[Curve], front: Heights, margin_px: float, half_px: float, faces: int, finest_px: float) -> Solid:
    """A plate around the outline, `margin_px` wider on all sides, from whose front the heights stand out; its back is flat."""
    points = np.concatenate(list(curves))
    (left, top), (right, bottom) = points.min(0) - margin_px, points.max(0) + margin_px
    plate = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    foot = simplified_rim(curves, faces, finest_px)
    count = max(0, faces // 2 - sum(len(curve) for curve in foot))
    lit = greedy_relief(front, [plate], count, np.concatenate(foot))
    dark = triangulate(_curves(lit), np.zeros((0, 2)))
    return close(lit, front.at(lit.points), dark, np.zeros(len(dark.points)), half_px)


def standee_solid(curves: Sequence[Curve], half_px: float, faces: int, finest_px: float) -> Solid:
    """The outline as a flat plate of twice `half_px`."""
    flat = triangulate(simplified_rim(curves, faces, finest_px), np.zeros((0, 2)))
    return close(flat, np.zeros(len(flat.points)), flat, np.zeros(len(flat.points)), half_px)


def close(
    front: FilledOutline,
    front_heights: NDArray[np.float64],
    back: FilledOutline,
    back_heights: NDArray[np.float64],
    half_edge_px: float,
) -> Solid:
    """Join two figures with loops over one another; rims stand `half_edge_px` off the outline, inner points that much more."""
    vertices, (lit, dark) = _both_sides(front, front_heights, back, back_heights, half_edge_px)
    first = len(front.points)
    strips = [_strip(loop, other + first, back.points[other], front) for loop, other in zip(front.loops, back.loops, strict=True)]
    faces = np.concatenate([lit, dark, *strips])
    return Solid(vertices=vertices, faces=faces, front=shows_picture(vertices, faces, len(lit)), foot_px=half_edge_px)


def _both_sides(
    front: FilledOutline,
    front_heights: NDArray[np.float64],
    back: FilledOutline,
    back_heights: NDArray[np.float64],
    half_edge_px: float,
) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Vertices (n, 3) of both sides, the front's first, and the faces of each."""
    upper = np.where(front.on_rim, 0.0, np.maximum(front_heights, 0)) + half_edge_px
    lower = np.where(back.on_rim, 0.0, np.maximum(back_heights, 0)) + half_edge_px
    upright = np.array([1.0, -1.0])
    vertices = np.concatenate(
        [np.column_stack([front.points * upright, upper]), np.column_stack([back.points * upright, -lower])]
    )
    # positive area with y down is clockwise to the eye: the front is turned, the back is not
    return vertices, (front.faces[:, ::-1], back.faces + len(front.points))


def _strip(
    loop: NDArray[np.int64], other: NDArray[np.int64], places: NDArray[np.float64], front: FilledOutline
) -> NDArray[np.int64]:
    """Triangles between the front's rim and the back's, one for each edge of both, in the sense that fits the front's faces.

    loop (n,) and other (m,): vertices of both rims; places (m, 2): where those of the back lie.
    """
    rim = front.points[loop]
    sample = matching_points(places, rim)
    turn = int(np.argmax(sample >= 0))
    if sample[turn] < 0:
        raise bug("the rims of front and back of a figure have no point in common")
    other, places, sample = np.roll(other, -turn), np.roll(places, -turn, axis=0), np.roll(sample, -turn)
    loop, count = np.roll(loop, -int(sample[0])), len(loop)
    along = arc_positions(places, np.where(sample >= 0, (sample - sample[0]) % count, -1), count)
    # both rims from their common point on, the next corner first that comes first along the front's rim
    which = np.concatenate([np.zeros(count, np.int64), np.ones(len(other), np.int64)])
    until = np.concatenate([np.arange(1, count + 1), np.append(along[1:], count)])
    order = np.lexsort((which, until))
    upper = np.cumsum(which[order] == 0) - (which[order] == 0)
    lower = np.cumsum(which[order] == 1) - (which[order] == 1)
    first, second = loop[upper % count], other[lower % len(other)]
    third = np.where(which[order] == 0, loop[(upper + 1) % count], other[(lower + 1) % len(other)])
    made = np.column_stack([first, third, second])
    return made if _runs_with_faces(loop, front.faces) else made[:, ::-1]


def _runs_with_faces(loop: NDArray[np.int64], faces: NDArray[np.int64]) -> bool:
    """Whether the loop's first edge is in a face in the loop's own sense."""
    start, stop = loop[0], loop[1]
    return any(((faces[:, turn] == start) & (faces[:, (turn + 1) % 3] == stop)).any() for turn in range(3))


def shows_picture(vertices: NDArray[np.float64], faces: NDArray[np.int64], lit: int) -> NDArray[np.bool_]:
    """(m,) whether a face is of the front and not so steep that the picture would smear on it."""
    one, two, three = (vertices[faces[:, corner]] for corner in range(3))
    normal = np.cross(two - one, three - one)
    towards = normal[:, 2] / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
    return (np.arange(len(faces)) < lit) & (towards > _STEEPEST)


def _curves(figure: FilledOutline) -> tuple[Curve, ...]:
    return tuple(figure.points[loop] for loop in figure.loops)


def _corners(curves: Sequence[Curve]) -> int:
    return sum(len(curve) for curve in curves)


def face_count(solid: Solid) -> int:
    """The number of a solid's triangles."""
    return len(solid.faces)
