"""Layers of a drawn figure: together they are the picture, and what is hidden is never seen from the front."""

from __future__ import annotations

import numpy as np
import pytest

from grotto.relief.parts import LayerPicture, group_layers, layer_grid, layer_inflation, layer_map, layer_picture
from grotto.synthetic import DrawnParts, draw_parts, drawn_disc, drawn_ribbon

SIZE = 160


@pytest.fixture(scope="module")
def drawn() -> DrawnParts:
    """A band across a disc; shapes stand for parts."""
    return draw_parts([drawn_disc(80, 80, 55), drawn_ribbon((6, 90), (154, 70), 24, 5)], SIZE)


@pytest.fixture(scope="module")
def layers(drawn: DrawnParts) -> list[LayerPicture]:
    shown = layer_map(drawn.shape, [(1,), (2,)], (SIZE, SIZE))
    made = [layer_picture(pixels(drawn), drawn.alpha, shown, number, 20.0) for number in (1, 2)]
    assert made[0] is not None
    assert made[1] is not None
    return [one for one in made if one is not None]


def pixels(drawn: DrawnParts) -> np.ndarray:
    return (drawn.colour * 255 + 0.5).astype(np.uint8)


def whole(layer: LayerPicture) -> np.ndarray:
    """(SIZE, SIZE, 4) a layer where it lies in the picture."""
    made = np.zeros((SIZE, SIZE, 4), np.uint8)
    rows, columns = layer.rgba.shape[:2]
    made[layer.top : layer.top + rows, layer.left : layer.left + columns] = layer.rgba
    return made


def test_laid_over_one_another_layers_are_the_picture_to_the_byte(drawn: DrawnParts, layers: list[LayerPicture]) -> None:
    seen = np.full((SIZE, SIZE, 3), 255.0)
    for layer in layers:
        rgba = whole(layer).astype(float)
        part = rgba[..., 3:] / 255
        seen = rgba[..., :3] * part + seen * (1 - part)
    inside = drawn.alpha > 0
    assert (np.round(seen)[inside] == pixels(drawn)[inside]).all()
    assert (seen[~inside] == 255).all()


def test_the_disc_goes_on_under_the_band_in_its_own_colour(drawn: DrawnParts, layers: list[LayerPicture]) -> None:
    back, front = (whole(layer) for layer in layers)
    covered = (drawn.shape == 2) & (np.hypot(*(np.mgrid[:SIZE, :SIZE] + 0.5 - 80)) < 40)
    assert (back[..., 3][covered] > 0).mean() > 0.95
    disc = np.median(pixels(drawn)[drawn.shape == 1], axis=0)
    assert np.abs(back[covered][:, :3].astype(float) - disc).mean() < 25
    assert (front[..., 3][drawn.shape == 1] == 0).all()
    assert (back[..., 3][drawn.shape == 0] == 0).all()


def test_a_layer_that_shows_nothing_is_none(drawn: DrawnParts) -> None:
    shown = np.ones((SIZE, SIZE), np.uint8)
    assert layer_picture(pixels(drawn), drawn.alpha, shown, 2, 10.0) is None


def test_parts_of_one_level_share_a_layer_and_levels_are_joined_where_there_are_too_many() -> None:
    assert group_layers((4, 1, 3, 2), (0, 1, 0, 2), 6) == ((4, 3), (1,), (2,))
    assert group_layers((4, 1, 3, 2), (0, 1, 0, 2), 2) == ((4, 1, 3), (2,))
    assert group_layers((4, 1, 3, 2), (0, 1, 0, 2), 1) == ((4, 1, 3, 2),)


def test_the_net_covers_all_that_shows_and_looks_at_the_viewer(layers: list[LayerPicture]) -> None:
    opacity = layers[1].rgba[..., 3]
    places, faces = layer_grid(opacity, 12)
    corners = places[faces]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    assert (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0] < 0).all()  # y is down
    covered = np.zeros(opacity.shape, bool)
    for low, high in zip(corners.min(1), corners.max(1), strict=True):
        covered[int(low[1]) : int(np.ceil(high[1])), int(low[0]) : int(np.ceil(high[0]))] = True
    assert covered[opacity > 0].all()
    assert len(faces) < 2 * 12 * 12


def test_a_disc_bulges_towards_its_middle() -> None:
    labels = (np.hypot(*(np.mgrid[:100, :100] + 0.5 - 50)) < 40).astype(np.int32)
    height = layer_inflation(labels, (1,))
    assert height[50, 50] == pytest.approx(40, rel=0.1)
    assert height[50, 50] > height[50, 75] > height[50, 88] > 0
    assert height[2, 2] < 1
