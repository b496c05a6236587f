"""Falloff of the lens: measured over photos of different things, and divided out."""

from pathlib import Path

import cv2
import numpy as np

from grotto.photos import Photo
from grotto.sfm.falloff import measure_falloff, radius_squared, without_falloff


def photo(path: Path) -> Photo:
    return Photo(
        name=path.name, path=str(path), sha256="", width=240, height=160, group="one", focal_px=0, focal_source="",
        gravity_known=False, sharpness=1.0, mask="",
    )  # fmt: skip


def write_photos(folder: Path, count: int, strength: float) -> list[Photo]:
    random = np.random.default_rng(1)
    loss = np.exp(-strength * radius_squared(240, 160))
    made = []
    for number in range(count):
        content = cv2.resize(random.uniform(90, 220, (9, 13)), (240, 160), interpolation=cv2.INTER_CUBIC)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), np.clip(content * loss, 0, 255).astype(np.uint8))
        made.append(photo(path))
    return made


def test_falloff_is_measured_and_taken_out(tmp_path: Path) -> None:
    photos = write_photos(tmp_path, 16, 0.3)
    falloff = measure_falloff(photos)
    assert abs(sum(falloff) + 0.3) < 0.06
    flat = np.full((160, 240), 160, np.uint8)
    dimmed = np.rint(flat * np.exp(-0.3 * radius_squared(240, 160))).astype(np.uint8)
    assert np.abs(without_falloff(dimmed, falloff).astype(int) - 160).max() < 14


def test_few_photos_and_bright_corners_are_left_alone(tmp_path: Path) -> None:
    assert measure_falloff(write_photos(tmp_path, 3, 0.3)) == (0.0, 0.0)
    assert measure_falloff(write_photos(tmp_path, 16, -0.3)) == (0.0, 0.0)
