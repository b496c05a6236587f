"""Pixels judge where a picture belongs: its own place is told from a look-alike's, and what is out of place is named."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from grotto.contract import Silent
from grotto.sfm.mosaic import (
    Link,
    MosaicPicture,
    Points,
    Side,
    Witness,
    alike_level,
    alternatives,
    compare,
    doubt_lone,
    out_of_place,
    pyramid,
    transfer,
)


class Notes(Silent):
    """Keeps what a user would read."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def painted(seed: int, width: int = 330, height: int = 260) -> np.ndarray:
    """Texture of several sizes (h, w)."""
    random = np.random.default_rng(seed)
    sums = sum(s * cv2.GaussianBlur(random.normal(0, 1, (height, width)), (0, 0), s) * s**0.5 for s in (2.0, 4.0, 8.0))
    return np.clip(128 + 45 * sums / np.std(sums), 0, 255).astype(np.uint8)


def taken(wall: np.ndarray, left: int, top: int, size: int, scale: float, seed: int) -> np.ndarray:
    """A square part of a wall at another scale, with grain, cast and contrast of its own."""
    part = cv2.resize(wall[top : top + size, left : left + size], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, 3, part.shape)
    return np.clip(0.7 * part + 40 + grain, 0, 255).astype(np.uint8)


def shifted(left: float, top: float, scale: float) -> np.ndarray:
    """wall_from_part (3, 3)."""
    return np.array([[1 / scale, 0, left], [0, 1 / scale, top], [0, 0, 1.0]])


def test_a_detail_is_like_its_own_place_and_a_rough_map_is_mended() -> None:
    wall = painted(0)
    detail = pyramid(taken(wall, 150, 90, 120, 3.0, 1))
    found = compare(pyramid(wall), detail, shifted(151.2, 88.9, 2.97))
    assert found is not None
    assert found.share(0.9) > 0.95
    corner = transfer(found.first_from_second, np.array([[360.0, 360.0]]))[0]
    assert corner == pytest.approx([270, 210], abs=0.3)


def test_a_motif_painted_twice_does_not_make_two_places_one() -> None:
    wall = painted(0)
    wall[20:90, 30:100] = wall[110:180, 180:250]
    detail = pyramid(taken(wall, 150, 90, 120, 3.0, 1))
    own = compare(pyramid(wall), detail, shifted(150, 90, 3.0))
    twin = compare(pyramid(wall), detail, shifted(0, 0, 3.0))
    assert own is not None
    assert twin is not None
    assert own.share(0.9) > 0.95
    assert 0.1 < twin.share(0.9) < 0.6


def test_pictures_that_share_too_little_are_not_judged() -> None:
    wall = pyramid(painted(0))
    assert compare(wall, wall, shifted(315, 0, 1.0)) is None
    assert compare(wall, wall, shifted(4650, 0, 1.0)) is None


def test_what_a_mask_covers_is_not_compared() -> None:
    wall = painted(0)
    spoilt = wall.copy()
    spoilt[:, 130:] = painted(5)[:, 130:]
    keep = np.where(np.arange(330) < 130, 255, 0).astype(np.uint8)[None].repeat(260, axis=0)
    open_, masked = (compare(pyramid(wall), pyramid(spoilt, 1.0, mask), np.eye(3)) for mask in (None, keep))
    assert open_ is not None
    assert masked is not None
    assert open_.share(0.9) < 0.6
    assert masked.share(0.9) > 0.95


def test_the_level_follows_how_alike_sure_pairs_are() -> None:
    wall, print_ = painted(0), painted(0)
    noise = np.clip(wall + np.random.default_rng(2).normal(0, 60, wall.shape), 0, 255).astype(np.uint8)
    clean, grainy = (compare(pyramid(wall), pyramid(other), np.eye(3)) for other in (print_, noise))
    assert clean is not None
    assert grainy is not None
    assert alike_level([clean]) == pytest.approx(0.9)
    assert 0.5 <= alike_level([grainy]) < 0.9
    assert alike_level([]) == pytest.approx(0.5)


def test_a_picture_unlike_what_it_covers_goes_and_the_others_stay() -> None:
    good = [Witness(i, j, 300, 0.99) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert out_of_place(good) == {}
    gone = out_of_place([*good, Witness(0, 3, 400, 0.1), Witness(1, 3, 90, 0.95), Witness(2, 3, 300, 0.2)])
    assert list(gone) == [3]
    assert out_of_place([*good, Witness(0, 3, 20, 0.1)]) == {}


def test_a_pair_has_one_map_for_each_place_of_a_repeated_motif() -> None:
    random = np.random.default_rng(5)
    unit = np.abs(random.normal(0, 1, (60, 128))).astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    motif = random.uniform(0, 200, (60, 2))
    near, far = motif[:40], motif[40:] + np.array([600, 300])
    size, angle = np.full(60, 3.0), np.zeros(60)
    first = Side(Points(np.concatenate([near, far]), size, angle, unit), 900, 600, 1.0)
    second = Side(Points(motif, size, angle, unit), 250, 250, 1.0)
    maps = [one.first_from_second for one in alternatives(first, second, 0.8)]
    assert len(maps) == 2
    for found, shift in zip(maps, ((0, 0), (600, 300)), strict=True):
        assert transfer(found, motif) == pytest.approx(motif + shift, abs=1e-6)


def test_a_picture_that_one_pair_holds_is_named_and_others_are_not() -> None:
    square = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    pictures = tuple(
        MosaicPicture(index=i, name=f"{i}.jpg", picture_from_plane=square, radial=0.0, links=links, alike=0.97)
        for i, links in enumerate((2, 3, 2, 1))
    )
    places = np.zeros((9, 2))
    held = [Link(i, j, np.eye(3), places, places, np.ones(9), 9.0) for i, j in ((0, 1), (0, 2), (1, 2), (1, 3))]
    notes = Notes()
    doubt_lone(notes, pictures, held)
    assert len(notes.notes) == 1
    assert "3.jpg is held by one pair of 9 matches" in notes.notes[0]
    assert "97%" in notes.notes[0]
    two = Notes()
    doubt_lone(two, pictures[:2], held[:1])
    assert two.notes == []
