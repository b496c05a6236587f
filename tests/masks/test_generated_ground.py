"""Objects on the grey that diffusion models draw: noisy, shaded, compressed."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from grotto.contract import ProblemError
from grotto.evaluation.element import GroundCondition, on_generated_ground, sheet_iou
from grotto.masks import generated_ground_alpha
from grotto.views import cut_tiles

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).parents[3] / "shared" / "data"))
Array32 = NDArray[np.float32]
WORST = GroundCondition(noise=3, shade=6, jpeg=85)


def jar(side: int, turn: float) -> Array32:
    """An object (side, side, 4) with a handle to see through, stripes, and a patch of just the ground's grey."""
    big = np.zeros((4 * side, 4 * side), np.uint8)
    middle = 2 * side
    cv2.ellipse(big, (middle, middle), (round(1.0 * side), round(1.3 * side)), 0, 0, 360, 255, -1)
    cv2.ellipse(big, (middle + side, middle), (round(0.5 * side), round(0.6 * side)), 0, 0, 360, 255, round(0.2 * side))
    alpha = cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    y, x = np.mgrid[:side, :side] / side
    stripes = 0.5 + 0.5 * np.sin(25 * y + 3 * x + turn)
    colour = np.stack([0.3 + 0.5 * stripes, 0.25 + 0.1 * stripes, 0.2 + 0.2 * (1 - stripes)], axis=2)
    colour[int(0.45 * side) : int(0.52 * side), int(0.42 * side) : int(0.52 * side)] = 127 / 255
    return np.dstack([colour * (alpha[..., None] > 0), alpha]).astype(np.float32)


def made(side: int) -> Array32:
    tiles = [jar(side, turn) for turn in range(6)]
    return np.concatenate([np.concatenate(tiles[2 * row : 2 * row + 2], axis=1) for row in range(3)])


@pytest.mark.parametrize("condition", [GroundCondition(noise=0, shade=0, jpeg=0), WORST], ids=["even", "worst"])
def test_tiles_are_cut_out_of_grey(condition: GroundCondition) -> None:
    whole, least = sheet_iou(made(160), condition, 1)
    assert whole > 0.96
    assert least > 0.95


def test_a_real_sheet_on_grey() -> None:
    path = DATA / "zerorf_ice" / "ice.png"
    if not path.is_file():
        pytest.skip(f"no sheet at {path}; GROTTO_DATA names the folder")
    sheet = np.asarray(Image.open(path).convert("RGBA"), np.float32) / 255
    assert sheet_iou(sheet, WORST, 4)[0] > 0.95


def test_what_is_no_ground_is_none() -> None:
    noise = np.random.default_rng(0).random((96, 96, 3)).astype(np.float32)
    assert generated_ground_alpha(noise) is None
    blank = on_generated_ground(np.zeros((192, 128, 4), np.float32), WORST, 0)
    alpha = generated_ground_alpha(blank[:64, :64])
    assert alpha is not None
    assert not alpha.any()
    with pytest.raises(ProblemError, match="Tile 1 of the sheet is empty"):
        cut_tiles(np.dstack([blank, np.ones(blank.shape[:2], np.float32)]))


def test_a_networks_outline_counts_where_it_agrees_with_the_ground() -> None:
    sheet = made(96)
    grey = on_generated_ground(sheet, GroundCondition(noise=1, shade=0, jpeg=0), 0)
    opaque = np.dstack([grey, np.ones(grey.shape[:2], np.float32)]).astype(np.float32)
    truth = jar(96, 0.0)[..., 3]
    asked = []

    def network(tile: NDArray[np.uint8], box: tuple[int, int, int, int]) -> Array32:
        asked.append(box)
        return truth if len(asked) != 3 else np.ones_like(truth)  # the third sees the whole tile

    cut, notes = cut_tiles(opaque, outline=network)
    assert np.array_equal(cut[:96, :96, 3], truth)
    assert (cut[96:192, :96, 3] < 0.5).mean() > 0.4
    assert any("tile 3" in note for note in notes)
    left, top, right, bottom = asked[0]
    assert 0 < left < 30 and 0 < top < 30 and right > 70 and bottom > 70
