"""Masks: which file belongs to which photo, and what of the photo stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from grotto.contract import ProblemError, Silent
from grotto.contract.options import FeatureOptions, PhotoOptions
from grotto.photos import PhotoSet, photo_set_text, read_image, read_mask, read_photos
from grotto.sfm.features import extract_features

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


def read(source: Path) -> PhotoSet:
    return read_photos(source, PhotoOptions(), source.parent / "stage", Silent())


class Noted(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


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


def person(width: int = 320, height: int = 240, kept: int = 255, out: int = 0) -> Image.Image:
    """A mask that leaves out a quarter of the photo, its lower left."""
    mask = Image.new("L", (width, height), kept)
    mask.paste(out, (0, height // 2, width // 2, height))
    return mask


@pytest.mark.parametrize(
    "name",
    [
        "DJI_1_MASK.JPG", "DJI_1.JPG.mask.png", "mask_DJI_1.png", "DJI_1-mask.tif", "../segmentation/DJI_1.png",
        "segmentation/DJI_1.png", ".mask/DJI_1.JPG", "mattes/DJI_1.png", "anything/DJI_1.png", "DJI_1_alpha.png",
    ],
)  # fmt: skip
def test_masks_as_other_programs_name_them(save: Any, capture: Path, name: str) -> None:
    """OpenDroneMap, RealityCapture, Metashape, segmenters, and any black and white picture with a photo's stem."""
    save("DJI_1.JPG", seed=1, quality=92)
    save("DJI_2.JPG", seed=2, quality=92)
    save(name, person())
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["DJI_1.JPG", "DJI_2.JPG"]
    keep = read_mask(photo_set.photos[0])
    assert keep is not None
    assert keep.mean() == pytest.approx(0.75, abs=0.01)
    assert not keep[180, 40]
    assert photo_set.photos[0].left_out == pytest.approx(0.25, abs=0.01)
    assert photo_set.photos[1].mask == ""


def test_instant_ngp_paints_white_what_is_left_out(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    save("dynamic_mask_1.png", person(kept=0, out=255))
    first, second = read(capture).photos
    keep = read_mask(first, 160)
    assert keep is not None
    assert keep.mean() == 0.75
    assert not keep[90, 20]
    assert second.mask == ""


def test_photos_with_the_word_mask_stay_photos(save: Any, capture: Path, paint: Any) -> None:
    """Masks of wood in a museum, a class map in a folder of segmentations, and a photo with a bright ground."""
    save("bull.jpg", seed=1)
    save("bull_mask.jpg", seed=2)
    save("segmentation/bull.png", seed=3)
    save("bull-alpha.jpg", np.maximum(paint(4), 200))
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["bull-alpha.jpg", "bull.jpg", "bull_mask.jpg"]
    assert all(not photo.mask for photo in photo_set.photos)
    assert {f.name: f.reason for f in photo_set.skipped} == {
        "segmentation/bull.png": "it lies among masks and is not black and white"
    }


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255)], ids=["clear", "black", "white"])
def test_small_figures_of_one_name_are_photos(save: Any, capture: Path, ground: tuple[int, ...]) -> None:
    """Two cameras that count alike photograph a vase on an empty ground; a thin pole in a mask stays a mask."""
    for camera in range(2):
        for seed in range(3):
            picture = Image.new("RGBA", (320, 240), ground)
            left, top, wide = 40 + 60 * seed, 40 + 50 * camera, 40 + 50 * camera
            picture.paste((190 - 30 * seed, 120, 40 + 60 * camera, 255), (left, top, left + wide, top + 90))
            save(f"cam{camera}/{seed}.png", picture)
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == [f"cam{camera}/{seed}.png" for camera in range(2) for seed in range(3)]
    assert all(not photo.mask for photo in photo_set.photos)
    pole = Image.new("L", (320, 240), 255)
    pole.paste(0, (150, 0, 166, 240))
    save("painted/only.jpg", seed=9)
    save("people/only.png", pole.resize((80, 60), Image.Resampling.BOX))
    assert [photo.name for photo in read(capture).photos if photo.mask] == ["painted/only.jpg"]


def test_one_mask_of_all_photos(save: Any, capture: Path) -> None:
    for seed in range(3):
        save(f"{seed}.jpg", seed=seed)
    save("mask.png", person())
    report = Noted()
    photo_set = read_photos(capture, PhotoOptions(), capture.parent / "stage", report)
    assert [Path(photo.mask).name for photo in photo_set.photos] == ["mask.png"] * 3
    assert any("mask.png is used as the mask of 3 photos" in note for note in report.notes)


def test_reduced_copies_leave_masks_to_their_photos(save: Any, capture: Path, paint: Any) -> None:
    for seed in range(2):
        save(f"images/{seed}.jpg", seed=seed)
        save(f"images_2/{seed}.jpg", Image.fromarray(paint(seed)).resize((160, 120), Image.Resampling.LANCZOS))
        save(f"masks_2/{seed}.png", person(160, 120))
        save(f"masks/{seed}.png", person())
    photos = read(capture).photos
    assert [photo.name for photo in photos] == ["images/0.jpg", "images/1.jpg"]
    assert [Path(photo.mask).parent.name for photo in photos] == ["masks", "masks"]


def test_files_among_masks_without_a_photo_are_named(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    save("masks/1.png", person())
    save("masks/3.png", person())
    assert {f.name: f.reason for f in read(capture).skipped} == {"masks/3.png": "it lies among masks and belongs to no photo"}


def test_a_mask_of_numbers_is_no_mask_of_nothing(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("1_mask.png", person(kept=1))
    save("2.jpg", seed=2)
    said = {file.name: file.reason for file in read(capture).warnings}
    assert "its brightest grey is 1 of 255" in said["1.jpg"]


def test_a_picture_named_as_a_mask_is_none(save: Any, capture: Path, paint: Any) -> None:
    """A segmenter's overlay leaves out nothing at random; a map of two classes and a feathered mask are masks."""
    overlay = paint(1).copy()
    overlay[120:, :160] = (255, 0, 0)
    save("1.jpg", seed=1)
    save("1_mask.png", overlay)
    save("2.jpg", seed=2)
    save("2_mask.png", person(kept=200, out=90))
    save("3.jpg", seed=3)
    save("3_mask.png", person().filter(ImageFilter.GaussianBlur(8)))
    photo_set = read(capture)
    assert {file.name: file.reason for file in photo_set.warnings} == {
        "1.jpg": "its mask 1_mask.png is not used: it shows a picture, and no areas of black and white"
    }
    assert [photo.left_out for photo in photo_set.photos] == pytest.approx([0, 0.25, 0.25], abs=0.02)
    assert [read_mask(photo) is None for photo in photo_set.photos] == [True, False, False]


def test_an_even_grey_mask_says_how_grey(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("1_mask.png", person(kept=127))
    save("2.jpg", seed=2)
    assert "its brightest grey is 127 of 255" in read(capture).warnings[0].reason


def test_what_masks_leave_out_is_said(save: Any, capture: Path) -> None:
    """Two masks are inverted: the check says how much all leave out, and which leave out most."""
    for seed in range(4):
        save(f"{seed}.jpg", seed=seed)
        save(f"masks/{seed}.png", person(kept=0, out=255) if seed < 2 else person())
    report = Noted()
    photo_set = read_photos(capture, PhotoOptions(), capture.parent / "stage", report)
    assert "The masks leave out 50% of the 4 photos" in photo_set_text(photo_set)
    assert any("more than 50% of 2 (0.jpg, 1.jpg)" in note and "black is left out" in note for note in report.notes)
    save("masks/0.png", person())
    save("masks/1.png", person())
    report = Noted()
    photo_set = read_photos(capture, PhotoOptions(), capture.parent / "stage", report)
    assert "The masks leave out 25%" in photo_set_text(photo_set)
    assert report.notes == []


def test_a_failure_names_what_masks_leave_out(save: Any, capture: Path, tmp_path: Path) -> None:
    for seed in range(3):
        save(f"{seed}.jpg", seed=seed)
        mask = Image.new("L", (320, 240), 0)
        mask.paste(255, (0, 0, 30, 30))
        save(f"masks/{seed}.png", mask)
    (tmp_path / "out").mkdir()
    with pytest.raises(ProblemError, match=r"Hardly any detail .*the masks leave out 99% of the 3 photos"):
        extract_features(read(capture), FeatureOptions(), tmp_path / "out", Silent())
