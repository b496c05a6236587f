"""Greedy insertion in compiled code: the same points as a search of all errors before each step."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from grotto.relief.body import Heights, greedy_insertion, oriented
from grotto.relief.outline import triangulate_evenly


def disc() -> tuple[tuple[np.ndarray, ...], Heights]:
    """A convex outline, in which Delaunay's triangulation has no outline to keep, and waves over it."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rim = np.stack([50 + 41.3 * np.cos(angle + 0.1), 50 + 37.7 * np.sin(angle + 0.1)], axis=1)
    dense = triangulate_evenly([rim], 3.1)
    waves = 6 + 3 * np.sin(dense.points[:, 0] / 7.3) * np.cos(dense.points[:, 1] / 9.1)
    return oriented([rim]), Heights(over=dense, values=waves * ~dense.on_rim)


def by_search(heights: Heights, rim: np.ndarray, count: int) -> list[int]:
    """The slow twin: SciPy's triangulation made anew for each point, and all errors with it."""
    places, wanted = heights.over.points[~heights.over.on_rim], heights.values[~heights.over.on_rim]
    chosen: list[int] = []
    for _ in range(count):
        points, values = np.concatenate([rim, places[chosen]]), np.concatenate([np.zeros(len(rim)), wanted[chosen]])
        made = Delaunay(points)
        cell = made.find_simplex(places)
        change = made.transform[cell]
        first = np.einsum("kij,kj->ki", change[:, :2], places - change[:, 2])
        weights = np.column_stack([first, 1 - first.sum(1)])
        corners = points[made.simplices[cell]]
        one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        double = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
        error = np.abs((weights * values[made.simplices[cell]]).sum(1) - wanted) * (cell >= 0) * (weights.min(1) > 1e-9)
        # the largest error of each triangle stands for it, then its area counts
        worst = [int(np.flatnonzero(cell == face)[error[cell == face].argmax()]) for face in np.unique(cell[cell >= 0])]
        chosen.append(max(worst, key=lambda place: error[place] * double[place] ** 0.25))
    return chosen


def test_the_same_points_go_in_as_by_a_search_of_all() -> None:
    (rim,), heights = disc()
    made, values = greedy_insertion(heights, [rim], 30)
    places = heights.over.points[~heights.over.on_rim]
    assert np.array_equal(made.points[len(rim) :], places[by_search(heights, rim, 30)])
    assert np.allclose(values[len(rim) :], heights.at(made.points[len(rim) :]))


def test_no_point_goes_in_near_the_rim() -> None:
    (rim,), heights = disc()
    made, _ = greedy_insertion(heights, [rim], 200, clearance_px=4.0)
    start, way = rim, np.roll(rim, -1, axis=0) - rim
    inner = made.points[len(rim) :]
    away = inner[:, None] - start
    distance = (way[:, 0] * away[..., 1] - way[:, 1] * away[..., 0]) / np.linalg.norm(way, axis=1)
    assert len(inner) > 100
    assert distance.min() > 3.9


def test_more_points_than_there_are_end_with_all_of_them() -> None:
    (rim,), heights = disc()
    made, _ = greedy_insertion(heights, [rim], 10_000)
    assert len(rim) < len(made.points) <= len(rim) + (~heights.over.on_rim).sum()
    assert len(made.faces) == 2 * len(made.points) - len(rim) - 2
