"""Masks: which file belongs to which photo, and what of the photo stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.contract.options import PhotoOptions
from grotto.photos import PhotoSet, read_image, read_mask, read_photos

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


def read(source: Path) -> PhotoSet:
    return read_photos(source, PhotoOptions(), source.parent / "stage", Silent())


def half(width: int = 320, height: int = 240) -> Image.Image:
    """White above, black below."""
    mask = Image.new("L", (width, height), 255)
    mask.paste(0, (0, height // 2, width, height))
    return mask


@pytest.mark.parametrize(
    "name",
    [
        "b/1_mask.png", "b/1.mask.png", "b/1.jpg.png", "b/1.JPG.PNG", "b/masks/1.png", "masks/b/1.jpg.png", "masks/1.png",
        "../masks/b/1.png", "../masks/1.tif", "../masks/1.jpg.png", "Masks/1_mask.png",
    ],
)  # fmt: skip
def test_masks_are_found_and_are_no_photos(save: Any, capture: Path, name: str) -> None:
    save("b/1.jpg", seed=1)
    save("2.jpg", seed=2)
    mask = save(name, half())
    photo_set = read(capture)
    assert {photo.name: photo.mask for photo in photo_set.photos} == {"2.jpg": "", "b/1.jpg": str(mask.resolve())}
    assert photo_set.warnings == ()
    masked = next(photo for photo in photo_set.photos if photo.mask)
    assert len(masked.mask_sha256) == 64
    keep = read_mask(masked)
    assert keep is not None
    assert keep.shape == (240, 320)
    assert keep[:120].all()
    assert not keep[120:].any()
    reduced = read_mask(masked, 80)
    assert reduced is not None
    assert reduced.shape == read_image(masked, 80).shape[:2]
    assert reduced.mean() == 0.5
    assert read_mask(next(photo for photo in photo_set.photos if not photo.mask)) is None


def test_a_name_twice_needs_the_subfolder(save: Any, capture: Path) -> None:
    for seed, name in enumerate(("a/1.jpg", "b/1.jpg")):
        save(name, seed=seed)
    save("masks/1.png", half())
    save("masks/b/1.png", half())
    assert [bool(photo.mask) for photo in read(capture).photos if not photo.name.startswith("masks")] == [False, True]


def test_a_folder_of_masks_may_hold_photos_of_masks(save: Any, capture: Path) -> None:
    for seed in range(3):
        save(f"masks/{seed}.jpg", seed=seed)
    assert len(read(capture).photos) == 3
    assert len(read(capture / "masks").photos) == 3


def test_a_photo_named_mask_without_a_photo_is_a_photo(save: Any, capture: Path) -> None:
    save("gold_mask.png", seed=1)
    save("wood_mask.png", seed=2)
    assert len(read(capture).photos) == 2


def test_a_smaller_mask_fits_and_another_shape_is_named(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("1_mask.png", half(160, 120))
    save("2.jpg", seed=2)
    save("2_mask.png", half(240, 240))
    save("3.jpg", seed=3)
    save("3_mask.png", Image.new("L", (320, 240)))
    save("4.jpg", seed=4)
    broken = save("4_mask.png", half())
    broken.write_bytes(broken.read_bytes()[:-60])
    photo_set = read(capture)
    assert [bool(photo.mask) for photo in photo_set.photos] == [True, False, False, False]
    said = {file.name: file.reason for file in photo_set.warnings}
    assert set(said) == {"2.jpg", "3.jpg", "4.jpg"}
    assert "240 x 240, not 320 x 240" in said["2.jpg"]
    assert "whole photo" in said["3.jpg"]
    keep = read_mask(photo_set.photos[0])
    assert keep is not None
    assert keep[:119].all()
    assert not keep[121:].any()


@pytest.mark.parametrize("painted_upright", [True, False])
def test_masks_of_turned_photos(save: Any, capture: Path, paint: Any, painted_upright: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the stored left is the upright top
    save("1.jpg", seed=1, exif=exif.tobytes())
    save("2.jpg", seed=2)
    stored = Image.new("L", (320, 240), 0)
    stored.paste(255, (0, 0, 80, 240))
    upright = stored.transpose(Image.Transpose.ROTATE_270)
    save("1_mask.png", upright if painted_upright else stored)
    photo = read(capture).photos[0]
    assert (photo.width, photo.height, photo.gravity_known) == (240, 320, True)
    keep = read_mask(photo)
    assert keep is not None
    assert keep[:80].all()
    assert not keep[80:].any()


def test_transparent_parts_are_left_out_too(save: Any, capture: Path, paint: Any) -> None:
    opacity = np.full((240, 320), 255, np.uint8)
    opacity[:, :100], opacity[:, 100:110] = 0, 90
    save("1.png", np.dstack([paint(1), opacity]))
    save("1_mask.png", half())
    save("2.png", np.dstack([paint(2), np.full((240, 320), 255, np.uint8)]))
    cut, whole = read(capture).photos
    assert (cut.transparent, whole.transparent) == (True, False)
    assert read_mask(whole) is None
    keep = read_mask(cut)
    assert keep is not None
    assert keep[:120, 100:].all()
    assert not keep[:, :100].any()
    assert not keep[120:].any()
    pixels = read_image(cut)
    assert (pixels[:, :100] == 128).all()
    assert np.array_equal(pixels[:, 100:], paint(1)[:, 100:])


def test_photos_that_go_or_change_are_a_problem(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("1_mask.png", half())
    save("2.jpg", seed=2)
    first, second = read(capture).photos
    (capture / "1_mask.png").unlink()
    with pytest.raises(ProblemError, match=r"mask 1_mask\.png of 1\.jpg"):
        read_mask(first)
    (capture / "1.jpg").unlink()
    with pytest.raises(ProblemError, match=r"photo 1\.jpg can no longer be read"):
        read_image(first)
    save("2.jpg", Image.new("RGB", (100, 100)))
    with pytest.raises(ProblemError, match="has changed"):
        read_image(second)


@pytest.mark.parametrize("folder", ["berlin", "berlin/images"])
def test_real_masks_beside_the_photos(folder: str) -> None:
    if not (DATA / folder).exists():
        pytest.skip(f"{DATA / folder} is not here")
    photos = read(DATA / folder).photos
    assert [Path(photo.mask).name for photo in photos] == ["01.jpg.png", "02.jpg.png", "03.jpg.png"]
    keep = read_mask(photos[0], 400)
    assert keep is not None
    assert keep.shape == (300, 400)
    assert 0.3 < keep.mean() < 1
