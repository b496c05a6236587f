"""One photo is one photo: reduced and edited copies are left out by name, whatever folder they lie in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from grotto.contract import Silent
from grotto.contract.options import PhotoOptions
from grotto.photos import PhotoSet, read_photos


def read(source: Path) -> PhotoSet:
    return read_photos(source, PhotoOptions(), source.parent / "stage", Silent())


def left_out(photo_set: PhotoSet) -> dict[str, str]:
    return {file.name: file.reason for file in photo_set.skipped}


def reduced(pixels: Any, factor: float) -> Image.Image:
    picture = Image.fromarray(pixels)
    return picture.resize((round(picture.width / factor), round(picture.height / factor)), Image.Resampling.LANCZOS)


@pytest.fixture
def big(paint: Any) -> Any:
    return lambda seed: paint(seed, 640, 480)


def test_folders_of_reduced_copies(save: Any, capture: Path, big: Any) -> None:
    for seed in range(3):
        save(f"images/{seed}.jpg", big(seed), quality=92)
        for factor in (2, 4):
            save(f"images_{factor}/{seed}.jpg", reduced(big(seed), factor), quality=90)
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["images/0.jpg", "images/1.jpg", "images/2.jpg"]
    assert left_out(photo_set)["images_4/1.jpg"] == "it is a smaller copy of images/1.jpg"
    assert len(photo_set.skipped) == 6


@pytest.mark.parametrize(
    "name",
    [
        "1 (1).jpg",
        "1 - Copy.jpg",
        "1-640x480.jpg",
        "1_thumb.jpg",
        "small_1.png",
        "1~2.jpg",
        "web/1.jpg",
        "IMG-20260501-WA0007.jpg",
    ],
)
def test_reduced_copies_beside_the_photo(save: Any, capture: Path, big: Any, name: str) -> None:
    save(name, reduced(big(1), 1.7))
    save("1.jpg", big(1), quality=92)
    save("2.jpg", big(2), quality=92)
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["1.jpg", "2.jpg"]
    assert left_out(photo_set) == {name: "it is a smaller copy of 1.jpg"}


@pytest.mark.parametrize(
    ("original", "copy"), [("1.jpg", "1-edited.jpg"), ("IMG_0001.JPG", "IMG_E0001.JPG"), ("a/1.png", "a/1_edit.jpg")]
)
def test_edited_copies_are_left_out_even_where_they_are_crops(
    save: Any, capture: Path, big: Any, original: str, copy: str
) -> None:
    save(original, big(1))
    save("2.jpg", big(2))
    save(copy, ImageEnhance.Brightness(Image.fromarray(big(1))).enhance(1.15))
    assert left_out(read(capture)) == {copy: f"it is an edited copy of {original}"}
    save(copy, Image.fromarray(big(1)).crop((100, 90, 500, 390)).resize((1000, 750)))
    photo_set = read(capture)
    assert left_out(photo_set) == {copy: f"it is an edited copy of {original}"}
    assert len(photo_set.photos) == 2


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turned_copies_are_left_out(save: Any, capture: Path, big: Any, turn: int) -> None:
    """A viewer turned the pixels: the copy is as large as the photo, or smaller, in a folder of its own or beside it."""
    save("1.jpg", big(1), quality=92)
    save("2.jpg", big(2), quality=92)
    save("1 rotated.jpg", np.rot90(big(1), turn), quality=85)
    save("phone/2.jpg", np.rot90(np.asarray(reduced(big(2), 1.6)), turn))
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["1.jpg", "2.jpg"]
    assert left_out(photo_set) == {"1 rotated.jpg": "it is a turned copy of 1.jpg", "phone/2.jpg": "it is a turned copy of 2.jpg"}


def test_what_was_saved_anew_at_the_same_size_is_a_copy_whatever_its_name(save: Any, capture: Path, big: Any) -> None:
    """An export under other names, and one photo in black and white, which gives way to colour."""
    for seed in range(3):
        save(f"IMG_{seed}.jpg", big(seed), quality=92)
        save(f"export/facade {chr(97 + seed)}.jpg", big(seed), quality=75)
    save("x/IMG_1.png", Image.fromarray(big(1)).convert("L"))
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == [f"IMG_{seed}.jpg" for seed in range(3)]
    said = left_out(photo_set)
    assert set(said) == {*(f"export/facade {letter}.jpg" for letter in "abc"), "x/IMG_1.png"}
    assert all(reason.startswith("it is a copy of") for reason in said.values())


@pytest.mark.parametrize("name", ["1 rotated.jpg", "1-edited.jpg"])
def test_the_mask_of_a_copy_that_lies_otherwise_is_not_taken_over(save: Any, capture: Path, big: Any, name: str) -> None:
    """One copy is turned upside down, the other is a crop that was enlarged."""
    save("1.jpg", big(1), quality=92)
    save("2.jpg", big(2), quality=92)
    crop = Image.fromarray(big(1)).crop((100, 90, 500, 390)).resize((640, 480))
    save(name, np.rot90(big(1), 2) if "rotated" in name else crop)
    mask = Image.new("L", (640, 480), 255)
    mask.paste(0, (0, 0, 640, 200))
    save(f"{name[:-4]}_mask.png", mask)
    photo_set = read(capture)
    assert [(photo.name, photo.mask) for photo in photo_set.photos] == [("1.jpg", ""), ("2.jpg", "")]


def test_a_larger_copy_is_kept_with_the_mask_of_the_smaller(save: Any, capture: Path, big: Any) -> None:
    save("1 (1).jpg", big(1), quality=92)
    save("1.jpg", reduced(big(1), 2))
    save("1_mask.png", Image.new("L", (320, 240), 255).crop((0, 0, 320, 240)))
    save("2.jpg", big(2))
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["1 (1).jpg", "2.jpg"]
    assert Path(photo_set.photos[0].mask).name == "1_mask.png"


def test_photos_that_only_look_alike_stay(save: Any, capture: Path, big: Any) -> None:
    """Two cameras with one counter, a stereo pair, a burst, and two downloads of one name."""
    for seed, name in enumerate(("a/1.jpg", "b/1.jpg", "photo.jpg", "photo (1).jpg")):
        save(name, big(seed), quality=92)
    for number in range(2):
        save(f"stereo{number}/9.png", big(7)[:, 3 * number : 3 * number + 600])
        save(f"burst{number}.png", np.roll(big(8), number, axis=1))
    assert left_out(read(capture)) == {}
    assert len(read(capture).photos) == 8
