"""What photographs of paintings have besides the figure: shade, frames, mats, labels, and alpha that is no cut-out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from grotto.contract import ProblemError
from grotto.masks import CutOut, cut_out, outlines_a_picture

Array32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE = 320
PAINT = np.array([0.69, 0.35, 0.24], np.float32)


def covered(shape: tuple[int, int] = (SIDE, SIDE), at: tuple[int, int] = (0, 0)) -> Array32:
    """Coverage (h, w) of a figure of 320 px, head, body and two legs, whose corner lies at (x, y)."""
    big = np.zeros((4 * shape[0], 4 * shape[1]), np.uint8)

    def place(x: int, y: int) -> tuple[int, int]:
        return 4 * (x + at[0]), 4 * (y + at[1])

    cv2.ellipse(big, place(160, 80), (4 * 32, 4 * 34), 0, 0, 360, 255, -1)
    cv2.ellipse(big, place(160, 160), (4 * 62, 4 * 58), 0, 0, 360, 255, -1)
    for x in (116, 178):
        cv2.rectangle(big, place(x, 190), place(x + 26, 272), 255, -1)
    return cv2.resize(big, (shape[1], shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def over(ground: Array32, alpha: Array32, paint: NDArray[np.float32] = PAINT, quality: int = 92) -> Array32:
    """A figure over a ground (h, w, 3) as an opaque picture (h, w, 4); quality: of JPEG, 0 leaves it as it is."""
    colour = alpha[..., None] * paint + (1 - alpha[..., None]) * ground
    pixels = np.clip(colour * 255 + 0.5, 0, 255).astype(np.uint8)
    if quality:
        pixels = np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1))
    return np.dstack([pixels / 255, np.ones(alpha.shape)]).astype(np.float32)


def white(shape: tuple[int, int] = (SIDE, SIDE), value: float = 1.0) -> Array32:
    return np.full((*shape, 3), value, np.float32)


def iou(cut: CutOut, truth: Array32) -> float:
    one, other = cut.alpha >= 0.5, truth >= 0.5
    return float((one & other).sum() / (one | other).sum())


def told(cut: CutOut, word: str) -> bool:
    return any(word in note for note in cut.notes)


def shadow_below() -> Array32:
    shade = cv2.ellipse(np.zeros((SIDE, SIDE), np.float32), (168, 274), (90, 20), 0, 0, 360, 0.45, -1)
    return white() * (1 - cv2.GaussianBlur(shade, (0, 0), 7))[..., None]


def shadow_to_the_border() -> Array32:
    corners = np.array([[120, 270], [200, 270], [319, 230], [319, 190], [210, 235]], np.int32)
    shade = cv2.fillPoly(np.zeros((SIDE, SIDE), np.float32), [corners], 0.42)
    return white() * (1 - cv2.GaussianBlur(shade, (0, 0), 5))[..., None]


def crisp_shadow() -> Array32:
    """Of a lamp near by: its edge is sharper than that of the others, and softer than the figure's."""
    shade = cv2.ellipse(np.zeros((SIDE, SIDE), np.float32), (168, 274), (90, 20), 0, 0, 360, 0.45, -1)
    return white() * (1 - cv2.GaussianBlur(shade, (0, 0), 4))[..., None]


@pytest.mark.parametrize(
    "ground", [shadow_below(), shadow_to_the_border(), crisp_shadow()], ids=["below", "to the border", "crisp"]
)
def test_a_cast_shadow_is_left_out_and_named(ground: Array32) -> None:
    truth = covered()
    cut = cut_out(over(ground, truth))
    assert cut.method == "plain background"
    assert iou(cut, truth) > 0.98
    assert told(cut, "soft shadow")


def test_a_pool_of_light_on_a_dark_ground_is_no_part_of_the_figure() -> None:
    """The light is white, the dark ground bluish."""
    pool = cv2.ellipse(np.zeros((SIDE, SIDE), np.float32), (165, 165), (85, 130), 0, 0, 360, 0.59, -1)
    light = cv2.GaussianBlur(pool, (0, 0), 15)[..., None]
    dark = np.array([0.086, 0.086, 0.11], np.float32)
    truth = covered()
    cut = cut_out(over(dark + light * (np.array([0.47, 0.47, 0.5], np.float32) - dark), truth))
    assert iou(cut, truth) > 0.98
    assert told(cut, "light on the ground")


def uneven(kind: str) -> Array32:
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    noise = np.random.default_rng(0).normal(0, 0.008, (SIDE, SIDE, 1))
    if kind == "vignette":
        return (0.92 * (1 - 0.7 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None] * np.ones(3) + noise).astype(np.float32)
    darker = 1 - 0.5 * np.clip((x + y - 0.7) / 1.3, 0, 1) ** 2
    return (np.array([0.91, 0.84, 0.7]) * darker[..., None] + noise).astype(np.float32)


@pytest.mark.parametrize("kind", ["vignette", "sepia paper, darker to one corner"])
def test_uneven_light_is_no_part_of_the_figure(kind: str) -> None:
    truth = covered()
    cut = cut_out(over(uneven(kind), truth))
    assert cut.method == "plain background"
    assert iou(cut, truth) > 0.97
    assert cut.notes


def test_a_wash_that_fades_into_the_paper_is_paint() -> None:
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    wash = white() - (0.75 * np.clip(1 - np.hypot(x - 0.5, 1.3 * (y - 0.55)) / 0.36, 0, 1))[..., None].astype(np.float32)
    wash[150:170, 130:190] = 0.1
    cut = cut_out(np.dstack([wash, np.ones((SIDE, SIDE))]).astype(np.float32))
    assert (cut.alpha >= 0.5).mean() > 0.1
    assert told(cut, "kept as paint")


def test_an_ordinary_picture_gets_no_note() -> None:
    truth = covered()
    cut = cut_out(over(white(), truth, quality=85))
    assert iou(cut, truth) > 0.99
    assert cut.notes == ()
    assert cut.as_measured


@pytest.mark.parametrize("lines", [1, 2])
def test_a_drawn_frame_is_no_element(lines: int) -> None:
    ground, truth = white(), covered()
    for number in range(lines):
        inset = 10 + 8 * number
        cv2.rectangle(ground, (inset, inset), (SIDE - inset, SIDE - inset), (0.6, 0.1, 0.1), 2)
    cut = cut_out(over(ground, truth))
    assert iou(cut, truth) > 0.99
    assert told(cut, "drawn frame")


def test_a_line_along_the_edge_is_left_out_and_a_frame_around_nothing_stays() -> None:
    ground, truth = white(), covered()
    cv2.rectangle(ground, (0, 0), (SIDE - 1, SIDE - 1), (0.1, 0.1, 0.1), 3)
    cut = cut_out(over(ground, truth, quality=0))
    assert iou(cut, truth) > 0.99
    assert told(cut, "picture's edge")
    alone = white()
    cv2.rectangle(alone, (20, 20), (SIDE - 20, SIDE - 20), (0.6, 0.1, 0.1), 4)
    assert cut_out(over(alone, np.zeros((SIDE, SIDE), np.float32))).alpha[20, 100] == 1


def test_a_sheet_on_a_mat_with_a_label_shows_its_figure() -> None:
    ground, truth = white((480, 480), 0.5), covered((480, 480), (80, 50))
    ground[40:390, 70:410] = (0.95, 0.93, 0.89)
    ground[410:440, 190:290] = 0.98
    ground[420:424, 200:270] = 0.1
    cut = cut_out(over(ground + np.random.default_rng(0).normal(0, 0.008, ground.shape).astype(np.float32), truth))
    assert iou(cut, truth) > 0.98
    assert told(cut, "sheet")
    assert told(cut, "label")


def test_a_colour_chart_beside_the_figure_is_left_out_and_beads_among_its_parts_are_not() -> None:
    ground, truth = white((SIDE, 400)), covered((SIDE, 400))
    for number, colour in enumerate([(0.2, 0.3, 0.8), (0.1, 0.5, 0.2), (0.8, 0.6, 0.2), (0.5, 0.5, 0.5)]):
        ground[30 + 60 * number : 75 + 60 * number, 340:380] = colour
    cut = cut_out(over(ground, truth))
    assert iou(cut, truth) > 0.99
    assert told(cut, "4 rectangles")
    beads = white()
    for x in (60, 90):
        beads[60:76, x : x + 16] = 0.2
    with_beads = covered()
    cv2.ellipse(with_beads, (80, 110), (50, 16), 0, 0, 360, 1.0, -1)
    kept = cut_out(over(beads, with_beads))
    assert kept.alpha[68, 68] == 1
    assert not told(kept, "rectangle")


def test_a_pale_figure_on_white_is_found_by_its_rim() -> None:
    truth = covered()
    paint = np.full((SIDE, SIDE, 3), (0.986, 0.984, 0.98), np.float32)
    paint[150:170] = 0.9
    cut = cut_out(over(white(), truth, paint))
    assert iou(cut, truth) > 0.95
    assert told(cut, "hardly differs")


def test_a_figure_as_white_as_its_paper_is_doubted_aloud() -> None:
    ground = white()
    contours, _ = cv2.findContours((covered() > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(ground, contours, -1, (0.1, 0.1, 0.1), 3, cv2.LINE_AA)
    assert told(cut_out(over(ground, np.zeros((SIDE, SIDE), np.float32))), "as white as its paper")


def trimmed(picture: Array32) -> Array32:
    picture[:2, :, 3] = picture[-2:, :, 3] = picture[:, :2, 3] = picture[:, -2:, 3] = 0
    return picture


def nearly_opaque(picture: Array32) -> Array32:
    picture[..., 3] = 254 / 255
    picture[:24, :24, 3] = 0
    picture[:24, :24, :3] = 0
    return picture


def in_a_window(picture: Array32) -> Array32:
    """A screenshot: the picture with a title bar, and a soft shadow around and mostly below it."""
    wide = np.zeros((SIDE, SIDE, 4), np.float32)
    wide[20:300, 24:296, 3] = 0.62
    wide[..., 3] = cv2.GaussianBlur(wide[..., 3], (0, 0), 6)
    wide[10:290, 20:300] = picture[10:290, 20:300]
    wide[10:26, 20:300] = (0.87, 0.87, 0.88, 1)
    return wide


@pytest.mark.parametrize("spoil", [trimmed, nearly_opaque, in_a_window])
def test_an_alpha_that_leaves_a_rectangle_is_no_cut_out(spoil: object) -> None:
    truth = covered()
    cut = cut_out(spoil(over(white(), truth, quality=0)))  # type: ignore[operator]
    assert cut.method == "plain background"
    assert iou(cut, truth) > 0.98
    assert told(cut, "no cut-out")


def test_a_rectangle_of_busy_paint_stays_and_is_doubted() -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    busy = np.stack([0.5 + 0.4 * np.sin(x / 9), 0.5 + 0.4 * np.sin(y / 7), 0.5 + 0.4 * np.sin((x + y) / 11)], axis=2)
    cut = cut_out(trimmed(np.dstack([busy, np.ones((SIDE, SIDE))]).astype(np.float32)))
    assert cut.method == "alpha"
    assert told(cut, "the rectangle is the element")


def test_outlines_of_walls_are_told_from_those_of_figures() -> None:
    wall = cv2.fillPoly(np.zeros((200, 300), np.uint8), [np.array([[12, 9], [290, 20], [281, 190], [20, 183]])], 1) > 0
    wall[80:95, 12:20] = False
    assert outlines_a_picture(wall)
    assert not outlines_a_picture(covered() > 0.5)
    assert not outlines_a_picture(np.zeros((20, 20), bool))


def test_nothing_but_light_is_refused() -> None:
    with pytest.raises(ProblemError, match="nothing on the picture"):
        cut_out(over(shadow_below() * 0 + 1, np.zeros((SIDE, SIDE), np.float32)))
