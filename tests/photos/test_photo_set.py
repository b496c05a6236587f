"""The stage as a whole: order, groups, duplicates, warnings, cancelling, and real folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from grotto.contract import Cancelled, ProblemError, Silent
from grotto.contract.options import PhotoOptions
from grotto.formats import read_artefact, write_artefact
from grotto.photos import (
    BYTES_PER_PIXEL,
    Header,
    PhotoSet,
    forecast_read_photos,
    photo_set_text,
    read_image,
    read_photos,
    too_large,
)

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


def read(source: Path, report: Any = None, **options: Any) -> PhotoSet:
    return read_photos(source, PhotoOptions(**options), source.parent / "stage", report or Silent())


class Listener(Silent):
    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.notes: list[str] = []

    def __call__(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)

    def note(self, message: str) -> None:
        self.notes.append(message)


def tags(taken: str = "", subsecond: str = "", **top: Any) -> bytes:
    exif = Image.Exif()
    for tag, value in top.items():
        exif[{"make": 0x010F, "model": 0x0110, "orientation": 0x0112}[tag]] = value
    inner = exif.get_ifd(0x8769)
    if taken:
        inner[0x9003] = taken
    if subsecond:
        inner[0x9291] = subsecond
    inner[0xA405] = 35
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (48.0, 46.0, 27.0)
    return exif.tobytes()


def test_capture_time_orders_where_all_have_one(save: Any, capture: Path) -> None:
    save("c.jpg", seed=1, exif=tags("2026:05:01 10:00:00", "25"))
    save("b.jpg", seed=2, exif=tags("2026:05:01 10:00:00", "7"))
    save("a.jpg", seed=3, exif=tags("2026:05:01 10:00:01"))
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["c.jpg", "b.jpg", "a.jpg"]
    assert photo_set.order == "capture time"
    save("d.jpg", seed=4)
    assert [photo.name for photo in read(capture).photos] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert read(capture).order == "names"


def test_equal_times_leave_the_order_to_the_names(save: Any, capture: Path) -> None:
    for seed, name in enumerate(("p10.jpg", "p9.jpg")):
        save(name, seed=seed, exif=tags("2026:05:01 10:00:00"))
    assert [photo.name for photo in read(capture).photos] == ["p9.jpg", "p10.jpg"]


def test_groups_orientation_and_focal(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1, exif=tags(make="Acme", model="Box", orientation=1))
    save("2.jpg", seed=2, exif=tags(make="Acme", model="Box", orientation=6))
    save("3.jpg", seed=3, exif=tags(make="Acme", model="Box", orientation=3))
    save("4.jpg", seed=4)
    first, turned, upside_down, plain = read(capture).photos
    assert first.group == upside_down.group == "Acme Box, 35 mm equivalent, 320 x 240"
    assert turned.group == "Acme Box, 35 mm equivalent, 240 x 320"
    assert plain.group == "camera unknown, 320 x 240"
    assert [photo.gravity_known for photo in (first, turned, plain)] == [True, True, False]
    assert (turned.width, turned.height) == (240, 320)
    assert first.focal_px == turned.focal_px == pytest.approx(35 * 400 / 43.2666, rel=1e-4)
    assert (plain.focal_px, plain.focal_source) == (0.0, "")


def test_the_place_is_not_passed_on(save: Any, capture: Path, tmp_path: Path) -> None:
    save("1.jpg", seed=1, exif=tags("2026:05:01 10:00:00"))
    save("2.jpg", seed=2, exif=tags("2026:05:01 10:00:09"))
    (tmp_path / "stage").mkdir()
    photo_set = read(capture)
    write_artefact(photo_set)
    text = (tmp_path / "stage/artefact.json").read_text()
    assert "46.0" not in text
    assert "GPS" not in text
    assert read_artefact(PhotoSet, tmp_path / "stage") == photo_set


def test_duplicates_are_named_with_their_twin(save: Any, capture: Path, paint: Any) -> None:
    save("1.png", seed=1)
    save("2.png", seed=2)
    (capture / "copy.png").write_bytes((capture / "1.png").read_bytes())
    save("retagged.png", seed=2, exif=tags("2026:05:01 10:00:00"))
    save("turned.png", np.rot90(paint(2)), exif=tags(orientation=6))
    save("3.tif", seed=3)
    save("3.jpg", seed=3, quality=85)
    save("4.jpg", Image.fromarray(paint(4)).resize((160, 120)))
    save("4.tif", seed=4)
    mirrored = save("mirrored.png", paint(1)[:, ::-1])
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["1.png", "2.png", "3.jpg", "4.tif", mirrored.name]
    assert {file.name: file.reason for file in photo_set.skipped} == {
        "copy.png": "it is the same file as 1.png",
        "retagged.png": "it shows the same pixels as 2.png",
        "turned.png": "it shows the same pixels as 2.png",
        "3.tif": "it is the same photo in another format as 3.jpg",
        "4.jpg": "it is the same photo in another format as 4.tif",
    }


def test_pictures_alike_in_grey_only_are_both_kept(save: Any, capture: Path) -> None:
    from grotto.photos import find_pictures, inspect, read_header

    red = np.zeros((100, 100, 3), np.uint8)
    red[::2, ::2, 0], red[1::2, 1::2, 0] = 100, 200
    grey = np.asarray(Image.fromarray(red).convert("L"))
    save("grey.png", grey)
    save("red.png", red)
    photos = [inspect(found, read_header(found.path), None) for found in find_pictures(capture)[0]]
    assert photos[0].pixels == photos[1].pixels
    assert len(read(capture).photos) == 2


def test_blurred_and_badly_exposed_photos_are_named(save: Any, capture: Path, paint: Any) -> None:
    for seed in range(4):
        save(f"{seed}.png", seed=seed)
    save("blurred.png", Image.fromarray(paint(7)).filter(ImageFilter.GaussianBlur(4)))
    save("dark.png", paint(8) // 16)
    save("lens cap.png", Image.new("RGB", (320, 240)))
    listener = Listener()
    photo_set = read(capture, listener)
    assert len(photo_set.photos) == 7
    said = {file.name: file.reason for file in photo_set.warnings}
    assert set(said) == {"blurred.png", "dark.png", "lens cap.png"}
    assert said["blurred.png"].startswith("blurred: its sharpness is ")
    assert said["dark.png"] == said["lens cap.png"] == "almost black"
    assert len(listener.notes) == 3
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == 1.0
    photo_set = read(capture, skip_blurred=True)
    assert [file.name for file in photo_set.skipped] == ["blurred.png"]
    assert len(photo_set.photos) == 6
    assert "blurred.png" not in {file.name for file in photo_set.warnings}


def test_a_colour_profile_that_cannot_be_used_is_named(save: Any, capture: Path) -> None:
    save("1.png", seed=1, icc_profile=b"no profile" * 20)
    save("2.png", seed=2)
    assert [file.name for file in read(capture).warnings] == ["1.png"]


def test_cancelling_stops_the_check(save: Any, capture: Path) -> None:
    for seed in range(6):
        save(f"{seed}.png", seed=seed)

    class Impatient(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            if fraction > 0.2:
                raise Cancelled

    with pytest.raises(Cancelled):
        read(capture, Impatient())


def test_forecast_is_that_of_the_smallest_photo_in_use(save: Any, capture: Path) -> None:
    save("1.png", Image.new("L", (2000, 1400)))
    save("2.png", Image.new("L", (1000, 700)))
    save("2_mask.png", Image.new("L", (4000, 2800)))
    Image.new("1", (20000, 15000)).save(capture / "huge.png")
    assert forecast_read_photos(capture, PhotoOptions(largest_photo_mp=100.0)) == 700_000 * BYTES_PER_PIXEL
    with pytest.raises(ProblemError):
        forecast_read_photos(capture / "absent", PhotoOptions())


def test_a_photo_larger_than_the_memory_is_refused_with_numbers() -> None:
    from grotto.photos import Exif

    header = Header(width=20000, height=10000, orientation=0, exif=Exif())
    assert too_large(header, 400, 10**10) == ""
    assert "4.0 GB of memory where 1.0 GB are free" in too_large(header, 400, 10**9)


def test_summary_in_words(save: Any, capture: Path, paint: Any) -> None:
    save("1.jpg", seed=1, exif=tags(make="Acme", model="Box"))
    save("2.jpg", seed=2, exif=tags(make="Acme", model="Box"))
    save("3.png", paint(3) // 16)
    (capture / "4.jpg").write_bytes(b"")
    text = photo_set_text(read(capture))
    assert "3 photos in" in text
    assert "2 x Acme Box, 35 mm equivalent, 320 x 240; focal length about 324 px (35mm equivalent)" in text
    assert "4.jpg: the file is empty" in text
    assert "3.png: almost black" in text


def real(name: str) -> PhotoSet:
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not here")
    return read(DATA / name)


def test_sceaux() -> None:
    photo_set = real("sceaux")
    assert len(photo_set.photos) == 11
    assert photo_set.order == "capture time"
    assert len({photo.group for photo in photo_set.photos}) == 1
    assert photo_set.photos[0].focal_px == pytest.approx(2974, rel=0.04)
    assert (photo_set.skipped, photo_set.warnings) == ((), ())


def test_monstree_portrait_and_landscape() -> None:
    photo_set = real("monstree")
    sizes = {photo.name: (photo.width, photo.height) for photo in photo_set.photos}
    assert sorted(sizes.values()) == [(3024, 4032)] * 2 + [(4032, 3024)] * 4
    assert len({photo.group for photo in photo_set.photos}) == 2
    for photo in photo_set.photos:
        assert read_image(photo, 200).shape == (*((200, 150) if photo.height > photo.width else (150, 200)), 3)


def test_lund() -> None:
    photo_set = real("lund")
    assert len(photo_set.photos) == 29
    assert photo_set.photos[3].name == "images/04.jpg"
    assert photo_set.warnings == ()
