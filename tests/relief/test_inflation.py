"""Heights from outlines: closed forms, and what is outside."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.body import Heights, inflate
from grotto.relief.outline import trace_outline, triangulate_evenly


def disc(radius: float, size: int = 240, hole: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[:size, :size] + 0.5
    away = np.hypot(x - size / 2, y - size / 2)
    return (np.clip(radius - away + 0.5, 0, 1) * np.clip(away - hole + 0.5, 0, 1)).astype(np.float32)


def test_a_disc_becomes_a_hemisphere() -> None:
    figure = triangulate_evenly(trace_outline(disc(90.0)), 2.0)
    heights = inflate(figure)
    away = np.linalg.norm(figure.points - 120, axis=1)
    true = np.sqrt(np.maximum(90.0**2 - away**2, 0))
    inside = ~figure.on_rim
    assert np.percentile(np.abs(heights - true)[inside], 99) < 0.02 * 90
    assert heights.max() == pytest.approx(90, rel=0.01)
    assert (heights[figure.on_rim] == 0).all()


def test_a_long_band_becomes_a_vault() -> None:
    alpha = np.zeros((60, 400), np.float32)
    alpha[20:40, 10:390] = 1
    figure = triangulate_evenly(trace_outline(alpha), 1.0)
    heights = Heights(over=figure, values=inflate(figure))
    across = np.array([22.0, 25.0, 30.0, 35.0])
    found = heights.at(np.stack([np.full(4, 200.0), across], axis=1))
    assert found == pytest.approx(np.sqrt(2 * (across - 20) * (40 - across)), rel=0.06)


def test_a_ring_is_highest_between_its_rims_and_nothing_lies_in_its_hole() -> None:
    figure = triangulate_evenly(trace_outline(disc(90.0, hole=50.0)), 2.0)
    heights = Heights(over=figure, values=inflate(figure))
    assert heights.at(np.array([[120.0, 120.0], [5.0, 5.0]])) == pytest.approx([0, 0])
    middle, inner, outer = heights.at(np.array([[120 + 69.0, 120.0], [120 + 53.0, 120.0], [120 + 87.0, 120.0]]))
    assert middle > inner > 0
    assert middle > outer > 0
