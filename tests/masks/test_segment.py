"""Cutting out of a busy picture: figures on a patterned ground, whose masks are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from grotto.contract import ProblemError
from grotto.masks import Hints, cut_out
from grotto.masks.prompted import prepare_picture, segment

Mask = NDArray[np.bool_]
SIDE = 144


def patterned(seed: int = 3) -> NDArray[np.float32]:
    """A ground of ochre and green patches with dark lines between them, and grain."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE]
    cells = ((x // 18 + y // 24) % 3)[..., None]
    ground = np.choose(cells, [np.float32((0.75, 0.62, 0.4)), np.float32((0.45, 0.55, 0.4)), np.float32((0.8, 0.76, 0.66))])
    ground[(x % 18 < 2) | (y % 24 < 2)] = (0.2, 0.16, 0.14)
    return np.clip(ground + random.normal(0, 0.04, ground.shape), 0, 1).astype(np.float32)


def figure(kind: str) -> Mask:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    if kind == "disc":
        cv2.circle(mask, (72, 70), 34, 1, -1)
    elif kind == "ring":
        cv2.circle(mask, (72, 70), 36, 1, 12)
    else:  # a body with a ribbon
        cv2.ellipse(mask, (52, 96), (24, 20), 0, 0, 360, 1, -1)
        points = np.array([(60 + t, 90 - 0.9 * t + 8 * np.sin(t / 7)) for t in range(60)], np.int32)
        cv2.polylines(mask, [points], False, 1, 5)
    return mask > 0


def painted(mask: Mask) -> NDArray[np.float32]:
    """Blue and red paint, without the ground's grain, in an ink line."""
    picture = patterned()
    rows = np.mgrid[:SIDE, :SIDE][0][mask]
    picture[mask] = np.where((rows // 10 % 2)[:, None] == 0, np.float32((0.25, 0.35, 0.7)), np.float32((0.66, 0.2, 0.22)))
    picture[mask & (cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)] = (0.16, 0.1, 0.12)
    return cv2.GaussianBlur(picture, (0, 0), 0.6)


def box_of(mask: Mask, loose: float = 4.0) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return columns[0] - loose, rows[0] - loose, columns[-1] + 1 + loose, rows[-1] + 1 + loose


def iou(found: NDArray[np.float32], truth: Mask) -> float:
    mask = found >= 0.5
    return float((mask & truth).sum() / (mask | truth).sum())


@pytest.mark.parametrize(("kind", "least"), [("disc", 0.93), pytest.param("ring", 0.74, marks=pytest.mark.slow), ("ribbon", 0.8)])
def test_a_box_is_enough_for_paint_that_is_found_nowhere_else(kind: str, least: float) -> None:
    truth = figure(kind)
    assert iou(segment(painted(truth), Hints(box=box_of(truth))), truth) >= least


def test_nothing_outside_the_box_is_kept_and_strokes_have_the_last_word() -> None:
    truth = figure("disc")
    strokes = np.zeros((2, SIDE, SIDE), dtype=bool)
    strokes[0, 68:72, 50:90] = True  # the ground's own colours are painted as subject, the figure's as background
    strokes[1, 84:88, 60:80] = True
    found = segment(painted(truth), Hints((30.0, 30.0, 100.0, 100.0), strokes[0], strokes[1])) >= 0.5
    assert not found[:, 100:].any()
    assert found[69:71, 52:88].all()
    assert not found[85:87, 62:78].any()


def test_a_stroke_speaks_for_like_coloured_surroundings() -> None:
    truth = figure("disc")
    picture = painted(truth)
    other = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(other, (72, 70), 34, 1, -1)
    cv2.rectangle(other, (0, 0), (SIDE, 66), 0, -1)
    lower = other > 0
    picture[lower] = (0.9, 0.85, 0.3)  # the lower half is another colour, and is said to be background
    stroke = np.zeros((SIDE, SIDE), dtype=bool)
    stroke[84:87, 62:82] = True
    found = segment(picture, Hints(box_of(truth), None, stroke)) >= 0.5
    assert found[lower].mean() < 0.5
    assert found[truth & ~lower].mean() > 0.85


def test_strokes_on_many_small_parts_tell_them_all_from_the_rest() -> None:
    truth = np.zeros((SIDE, SIDE), np.uint8)
    middles = [(10 + 124 * number // 9, 72 + int(34 * np.sin(1.1 * number))) for number in range(10)]
    for middle in middles:
        cv2.circle(truth, middle, 5, 1, -1)
    subject = np.zeros((SIDE, SIDE), dtype=bool)
    for x, y in middles[:6]:
        subject[y - 1 : y + 2, x - 2 : x + 3] = True
    found = segment(painted(truth > 0), Hints(box_of(truth > 0), subject)) >= 0.5
    assert all(found[y, x] for x, y in middles)
    assert iou(found, truth > 0) > 0.3  # .20 where nothing but the contour so far is learnt


def test_strokes_alone_are_enough_and_come_before_a_guess() -> None:
    truth = figure("disc")
    subject, background = np.zeros((SIDE, SIDE), dtype=bool), np.zeros((SIDE, SIDE), dtype=bool)
    subject[50:90, 70:74] = True
    background[8:11, 20:130] = background[120:123, 20:130] = True
    found = cut_out(np.dstack([painted(truth), np.ones((SIDE, SIDE), np.float32)]), Hints(None, subject, background))
    assert found.method == "strokes"
    assert iou(found.alpha, truth) > 0.8


@pytest.mark.slow
def test_equal_input_gives_equal_masks_and_a_kept_scene_changes_nothing() -> None:
    truth = figure("ribbon")
    picture, hints = painted(truth), Hints(box=box_of(truth))
    once = segment(picture, hints)
    assert np.array_equal(once, segment(picture, hints, prepare_picture(picture, hints)))


def test_a_large_picture_keeps_its_sharp_edge() -> None:
    truth = figure("disc")
    side = 5 * SIDE
    large = cv2.resize(painted(truth), (side, side), interpolation=cv2.INTER_LINEAR)
    fine = np.zeros((side, side), np.uint8)
    cv2.circle(fine, (362, 352), 172, 1, -1)
    left, top, right, bottom = box_of(truth)
    found = segment(large, Hints(box=(5 * left, 5 * top, 5 * right, 5 * bottom)))
    assert found.shape == (side, side)
    assert iou(found, fine > 0) > 0.94
    assert ((found > 0.05) & (found < 0.95)).mean() < 0.06


def test_a_guess_says_that_it_is_one() -> None:
    truth = figure("disc")
    picture = np.dstack([painted(truth), np.ones((SIDE, SIDE), np.float32)])
    found = cut_out(picture)
    assert found.method == "guess"
    assert "nothing was marked" in found.notes[0]
    assert iou(found.alpha, truth) > 0.5


def test_a_background_stroke_over_everything_leaves_nothing() -> None:
    picture = np.dstack([painted(figure("disc")), np.ones((SIDE, SIDE), np.float32)])
    with pytest.raises(ProblemError, match="nothing on the picture"):
        cut_out(picture, Hints(background=np.ones((SIDE, SIDE), dtype=bool)))


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (17, 17)])
def test_tiny_and_even_pictures_do_not_break_it(shape: tuple[int, int]) -> None:
    found = segment(np.full((*shape, 3), 0.5, np.float32), Hints())
    assert found.shape == shape
    assert np.isfinite(found).all()
