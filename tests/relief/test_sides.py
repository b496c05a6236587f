"""What sides and back are painted with."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.body import extend_colours, side_paint
from grotto.relief.outline import trace_outline


def spokes(size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """A disc with radial stripes before white: just what smears on steep sides."""
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    alpha = np.clip(80 - np.hypot(x, y) + 0.5, 0, 1).astype(np.float32)
    dark = (np.sin(40 * np.arctan2(y, x)) > 0)[..., None]
    paint = np.where(dark, [0.1, 0.1, 0.5], [0.8, 0.3, 0.1])
    return (paint * alpha[..., None] + (1 - alpha[..., None])).astype(np.float32), alpha


def test_nothing_of_the_background_is_carried_out() -> None:
    colour, alpha = spokes()
    bled = extend_colours(colour, alpha)
    assert bled.max() < 0.85
    np.testing.assert_array_equal(bled[90:110, 90:110], colour[90:110, 90:110])


def test_steep_sides_have_no_stripes_across_and_flat_ones_show_the_picture() -> None:
    colour, alpha = spokes()
    paint = side_paint(colour, alpha, trace_outline(alpha))
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    rim = 100 + 79 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    steep, flat = (paint.at(rim, np.full(400, towards), "mirrored") for towards in (0.0, 0.9))
    assert steep[:, 0].std() < 0.3 * flat[:, 0].std()
    assert steep.max() < 0.85
    inner = 100 + 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    shown = paint.at(inner, np.full(400, 0.9), "plain")
    assert np.abs(shown - colour[inner[:, 1].astype(int), inner[:, 0].astype(int)]).mean() < 0.1


@pytest.mark.parametrize(("back", "least", "most"), [("mirrored", 0.2, 1.0), ("painted", 0.0, 0.05), ("plain", 0.0, 1e-6)])
def test_backs_are_what_they_are_called(back: str, least: float, most: float) -> None:
    colour, alpha = spokes()
    paint = side_paint(colour, alpha, trace_outline(alpha))
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    inner = 100 + 50 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    assert least <= paint.at(inner, np.full(400, -0.9), back)[:, 0].std() <= most


def test_the_rims_colours_fade_as_by_a_search_for_all_places() -> None:
    """Only steep places near the rim look for its nearest point; the slow twin looks for that of each."""
    colour, alpha = spokes()
    paint = side_paint(colour, alpha, trace_outline(alpha))
    random = np.random.default_rng(0)
    places, towards = random.uniform(15, 185, (4000, 2)), random.uniform(-1, 1, 4000)
    flat = np.where((towards >= 0)[:, None], paint.at(places, np.ones(4000), "plain"), paint.mean)
    away, nearest = paint.tree.query(places)
    part = np.clip((0.45 - np.abs(towards)) / 0.33, 0, 1) * np.clip(2 - away / 24, 0, 1)
    part = (part * part * (3 - 2 * part))[:, None]
    expected = (1 - part) * flat + part * paint.rim[nearest, np.clip(away, 0, 23).astype(int)]
    np.testing.assert_allclose(paint.at(places, towards, "plain"), expected, atol=1e-5)
