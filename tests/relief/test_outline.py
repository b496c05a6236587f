"""Outlines between the pixels, and what reducing them keeps."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.contract import ProblemError
from grotto.relief.outline import curve_length, resampled, signed_area, simplified, trace_outline, triangulate


def soft_disc(radius: float, size: int = 256) -> np.ndarray:
    fine = (np.mgrid[: 4 * size, : 4 * size] + 0.5) / 4 - size / 2
    inside = (np.hypot(*fine) < radius).astype(np.float32)
    return inside.reshape(size, 4, size, 4).mean((1, 3))


def test_a_soft_edge_is_followed_to_a_fraction_of_a_pixel() -> None:
    (curve,) = trace_outline(soft_disc(100.3))
    away = np.linalg.norm(curve - 128, axis=1)
    assert away.mean() == pytest.approx(100.3, abs=0.05)
    assert away.std() < 0.1


def test_specks_are_left_out_and_holes_kept() -> None:
    alpha = soft_disc(100)
    alpha[120:140, 120:140] = 0
    alpha[4:6, 4:5] = 1
    found = trace_outline(alpha)
    assert len(found) == 2
    assert abs(signed_area(found[1])) == pytest.approx(400, rel=0.05)


def test_what_touches_the_border_is_closed_along_it() -> None:
    (curve,) = trace_outline(np.ones((40, 60), np.float32))
    assert abs(signed_area(curve)) == pytest.approx(40 * 60, rel=0.06)


def test_nothing_cut_out_is_bad_input() -> None:
    with pytest.raises(ProblemError, match=r"(?i)nothing is cut out"):
        trace_outline(np.zeros((30, 30), np.float32))


def test_even_points_are_evenly_apart() -> None:
    (curve,) = trace_outline(soft_disc(80))
    points = resampled(curve, 5.0)
    apart = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    assert apart == pytest.approx(np.full(len(points), curve_length(curve) / len(points)), rel=0.02)


def comb(teeth: int, gap: float) -> np.ndarray:
    """A figure of narrow teeth with narrower gaps: careless reduction makes its outline cross itself."""
    points = []
    for tooth in range(teeth):
        left = tooth * (6 + gap)
        wave = 9 * np.sin(np.linspace(0, 6, 60))
        down = np.linspace(0, 100, 60)
        points += [np.stack([left + wave, down], 1), np.stack([left + 6 + wave, down], 1)[::-1]]
    lid = np.array([[teeth * (6 + gap), -20.0], [-5.0, -20.0]])
    return np.concatenate([*points, lid])


@pytest.mark.parametrize("even", [False, True])
def test_reduced_outlines_do_not_cross_themselves(even: bool) -> None:
    curve = resampled(comb(6, 0.7), 1.0)
    for count in (400, 150, 60):
        (fewer,) = simplified([curve], count, even=even)
        figure = triangulate([fewer], np.zeros((0, 2)))  # raises where curves cross
        one, two, three = (figure.points[figure.faces[:, corner]] for corner in range(3))
        first, second = two - one, three - one
        area = 0.5 * (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
        assert (area > 0).all()
        assert area.sum() == pytest.approx(abs(signed_area(fewer)), rel=1e-9)
    assert len(fewer) < 150


def test_the_sharpest_corners_stay() -> None:
    square = resampled(np.array([[0.0, 0], [100, 0], [100, 100], [0, 100]]), 2.0)
    (corners,) = simplified([square], 4)
    assert sorted(map(tuple, corners.round(6).tolist())) == [(0, 0), (0, 100), (100, 0), (100, 100)]


def test_tips_of_leaves_outlive_even_edges() -> None:
    leaf = resampled(np.array([[0.0, 0], [60, 8], [120, 0], [60, -8]]), 1.0)
    (fewer,) = simplified([leaf], 24, even=True)
    assert fewer[:, 0].min() == pytest.approx(0, abs=2.5)
    assert fewer[:, 0].max() == pytest.approx(120, abs=2.5)
    apart = np.linalg.norm(np.roll(fewer, -1, axis=0) - fewer, axis=1)
    assert apart.max() < 3 * np.median(apart)


@pytest.mark.parametrize("place", [(5.0, 0.0), (3.3, 0.0), (3.3, 1e-12), (0.0, 4.321)])
def test_a_point_upon_an_edge_gives_way(place: tuple[float, float]) -> None:
    """A net's point may lie exactly on an outline's edge: halving that edge alone would never end."""
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    figure = triangulate([square], np.array([place, (5.0, 5.0)]))
    one, two, three = (figure.points[figure.faces[:, corner]] for corner in range(3))
    first, second = two - one, three - one
    assert (0.5 * (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])).sum() == pytest.approx(100)
    assert len(figure.loops[0]) < 40
