"""Simplified outlines: the compiled elimination keeps the points that a plain search for the cheapest one keeps."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.outline import Curve, simplified, trace_outline


def gear(teeth: int, size: int = 120) -> np.ndarray:
    """A wobbly ring with teeth, and a blot beside it."""
    y, x = np.mgrid[:size, :size] + 0.5
    away, angle = np.hypot(x - 56.3, y - 58.1), np.arctan2(y - 58.1, x - 56.3)
    ring = np.clip(38.2 + 9.7 * np.sin(teeth * angle + 0.3) - away, 0, 1) * np.clip(away - 17.4, 0, 1)
    return np.maximum(ring, np.clip(7.3 - np.hypot(x - 109, y - 108.4), 0, 1)).astype(np.float32)


def double_area(low: np.ndarray, place: np.ndarray, high: np.ndarray) -> float:
    return float((place[0] - low[0]) * (high[1] - low[1]) - (place[1] - low[1]) * (high[0] - low[0]))


def cost(low: np.ndarray, place: np.ndarray, high: np.ndarray, even: bool) -> float:
    bend = abs(double_area(low, place, high))
    if not even:
        return float(bend / max(np.hypot(*(high - low)), 1e-6) ** 0.5)
    return float((np.hypot(*(place - low)) + np.hypot(*(high - place))) ** 2 + 8 * bend)


def held(corners: list[np.ndarray], others: np.ndarray) -> bool:
    """Whether any other place lies in a triangle."""
    sense = -1.0 if double_area(*corners) < 0 else 1.0
    inside = np.ones(len(others), bool)
    for one, two in zip(corners, corners[1:] + corners[:1], strict=True):
        away = others - one
        inside &= sense * ((two - one)[0] * away[:, 1] - (two - one)[1] * away[:, 0]) >= -1e-9
    return bool(inside.any())


def by_search(curves: tuple[Curve, ...], count: int, even: bool) -> list[list[tuple[float, float]]]:
    """The slow twin: before each step, all points are looked at."""
    left = [[tuple(place) for place in curve.tolist()] for curve in curves]
    floor: dict[tuple[float, float], float] = {}
    while sum(map(len, left)) > count:
        ranked = []
        for curve in left:
            for index, place in enumerate(curve if len(curve) > 3 else []):
                low, high = curve[index - 1], curve[(index + 1) % len(curve)]
                corners = [np.array(one) for one in (low, place, high)]
                ranked.append((max(cost(*corners, even), floor.get(place, 0.0)), place, curve, corners))
        for value, place, curve, corners in sorted(ranked, key=lambda one: one[0]):
            others = [one for part in left for one in part if one not in {tuple(corner) for corner in corners}]
            if not held(corners, np.array(others)):
                floor |= {tuple(corners[0]): value, tuple(corners[2]): value}
                curve.remove(place)
                break
            floor[place] = np.inf  # until a neighbour goes
    return left


@pytest.mark.parametrize("even", [True, False])
def test_the_same_points_stay_as_by_a_search_of_all(even: bool) -> None:
    curves = trace_outline(gear(7))
    curves = tuple(curve[::7] for curve in curves)
    total = sum(len(curve) for curve in curves)
    found = simplified(curves, total // 3, even=even)
    expected = by_search(curves, total // 3, even)
    assert [len(curve) for curve in found] == [len(curve) for curve in expected]
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_straight_points_go_beyond_the_count() -> None:
    (square,) = trace_outline(np.pad(np.ones((40, 60), np.float32), 10))
    few = simplified([square], 200, finest_bend_px=0.4)
    assert 4 <= len(few[0]) <= 12
