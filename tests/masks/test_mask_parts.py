"""Rules for small parts, elements of a picture, and strokes from a file."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from grotto.contract import ProblemError
from grotto.masks import (
    drop_specks,
    fill_holes,
    find_elements,
    isolated_element,
    keep_slivers,
    mask_bounds,
    padded_box,
    read_strokes,
    scaled_box,
    squared,
)
from grotto.masks.prompted import contour_cost


def blocks(*windows: tuple[int, int, int, int], shape: tuple[int, int] = (60, 80)) -> np.ndarray:
    """Rectangles (top, bottom, left, right)."""
    mask = np.zeros(shape, dtype=bool)
    for top, bottom, left, right in windows:
        mask[top:bottom, left:right] = True
    return mask


def test_small_holes_are_filled_and_large_and_open_ones_are_not() -> None:
    mask = blocks((5, 55, 5, 70))
    mask[10:12, 10:12] = mask[20:40, 20:40] = False
    mask[0:8, 60] = False
    filled = fill_holes(mask, 9)
    assert filled[10:12, 10:12].all()
    assert not filled[20:40, 20:40].any()
    assert not filled[5:8, 60].any()


def test_specks_are_dropped_but_not_under_a_stroke() -> None:
    mask = blocks((5, 30, 5, 30), (40, 42, 60, 62), (50, 52, 10, 12))
    assert drop_specks(mask, 9).sum() == 25 * 25
    assert drop_specks(mask, 9, blocks((40, 41, 60, 61)))[40:42, 60:62].all()


def test_attached_slivers_are_kept_and_broad_or_loose_parts_are_not() -> None:
    body = blocks((20, 40, 5, 25))
    ribbon, slab, loose = (28, 31, 25, 60), (40, 58, 5, 25), (5, 8, 40, 70)
    kept = keep_slivers(body, body | blocks(ribbon, slab, loose), 5)
    assert kept[28:31, 25:60].all()
    assert not kept[41:58, 5:25].any()
    assert not kept[5:8].any()


def test_elements_are_found_with_their_boxes_the_largest_first() -> None:
    alpha = blocks((30, 50, 50, 80), (5, 15, 5, 25), (5, 15, 26, 30), (55, 56, 2, 3)).astype(np.float32)
    large, small = find_elements(alpha, least_part=5e-4, near=0.03)
    assert large.box == (50, 30, 80, 50)
    assert large.touches_border
    assert large.area_px == 600
    assert small.box == (5, 5, 30, 15)  # one pixel between two parts: one element
    assert not small.touches_border
    assert small.mask.shape == (10, 25)
    assert not small.mask[:, 20].any()


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(ProblemError, match="nothing on the picture"):
        find_elements(np.zeros((20, 20), np.float32))


def test_an_element_is_isolated_with_its_soft_rim_and_squared() -> None:
    alpha = blocks((10, 30, 10, 50), (28, 40, 55, 60)).astype(np.float32)
    colour = np.full((60, 80, 3), (51, 128, 204), np.uint8)
    element = find_elements(alpha, near=0.0)[0]
    rgba, box = isolated_element(colour, alpha, element, alpha.shape)
    assert box == (9, 9, 51, 31)
    assert rgba.shape == (22, 42, 4)
    assert rgba[1:-1, 1:-1, 3].min() == 255
    assert rgba[..., 3].sum() == 255 * 20 * 40
    small = squared(rgba, 32, 0.0)
    assert small.shape == (32, 32, 4)
    assert small[16, 16] == pytest.approx([51, 128, 204, 255], abs=1)
    assert small[2, 16, 3] == 0


def test_bounds_of_masks_are_tight_and_scaled_outwards() -> None:
    assert mask_bounds(np.zeros((4, 5), bool)) is None
    box = mask_bounds(blocks((10, 30, 20, 50)))
    assert box == (20, 10, 50, 30)
    assert padded_box((1, 2, 78, 59), 3, 80, 60) == (0, 0, 80, 60)
    assert scaled_box((1, 1, 3, 3), 1.5, 2.5, 80, 60) == (1, 2, 5, 8)


def strokes_file(path: Path, size: tuple[int, int]) -> Path:
    picture = np.zeros((size[1], size[0], 4), np.uint8)
    picture[: size[1] // 4] = (255, 255, 250, 255)
    picture[-size[1] // 4 :] = (5, 0, 0, 255)
    picture[size[1] // 2] = (128, 128, 128, 255)
    Image.fromarray(picture).save(path)
    return path


@pytest.mark.parametrize("size", [(40, 20), (160, 80), (80, 40)])
def test_strokes_of_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    hints = read_strokes(strokes_file(tmp_path / "strokes.png", size), 80, 40)
    assert hints.subject is not None
    assert hints.background is not None
    assert hints.subject.shape == (40, 80)
    assert hints.scaled_from == (None if size == (80, 40) else size)
    assert hints.subject[:10].all()
    assert not hints.subject[10:].any()
    assert hints.background[30:].all()
    assert not hints.background[:30].any()


def test_strokes_much_larger_than_the_picture_are_refused(tmp_path: Path) -> None:
    Image.new("1", (8000, 4000), 1).save(tmp_path / "large.png")
    with pytest.raises(ProblemError, match="32 megapixels"):
        read_strokes(tmp_path / "large.png", 80, 40)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ProblemError, match="it is a pipe and no file"):
        read_strokes(tmp_path / "pipe.png", 80, 40)


def test_a_thin_stroke_survives_reduction(tmp_path: Path) -> None:
    picture = np.zeros((400, 800, 4), np.uint8)
    picture[200, 100:700] = 255
    Image.fromarray(picture).save(tmp_path / "thin.png")
    hints = read_strokes(tmp_path / "thin.png", 80, 40)
    assert hints.subject is not None
    assert hints.subject[20, 10:70].all()


def test_grey_strokes(tmp_path: Path) -> None:
    grey = np.full((20, 40), 128, np.uint8)
    grey[:5], grey[15:] = 255, 0
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    hints = read_strokes(tmp_path / "grey.png", 40, 20)
    assert hints.subject is not None
    assert hints.background is not None
    assert (hints.subject.sum(), hints.background.sum()) == (200, 200)


def test_strokes_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    strokes_file(tmp_path / "a.png", (80, 40))
    with pytest.raises(ProblemError, match="another shape"):
        read_strokes(tmp_path / "a.png", 80, 80)
    Image.new("RGBA", (80, 40)).save(tmp_path / "clear.png")
    with pytest.raises(ProblemError, match="no stroke"):
        read_strokes(tmp_path / "clear.png", 80, 40)
    (tmp_path / "torn.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    with pytest.raises(ProblemError, match="cannot be read"):
        read_strokes(tmp_path / "torn.png", 80, 40)
    with pytest.raises(ProblemError, match="cannot be read"):
        read_strokes(tmp_path / "missing.png", 80, 40)


def test_without_blur_a_contour_is_cheap_at_the_edge_alone() -> None:
    lab = np.full((12, 24, 3), (60, 0, 0), np.float32)
    lab[:, 9:] = (35, 20, 10)
    fine, blurred = (contour_cost(lab, blur_px)[0] for blur_px in (0.0, 0.7))
    assert (fine[:, 8] < 0.05).all()
    assert (np.delete(fine[:, :-1], 8, axis=1) > 0.99).all()
    assert (blurred[:, [7, 9]] < 0.9).all()
