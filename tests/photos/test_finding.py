"""What is taken for a photo, what is left out, and what is said about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from grotto.contract import Kind, ProblemError, Silent
from grotto.contract.options import PhotoOptions
from grotto.photos import PhotoSet, find_pictures, natural_key, read_photos


def read(source: Path, **options: Any) -> PhotoSet:
    return read_photos(source, PhotoOptions(**options), source.parent / "stage", Silent())


def reasons(photo_set: PhotoSet) -> dict[str, str]:
    return {file.name: file.reason for file in photo_set.skipped}


def refused(source: Path, **options: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        read(source, **options)
    assert caught.value.problem.kind is Kind.BAD_INPUT
    assert caught.value.problem.remedy
    return caught.value.problem.sentence()


def test_subfolders_are_walked_in_natural_order(save: Any, capture: Path) -> None:
    for seed, name in enumerate(("b/IMG10.png", "b/IMG9.PNG", "a10.jpg", "A9.tif", "ü x.webp")):
        save(name, seed=seed)
    assert [photo.name for photo in read(capture).photos] == ["A9.tif", "a10.jpg", "b/IMG9.PNG", "b/IMG10.png", "ü x.webp"]


def test_names_sort_as_people_sort() -> None:
    assert sorted(["p10", "P9", "p1b", "p01", "10", "2", "x٣"], key=natural_key) == ["2", "10", "p01", "p1b", "P9", "p10", "x٣"]


def test_hidden_files_jobs_and_what_is_no_picture_are_passed_over(save: Any, capture: Path) -> None:
    for seed, name in enumerate(
        ("1.png", "2.png", ".3.png", ".cache/4.png", "old/photos/5.png", "old/orthophoto/6.png", "__MACOSX/7.png")
    ):
        save(name, seed=seed)
    (capture / "old/request.json").write_text("{}")
    (capture / "notes.txt").write_text("rail 3, left to right")
    (capture / "track.gpx").write_bytes(b"")
    found, skipped = find_pictures(capture)
    assert [picture.name for picture in found] == ["1.png", "2.png"]
    assert skipped == []


def test_a_job_folder_chosen_as_source_still_shows_its_own_photos(save: Any, capture: Path) -> None:
    save("1.png", seed=1)
    save("orthophoto/orthophoto.png", seed=2)
    (capture / "request.json").write_text("{}")
    (capture / "orthophoto/artefact.json").write_text("{}")
    assert [picture.name for picture in find_pictures(capture)[0]] == ["1.png"]


def test_links_in_a_circle_end(save: Any, capture: Path) -> None:
    save("1.png")
    (capture / "again").symlink_to(capture, target_is_directory=True)
    assert [picture.name for picture in find_pictures(capture)[0]] == ["1.png"]


def test_broken_files_are_named_and_the_others_used(save: Any, capture: Path) -> None:
    for seed in range(3):
        save(f"good{seed}.jpg", seed=seed)
    whole = save("whole.jpg", seed=4, quality=95).read_bytes()
    (capture / "whole.jpg").unlink()
    (capture / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (capture / "zeros.jpg").write_bytes(whole[: len(whole) * 2 // 3] + bytes(len(whole) // 3))
    (capture / "header.jpg").write_bytes(whole[:60])
    (capture / "empty.jpg").write_bytes(b"")
    (capture / "text.jpg").write_text("this is not a photo")
    (capture / "shot.NEF").write_bytes(b"II*\0" + bytes(200))
    (capture / "good1.cr2").write_bytes(b"II*\0" + bytes(200))
    (capture / "drawing.gif").write_bytes(b"GIF89a")
    (capture / "dangling.png").symlink_to(capture / "nowhere.png")
    Image.new("RGB", (1, 1)).save(capture / "dot.png")
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["good0.jpg", "good1.jpg", "good2.jpg"]
    said = reasons(photo_set)
    assert set(said) == {
        "cut.jpg", "zeros.jpg", "header.jpg", "empty.jpg", "text.jpg", "shot.NEF", "drawing.gif", "dangling.png", "dot.png",
    }  # fmt: skip
    assert "cut off" in said["cut.jpg"]
    assert "cut off" in said["zeros.jpg"]
    assert said["empty.jpg"] == "the file is empty"
    assert "no picture" in said["text.jpg"]
    assert "raw file" in said["shot.NEF"]
    assert "save it as" in said["drawing.gif"]
    assert "1 x 1 pixels" in said["dot.png"]


@pytest.mark.parametrize("name", ["cut.png", "cut.tif", "cut.webp", "cut.heic"])
def test_other_formats_cut_off_are_named(save: Any, capture: Path, name: str) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    save("1.png", seed=1)
    save("2.png", seed=2)
    path = save(name, seed=3)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert name in reasons(read(capture))


def test_users_files_are_left_alone(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in capture.rglob("*")}
    read(capture)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in capture.rglob("*")} == before


def test_a_name_that_is_no_text_is_named(save: Any, capture: Path) -> None:
    save("1.png", seed=1)
    save("2.png", seed=2)
    odd = os.fsencode(capture) + b"/odd\xff.png"
    try:
        Path(os.fsdecode(odd)).write_bytes(save("3.png", seed=3).read_bytes())
    except OSError:
        pytest.skip("this disk takes no such names")
    (capture / "3.png").unlink()
    assert "rename it" in reasons(read(capture))["odd?.png"]


def test_bad_folders_are_refused_in_one_sentence(save: Any, capture: Path, tmp_path: Path) -> None:
    assert "holds no photo" in refused(capture)
    assert "there is no folder" in refused(tmp_path / "absent").lower()
    assert "is a file" in refused(save("lone.jpg"))
    assert "only one photo" in refused(capture)
    (capture / "lone.jpg").write_bytes(b"")
    (capture / "too.jpg").write_text("text")
    sentence = refused(capture)
    assert "lone.jpg: the file is empty" in sentence
    assert "too.jpg" in sentence


def test_a_folder_that_may_not_be_read(save: Any, capture: Path) -> None:
    save("1.png", seed=1)
    save("2.png", seed=2)
    save("closed/3.png", seed=3)
    (capture / "closed").chmod(0)
    try:
        if os.access(capture / "closed", os.R_OK):
            pytest.skip("whoever runs this may read everything")
        assert "cannot be read" in reasons(read(capture))["closed"]
        assert "cannot be read" in refused(capture / "closed")
    finally:
        (capture / "closed").chmod(0o700)


def test_photos_beyond_the_limit_are_named_with_numbers(save: Any, capture: Path) -> None:
    for seed in range(2):
        save(f"{seed}.png", seed=seed)
    Image.new("1", (20000, 15000)).save(capture / "huge.png")
    photo_set = read(capture, largest_photo_mp=250.0)
    assert len(photo_set.photos) == 2
    assert "300 megapixels (20000 x 15000) and the limit is 250" in reasons(photo_set)["huge.png"]
    (capture / "1.png").unlink()
    assert "huge.png: it has 300 megapixels" in refused(capture, largest_photo_mp=250.0)


def with_trailer(path: Path, trailer: bytes) -> None:
    path.write_bytes(path.read_bytes() + trailer)


def test_whole_photos_with_something_behind_them_are_used(save: Any, capture: Path) -> None:
    """A phone's video that ends in padding, a camera's preview, a panorama's record, blocks of a card."""
    preview = save("preview.jpg", seed=9).read_bytes()
    (capture / "preview.jpg").unlink()
    video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\x10\x08free" + bytes(4096)
    record = bytes(800) + b"8db42d694ccc418790edff439fe026bf" + bytes(700)
    for seed, trailer in enumerate((video, preview + bytes(2000), record, bytes(3000))):
        with_trailer(save(f"{seed}.jpg", seed=seed, progressive=seed == 2), trailer)
    photo_set = read(capture)
    assert reasons(photo_set) == {}
    assert len(photo_set.photos) == 4


def test_zeros_before_the_end_are_no_trailer(save: Any, capture: Path) -> None:
    """The thumbnail inside of EXIF has an end of its own, which is not the photo's."""
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    exif = b"Exif\0\0" + save("thumbnail.jpg", seed=3).read_bytes()[:20000]
    (capture / "thumbnail.jpg").unlink()
    whole = save("3.jpg", seed=4, quality=95).read_bytes()
    block = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    (capture / "3.jpg").write_bytes(whole[:2] + block + whole[2 : len(whole) // 2] + bytes(len(whole) // 2))
    assert "cut off" in reasons(read(capture))["3.jpg"]


def test_pixels_that_are_not_read_are_not_called_damaged(save: Any, capture: Path, paint: Any) -> None:
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    tifffile.imwrite(capture / "float.tif", (paint(3) / 255).astype(np.float32), photometric="rgb")
    tifffile.imwrite(capture / "big.tif", (paint(3) / 255).astype(np.float64), photometric="rgb", bigtiff=True)
    tifffile.imwrite(capture / "deep.tif", paint(3).astype(np.uint32), photometric="rgb")
    tifffile.imwrite(capture / "five.tif", np.zeros((80, 80, 5), np.uint16), photometric="minisblack", planarconfig="contig")
    said = reasons(read(capture))
    assert set(said) == {"float.tif", "big.tif", "deep.tif", "five.tif"}
    assert said["float.tif"].startswith("its pixels are floating-point numbers of 32 bits")
    assert said["big.tif"].startswith("its pixels are floating-point numbers of 64 bits")
    assert said["deep.tif"].startswith("its pixels have 32 bits a channel")
    assert said["five.tif"].startswith("it has 5 channels of 16 bits")
    assert not any("damaged" in reason for reason in said.values())


def test_archives_are_named(save: Any, capture: Path) -> None:
    save("1.jpg", seed=1)
    save("2.jpg", seed=2)
    (capture / "masks.zip").write_bytes(b"PK")
    assert "unpack it" in reasons(read(capture))["masks.zip"]
