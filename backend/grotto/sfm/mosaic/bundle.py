"""All homographies of a mosaic at once, with a lens term for each picture: Levenberg and Marquardt on the normal equations.

A match is predicted in its coarser picture: through the finer picture's map to the wall, and the coarser one's back. The
homography of one picture is held, which fixes the gauge. A map is updated on its own picture's side, picture_from_wall ->
(1 + D) picture_from_wall with D's last element 0, so that derivatives are of the size of pictures wherever the picture lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .graph import Link
from .homography import Floats, fit_similarity_matrix, scale_of, transfer
from .lens import distort, slopes, undistort

UNKNOWNS = 9  # of a picture: eight of its homography, one of its lens
HUBER = 1.5  # standard deviations
PRIOR_SHAPE = 0.05  # half diagonals at the corners by which a map differs from a similarity: only what nothing else holds
PRIOR_RADIAL = 0.03  # of the lens term; archive scans are crops, whose middle is not the lens's
MOST_MATCHES = 400  # of a pair
ROUNDS = 60
CONVERGED = 1e-7  # of the cost
CORNERS = np.array([[-0.8, -0.6], [0.8, -0.6], [0.8, 0.6], [-0.8, 0.6]])


@dataclass(frozen=True)
class Matches:
    """m matches: a place in the coarser picture `at` and one in the finer picture `of`, in half diagonals from their middles."""

    at: NDArray[np.int64]  # (m,) picture in which the match is predicted
    of: NDArray[np.int64]  # (m,)
    place_at: Floats  # (m, 2)
    place_of: Floats  # (m, 2)
    spread: Floats  # (m,) standard deviation, half diagonals of the picture `at`
    pair: NDArray[np.int64]  # (m,) the number of the link, rising


@dataclass(frozen=True)
class Solution:
    """The maps and lenses that a bundle found."""

    picture_from_wall: Floats  # (n, 3, 3) without the lens
    radial: Floats  # (n,)
    misses: Floats  # (m,) length of the residual in standard deviations
    cost: float


def matches_of(links: list[Link]) -> Matches:
    """The matches of all links, each predicted in the coarser picture; of many, an even choice."""
    at, of, place_at, place_of, spread, pair = [], [], [], [], [], []
    for number, link in enumerate(links):
        chosen = np.unique(np.linspace(0, len(link.first_place) - 1, MOST_MATCHES).astype(int))
        p, q, s = link.first_place[chosen], link.second_place[chosen], link.first_spread[chosen]
        scale = scale_of(link.first_from_second)  # of the second in the first
        if scale > 1:  # the first is the finer picture
            p, q, s = q, p, s / scale
        at.append(np.full(len(p), link.second if scale > 1 else link.first))
        of.append(np.full(len(p), link.first if scale > 1 else link.second))
        place_at.append(p)
        place_of.append(q)
        spread.append(s)
        pair.append(np.full(len(p), number))
    return Matches(*(np.concatenate(part) for part in (at, of, place_at, place_of, spread, pair)))


def solve_bundle(start: Floats, matches: Matches, held: int, radial: Floats | None = None) -> Solution:
    """The maps (n, 3, 3) that explain all matches best, from a start; `held` is the picture whose homography stays."""
    maps = start / np.cbrt(np.linalg.det(start))[:, None, None]
    lens = np.zeros(len(start)) if radial is None else radial.copy()
    damping = 1e-4
    residuals, jacobian_at, jacobian_of = _residuals(maps, lens, matches)
    prior = _prior(maps)
    cost = _cost(residuals, prior, lens)
    for _ in range(ROUNDS):
        normal, gradient = _normal_equations(residuals, jacobian_at, jacobian_of, matches, maps, lens, held)
        improved = False
        for _ in range(8):
            solved = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
            step = np.asarray(solved, np.float64).reshape(-1, UNKNOWNS)
            new_maps, new_lens = _moved(maps, step), lens + step[:, 8]
            found = _residuals(new_maps, new_lens, matches)
            new_cost = _cost(found[0], _prior(new_maps), new_lens)
            if new_cost < cost:
                improved = True
                break
            damping *= 10
        if not improved:
            break
        gain = cost - new_cost
        maps, lens, cost = new_maps, new_lens, new_cost
        residuals, jacobian_at, jacobian_of = found
        damping = max(damping / 10, 1e-9)
        if gain < CONVERGED * cost:
            break
    return Solution(maps, lens, np.linalg.norm(residuals, axis=1), cost)


def _moved(maps: Floats, step: Floats) -> Floats:
    change = np.concatenate([step[:, :8], np.zeros((len(step), 1))], axis=1).reshape(-1, 3, 3)
    moved = (np.eye(3) + change) @ maps
    return np.asarray(moved / np.cbrt(np.linalg.det(moved))[:, None, None], np.float64)


def _cost(residuals: Floats, prior: Floats, lens: Floats) -> float:
    length = np.linalg.norm(residuals, axis=1)
    data = np.where(length < HUBER, length**2, 2 * HUBER * length - HUBER**2).sum()
    return float(data + (prior**2).sum() + ((lens / PRIOR_RADIAL) ** 2).sum())


def _residuals(maps: Floats, lens: Floats, matches: Matches) -> tuple[Floats, Floats, Floats]:
    """Residuals (m, 2) in standard deviations, and their Jacobians (m, 2, 9) by the unknowns of both pictures."""
    between = maps[matches.at] @ np.linalg.inv(maps)[matches.of]
    radial_of, radial_at = lens[matches.of], lens[matches.at]
    flat = undistort(matches.place_of, radial_of)
    x = np.column_stack([flat, np.ones(len(flat))])
    y = np.einsum("mij,mj->mi", between, x)
    depth = np.where(np.abs(y[:, 2]) < 1e-9, 1e-9, y[:, 2])
    place = y[:, :2] / depth[:, None]
    residuals = (distort(place, radial_at) - matches.place_at) / matches.spread[:, None]
    by_place = slopes(place, radial_at) / matches.spread[:, None, None]
    projection = np.zeros((len(y), 2, 3))
    projection[:, 0, 0] = projection[:, 1, 1] = 1 / depth
    projection[:, :, 2] = -place / depth[:, None]
    by_y = by_place @ projection
    jacobian_at = np.empty((len(y), 2, UNKNOWNS))
    jacobian_at[:, :, :8] = (by_y[:, :, :, None] * y[:, None, None, :]).reshape(-1, 2, 9)[:, :, :8]
    jacobian_at[:, :, 8] = place * (np.sum(place**2, axis=1) / matches.spread)[:, None]
    by_x = by_y @ between
    jacobian_of = np.empty((len(y), 2, UNKNOWNS))
    jacobian_of[:, :, :8] = -(by_x[:, :, :, None] * x[:, None, None, :]).reshape(-1, 2, 9)[:, :, :8]
    by_radial = np.linalg.solve(slopes(flat, radial_of), -(flat * np.sum(flat**2, axis=1)[:, None])[:, :, None])
    jacobian_of[:, :, 8] = (by_x[:, :, :2] @ by_radial)[:, :, 0]
    return residuals, jacobian_at, jacobian_of


def _normal_equations(
    residuals: Floats,
    jacobian_at: Floats,
    jacobian_of: Floats,
    matches: Matches,
    maps: Floats,
    lens: Floats,
    held: int,
) -> tuple[Floats, Floats]:
    """The normal matrix (9n, 9n) and the gradient, matches weighted after Huber, priors added, the gauge fixed."""
    count = len(maps)
    length = np.linalg.norm(residuals, axis=1)
    weight = np.minimum(1.0, HUBER / np.maximum(length, 1e-12))
    normal = np.zeros((count, UNKNOWNS, count, UNKNOWNS))
    gradient = np.zeros((count, UNKNOWNS))
    starts = np.flatnonzero(np.diff(matches.pair, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(residuals)], strict=True):
        part = slice(int(start), int(stop))
        at, of = int(matches.at[start]), int(matches.of[start])
        both = np.concatenate([jacobian_at[part], jacobian_of[part]], axis=2).reshape(-1, 2 * UNKNOWNS)
        w = np.repeat(weight[part], 2)
        block = (both * w[:, None]).T @ both
        normal[at, :, at] += block[:9, :9]
        normal[of, :, of] += block[9:, 9:]
        normal[at, :, of] += block[:9, 9:]
        normal[of, :, at] += block[9:, :9]
        slope = both.T @ (w * residuals[part].ravel())
        gradient[at] += slope[:9]
        gradient[of] += slope[9:]
    for index, (miss, jacobian) in enumerate(zip(_prior(maps), _prior_jacobian(maps), strict=True)):
        normal[index, :8, index, :8] += jacobian.T @ jacobian
        gradient[index, :8] += jacobian.T @ miss
        normal[index, 8, index, 8] += 1 / PRIOR_RADIAL**2
        gradient[index, 8] += lens[index] / PRIOR_RADIAL**2
    gradient[held, :8] = 0
    normal[held, :8] = 0
    normal[:, :, held, :8] = 0
    normal[held, np.arange(8), held, np.arange(8)] = 1
    return normal.reshape(count * UNKNOWNS, -1), gradient.ravel()


def _prior_places(maps: Floats) -> tuple[Floats, Floats]:
    """Four places of each picture (n, 4, 2), and where the nearest similarity of its map puts their wall points."""
    nearest = np.empty((len(maps), 4, 2))
    for index, wall_from_picture in enumerate(np.linalg.inv(maps)):
        on_wall = transfer(wall_from_picture, CORNERS)
        nearest[index] = transfer(fit_similarity_matrix(on_wall, CORNERS), on_wall)
    return np.tile(CORNERS, (len(maps), 1, 1)), nearest


def _prior(maps: Floats) -> Floats:
    """Residuals (n, 8): by how much each map differs from a similarity."""
    places, nearest = _prior_places(maps)
    return np.asarray(((places - nearest) / PRIOR_SHAPE).reshape(len(maps), 8), np.float64)


def _prior_jacobian(maps: Floats) -> Floats:
    """Of the priors (n, 8, 8), the similarity's share projected out: moving with its picture, it hides what is one."""
    y = np.column_stack([CORNERS, np.ones(4)])
    full = np.zeros((4, 2, 3, 3))
    full[:, 0, 0], full[:, 1, 1] = y, y
    full[:, 0, 2], full[:, 1, 2] = -CORNERS[:, :1] * y, -CORNERS[:, 1:] * y
    jacobian = full.reshape(8, 9)[:, :8]
    x, z = CORNERS[:, 0], CORNERS[:, 1]
    similar = np.zeros((8, 4))
    similar[0::2] = np.column_stack([x, -z, np.ones(4), np.zeros(4)])
    similar[1::2] = np.column_stack([z, x, np.zeros(4), np.ones(4)])
    basis = np.linalg.qr(similar)[0]
    jacobian = (jacobian - basis @ (basis.T @ jacobian)) / PRIOR_SHAPE
    return np.tile(jacobian, (len(maps), 1, 1))
