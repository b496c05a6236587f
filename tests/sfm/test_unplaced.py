"""Photos without a place are named, and those that are mirrored recognised."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from grotto.contract import Silent
from grotto.contract.options import PhotoOptions
from grotto.photos import read_photos
from grotto.sfm.cameras import describe_unplaced, show_the_same


def painting(seed: int) -> NDArray[np.uint8]:
    """Overlapping ellipses of all colours, 900 x 600 px."""
    random = np.random.default_rng(seed)
    picture = np.full((600, 900, 3), 200, np.uint8)
    for _ in range(500):
        place, size = random.integers(0, (900, 600)), random.integers(6, 40, 2)
        colour = [int(value) for value in random.integers(0, 255, 3)]
        cv2.ellipse(picture, place.tolist(), size.tolist(), float(random.uniform(0, 180)), 0, 360, colour, -1)
    return picture


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def test_a_shifted_picture_shows_the_same_and_its_mirror_image_does_not() -> None:
    whole = grey(painting(1))
    first, second = whole[:, :600], whole[40:, 200:]
    assert show_the_same(first, second)
    assert not show_the_same(first, second[:, ::-1])
    assert not show_the_same(first, grey(painting(2)))


def test_photos_without_a_place_are_named_and_a_mirrored_one_is_told(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "photos"
    source.mkdir()
    folder.mkdir()
    whole, other = painting(3), painting(4)
    pictures = {
        "a": whole[:, :600],
        "b": whole[:, 150:750],
        "c": np.ascontiguousarray(whole[:, 300:][:, ::-1]),
        "d": other[:, :600],
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(source / f"{name}.png"), picture)
    photos = read_photos(source, PhotoOptions(), folder, Silent())
    assert describe_unplaced(photos, [], Silent()) == []
    named, *mirrored = describe_unplaced(photos, [2, 3], Silent())
    assert named == "2 photos are left out, as no place was found: c.png, d.png"
    assert len(mirrored) == 1
    assert mirrored[0].startswith("c.png is mirrored")
