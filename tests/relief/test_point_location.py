"""Triangles that hold places: the same as SciPy's search finds, which is slow, and the same heights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from grotto.relief.body import Heights, inflate
from grotto.relief.outline import Triangulated, trace_outline, triangulate, triangulate_evenly


def heights_by_scipy(heights: Heights, places: np.ndarray) -> np.ndarray:
    """The slow twin: SciPy's search and its inverted matrices."""
    made = Delaunay(heights.over.points)
    assert np.array_equal(made.simplices, heights.over.delaunay.simplices)
    cell = made.find_simplex(places)
    found = np.maximum(cell, 0)
    change = made.transform[found]
    first = np.einsum("kij,kj->ki", change[:, :2], places - change[:, 2])
    weights = np.column_stack([first, 1 - first.sum(1)])
    inside = (cell >= 0) & heights.over.within[cell]
    return np.where(inside, (weights * heights.values[made.simplices[found]]).sum(1), 0.0)


def rosette(petals: int) -> np.ndarray:
    """Open work: petals round a ring, with a hole in each."""
    y, x = np.mgrid[:240, :240] + 0.5 - 120
    away, angle = np.hypot(x, y), np.arctan2(y, x)
    petal = away < 70 + 40 * np.cos(petals * angle)
    hole = (away > 40) & (np.cos(petals * angle) > 0.8) & (away < 80)
    return (petal & ~hole & (away > 12)).astype(np.float32)


@pytest.mark.parametrize("petals", [5, 11])
def test_heights_are_those_of_scipys_search(petals: int) -> None:
    figure = triangulate_evenly(trace_outline(rosette(petals)), 3.0)
    heights = Heights(over=figure, values=inflate(figure))
    places = np.random.default_rng(petals).uniform(-20, 260, (20_000, 2))
    found = heights.at(places)
    assert found.max() > 5
    np.testing.assert_allclose(found, heights_by_scipy(heights, places), atol=1e-9)


def test_long_thin_triangles_and_places_on_their_corners() -> None:
    """A rim alone: triangles reach across the figure, and every corner belongs to several."""
    (rim,) = trace_outline(np.pad(np.ones((3, 200), np.float32), 20))
    figure = triangulate([rim], np.zeros((0, 2)))
    heights = Heights(over=figure, values=figure.points[:, 0].copy())
    middle = figure.points[figure.faces].mean(1)
    np.testing.assert_allclose(heights.at(middle), middle[:, 0], atol=1e-9)
    centres = np.random.default_rng(0).uniform(0, 240, (5000, 2))
    np.testing.assert_allclose(heights.at(centres), heights_by_scipy(heights, centres), atol=1e-9)


def test_triangles_without_area_hold_nothing_and_end_the_search() -> None:
    """A lattice, whose points lie in rows: the border has triangles of no area, and four corners lie on each circle."""
    points = np.stack(np.meshgrid(np.arange(30.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    points = np.concatenate([points, points[::7] + np.array([1e-13, 0])])
    made = Delaunay(points)
    figure = Triangulated(
        points=points,
        faces=made.simplices.astype(np.int64),
        loops=(),
        delaunay=made,
        within=np.ones(len(made.simplices), bool),
    )
    places = np.random.default_rng(1).uniform(-1, 31, (4000, 2))
    cell, weights = figure.locator.locate(places)
    expected = ((places >= 0) & (places <= [29, 19])).all(1)
    assert np.array_equal(cell >= 0, expected)
    back = (points[made.simplices[cell[expected]]] * weights[expected][..., None]).sum(1)
    np.testing.assert_allclose(back, places[expected], atol=1e-9)
