"""The wall's own upright: from lines painted level and plumb, from the pictures' axes, or from four corners."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .homography import Floats, fit_homography, fit_similarity_matrix, transfer

CORNERS = np.array([[-0.8, -0.6], [0.8, -0.6], [0.8, 0.6], [-0.8, 0.6]])
LINES_PX = 1400  # longer side at which lines are looked for
LEAST_LENGTH = 0.04  # of the picture's longer side
ROUNDS_DEG = ((9.0, 2.0), (3.0, 0.5))  # how far from level or plumb a line may be to count, and the spread of those that do
LEAST_LINES, LEAST_TOTAL = 12, 1.5  # lines that count, and their length in mosaic widths, of one kind
PRIOR = np.array([0.15, 0.15, 0.1, 0.1])  # perspective and lean that lines may take away, over a mosaic of unit half width


@dataclass(frozen=True)
class Lines:
    """Straight lines of pictures, in some plane: both ends (n, 2)."""

    start: Floats
    end: Floats

    def through(self, matrix: Floats) -> Lines:
        """The lines through a homography."""
        return Lines(transfer(matrix, self.start), transfer(matrix, self.end))


def find_lines(grey: NDArray[np.uint8]) -> Lines:
    """Straight edges of a picture (h, w), by von Gioi's LSD; px, the first pixel's centre at 0.5."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if found is None:
        return Lines(np.zeros((0, 2)), np.zeros((0, 2)))
    ends = np.asarray(found, np.float64).reshape(-1, 4) + 0.5
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    height, width = grey.shape
    rim = 0.01 * max(grey.shape)  # the picture's own border is no line of the wall
    near = np.zeros(len(ends), bool)
    for axis, side in ((0, width), (1, height)):
        both = ends[:, [axis, axis + 2]]
        near |= (both < rim).all(axis=1) | (both > side - rim).all(axis=1)
    kept = (length > LEAST_LENGTH * max(grey.shape)) & ~near
    return Lines(ends[kept, :2], ends[kept, 2:])


def own_axes(plane_from_picture: Floats, areas: Floats, ups: Floats | NDArray[np.int64]) -> Floats:
    """The map (3, 3) that takes pictures (n, 3, 3) nearest to upright similarities, by their areas (n,).

    ups (n,) is how many quarters clockwise each picture must be turned to stand as most do; the widest pictures count most.
    """
    quarter = np.array([[0, -1], [1, 0]])
    turns = [np.linalg.matrix_power(quarter, int(up) % 4) for up in ups]
    placed = [transfer(matrix, CORNERS) for matrix in plane_from_picture]
    wanted = [CORNERS @ turn.T for turn in turns]
    widest = int(np.argmax(areas))
    base = fit_similarity_matrix(placed[widest], wanted[widest])
    middle = np.average([transfer(base, place).mean(axis=0) for place in placed], axis=0, weights=areas)
    extent = max(float(np.ptp(np.concatenate([transfer(base, place) for place in placed]), axis=0).max()) / 2, 1e-9)
    base = np.array([[1 / extent, 0, -middle[0] / extent], [0, 1 / extent, -middle[1] / extent], [0, 0, 1]]) @ base
    weight = np.sqrt(np.asarray(areas) / np.sum(areas))

    def misses(unknowns: Floats) -> Floats:
        found = []
        for place, want, share in zip(placed, wanted, weight, strict=True):
            shown = transfer(_shape(unknowns) @ base, place)
            similar = fit_similarity_matrix(shown, want)
            lean = np.arctan2(similar[1, 0], similar[0, 0])
            found.append(share * np.concatenate([(transfer(similar, shown) - want).ravel(), [lean]]))
        return np.concatenate(found)

    solved = least_squares(misses, np.zeros(5), loss="soft_l1", f_scale=0.05)
    return _shape(solved.x) @ base


def _shape(unknowns: Floats) -> Floats:
    """Perspective (2), aspect, shear and turn (5,) about the origin, as a map (3, 3)."""
    p, q, aspect, shear, turn = unknowns
    perspective = np.array([[1, 0, 0], [0, 1, 0], [p, q, 1]])
    affine = np.array([[np.exp(aspect / 2), shear, 0], [0, np.exp(-aspect / 2), 0], [0, 0, 1]])
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ affine @ perspective


@dataclass(frozen=True)
class Levelled:
    """What lines say of a plane that stands nearly upright: its map to one where they are level and plumb."""

    matrix: Floats  # (3, 3)
    level: int  # lines that count, near level
    plumb: int


def level_by_lines(lines: Lines) -> Levelled:
    """Perspective and lean (four unknowns) that make most lines level or plumb; the identity where there are too few.

    The plane is some two units wide about the origin. Proportions stay: lines do not show them.
    """
    matrix = np.eye(3)
    for caught, spread in ROUNDS_DEG:
        direction = lines.end - lines.start
        angle = np.degrees(np.arctan2(direction[:, 1], direction[:, 0]))
        from_level = np.abs((angle + 90) % 180 - 90)
        is_level, is_plumb = from_level < caught, from_level > 90 - caught
        length = np.linalg.norm(direction, axis=1)
        use_level = is_level & _counts(is_level, length)
        use_plumb = is_plumb & _counts(is_plumb, length)
        if not (use_level.any() or use_plumb.any()):
            return Levelled(np.eye(3), 0, 0)
        found = _solve_lines(lines, use_level, use_plumb, length, spread)
        matrix, turned = found @ matrix, lines.through(found)
        if caught > ROUNDS_DEG[-1][0]:
            lines = turned
    direction = turned.end - turned.start
    level = np.degrees(np.abs(np.arctan2(direction[:, 1], np.abs(direction[:, 0]))))
    plumb = np.degrees(np.abs(np.arctan2(direction[:, 0], np.abs(direction[:, 1]))))
    return Levelled(matrix, int((use_level & (level < 1)).sum()), int((use_plumb & (plumb < 1)).sum()))


def _counts(kind: NDArray[np.bool_], length: Floats) -> bool:
    return bool(kind.sum() >= LEAST_LINES and length[kind].sum() > LEAST_TOTAL * 2)


def _solve_lines(lines: Lines, level: NDArray[np.bool_], plumb: NDArray[np.bool_], length: Floats, spread: float) -> Floats:
    weight = np.sqrt(length)

    def lean(unknowns: Floats) -> Floats:
        p, q, level_lean, plumb_lean = unknowns
        matrix = np.array([[1, plumb_lean, 0], [level_lean, 1, 0], [p, q, 1]])
        moved = lines.through(matrix)
        direction = moved.end - moved.start
        by_level = np.degrees(np.arctan(direction[level, 1] / np.where(direction[level, 0] == 0, 1e-12, direction[level, 0])))
        by_plumb = np.degrees(np.arctan(direction[plumb, 0] / np.where(direction[plumb, 1] == 0, 1e-12, direction[plumb, 1])))
        robust = [_cauchy(by / spread) * weight[kind] for by, kind in ((by_level, level), (by_plumb, plumb))]
        return np.concatenate([*robust, unknowns / PRIOR])

    p, q, level_lean, plumb_lean = least_squares(lean, np.zeros(4)).x
    return np.array([[1, plumb_lean, 0], [level_lean, 1, 0], [p, q, 1]])


def _cauchy(miss: Floats) -> Floats:
    """Residuals whose squares are Cauchy's robust cost."""
    return np.asarray(np.sign(miss) * np.sqrt(np.log1p(miss**2)), np.float64)


def by_corners(corners: Floats) -> Floats:
    """The map (3, 3) that makes four corners (4, 2), clockwise from the top left, a rectangle of their mean proportions."""
    top, right, bottom, left = (np.linalg.norm(corners[(i + 1) % 4] - corners[i]) for i in range(4))
    width, height = (top + bottom) / 2, (right + left) / 2
    wanted = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    return fit_homography(corners, wanted)
