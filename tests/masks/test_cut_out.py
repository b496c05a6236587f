"""The ladder: own alpha, plain background, strokes, guess; and what it refuses and says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from grotto.contract import ProblemError
from grotto.masks import Hints, cut_out

Array32 = NDArray[np.float32]


def disc(size: int, centre: tuple[float, float], radius: float) -> Array32:
    """Coverage (size, size) of a disc, from 8 x 8 samples a pixel."""
    line = (np.arange(8 * size) + 0.5) / 8
    inside = (line[None, :] - centre[0]) ** 2 + (line[:, None] - centre[1]) ** 2 < radius**2
    return inside.reshape(size, 8, size, 8).mean(axis=(1, 3)).astype(np.float32)


def on_ground(alpha: Array32, subject: tuple[float, float, float], ground: Array32) -> Array32:
    colour = alpha[..., None] * np.float32(subject) + (1 - alpha[..., None]) * ground
    return np.dstack([colour, np.ones_like(alpha)]).astype(np.float32)


def iou(found: Array32, truth: Array32) -> float:
    one, other = found >= 0.5, truth >= 0.5
    return float((one & other).sum() / (one | other).sum())


def paper(size: int, seed: int = 0, noise: float = 0.0, slope: float = 0.0) -> Array32:
    ground = np.full((size, size, 3), (0.96, 0.93, 0.88), np.float32)
    ground *= 1 - np.float32(slope) * np.linspace(0, 1, size, dtype=np.float32)[None, :, None]
    return ground + np.random.default_rng(seed).normal(0, noise, ground.shape).astype(np.float32)


def test_its_own_alpha_is_taken_as_it_is() -> None:
    truth = disc(96, (40, 50), 20)
    picture = on_ground(truth, (0.7, 0.2, 0.1), paper(96))
    picture[..., 3] = truth
    found = cut_out(picture)
    assert found.method == "alpha"
    assert np.array_equal(found.alpha, truth)


def test_a_clear_alpha_is_refused_and_an_opaque_one_says_nothing() -> None:
    picture = on_ground(disc(96, (40, 50), 20), (0.7, 0.2, 0.1), paper(96))
    assert cut_out(picture).method == "plain background"
    picture[..., 3] = 0
    with pytest.raises(ProblemError, match="clear everywhere"):
        cut_out(picture)


@pytest.mark.parametrize(("noise", "slope"), [(0.0, 0.0), (0.012, 0.0), (0.0, 0.12), (0.008, 0.08)])
def test_plain_ground_with_noise_and_slope(noise: float, slope: float) -> None:
    truth = disc(128, (70.3, 60.6), 30.4)
    found = cut_out(on_ground(truth, (0.55, 0.2, 0.15), paper(128, 1, noise, slope)))
    assert found.method == "plain background"
    assert iou(found.alpha, truth) > 0.985
    assert found.notes == ()


def test_the_soft_edge_is_right_below_a_pixel() -> None:
    truth = disc(128, (64.2, 63.7), 33.3)
    found = cut_out(on_ground(truth, (0.3, 0.35, 0.6), paper(128)))
    assert np.abs(found.alpha - truth).max() < 0.06
    assert abs(found.alpha.sum() - truth.sum()) / truth.sum() < 0.002


def test_jpeg_paper() -> None:
    truth = disc(200, (100, 100), 60) - disc(200, (100, 100), 30)
    picture = on_ground(truth, (0.2, 0.4, 0.3), paper(200))
    pixels = cv2.imencode(".jpg", (picture[..., :3] * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
    picture[..., :3] = cv2.imdecode(pixels, cv2.IMREAD_COLOR).astype(np.float32) / 255
    assert iou(cut_out(picture).alpha, truth) > 0.97


def test_enclosed_ground_is_background_and_light_paint_is_not() -> None:
    truth = disc(200, (100, 100), 70) - disc(200, (120, 100), 20)  # a ring's hole shows the ground
    picture = on_ground(truth, (0.5, 0.2, 0.2), paper(200))
    picture[90:106, 50:66, :3] = 0.99  # white paint on the figure, not the ground's cream
    picture[130:132, 98:101, :3] = (0.96, 0.93, 0.88)  # a fleck of just the ground's colour
    found = cut_out(picture).alpha
    assert found[100, 120] == 0
    assert found[92:104, 52:64].min() == 1
    assert found[131, 99] == 1


def test_an_element_at_the_border_is_noted() -> None:
    found = cut_out(on_ground(disc(128, (20, 64), 30), (0.3, 0.3, 0.6), paper(128)))
    assert len(found.notes) == 1
    assert "left border" in found.notes[0]


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_nothing_on_paper_is_refused(noise: float) -> None:
    blank = np.dstack([paper(100, 2, noise), np.ones((100, 100), np.float32)])
    with pytest.raises(ProblemError, match="nothing on the picture"):
        cut_out(blank)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ProblemError, match="no colour and alpha"):
        cut_out(np.zeros((8, 8, 3), np.float32))
    broken = np.ones((8, 8, 4), np.float32)
    broken[2, 2, 1] = np.nan
    with pytest.raises(ProblemError, match="no numbers"):
        cut_out(broken)


def test_hints_of_another_size_are_refused() -> None:
    picture = np.ones((40, 50, 4), np.float32)
    with pytest.raises(ProblemError, match="another size"):
        cut_out(picture, Hints(subject=np.ones((50, 40), dtype=bool)))
    with pytest.raises(ProblemError, match="holds no pixel"):
        cut_out(picture, Hints(box=(60.0, 0.0, 70.0, 10.0)))
