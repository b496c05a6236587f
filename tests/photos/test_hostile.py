"""Files that would take memory or time without end: judged by their headers, never opened where they are no files."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from grotto.contract import ProblemError, Silent
from grotto.contract.options import PhotoOptions
from grotto.photos import (
    Limit,
    PhotoSet,
    PictureError,
    decode,
    embedded_picture,
    find_pictures,
    inspect,
    open_picture,
    picture_size,
    read_header,
    read_photos,
    read_picture,
)

PNG_HEAD = 33  # bytes: the signature and IHDR


def read(capture: Path, **options: Any) -> PhotoSet:
    return read_photos(capture, PhotoOptions(**options), capture.parent, Silent())


def reasons(photo_set: PhotoSet) -> dict[str, str]:
    return {file.name: file.reason for file in (*photo_set.skipped, *photo_set.warnings)}


def claims(path: Path, width: int, height: int) -> Path:
    """The PNG with another size in its header."""
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    return path


def with_late_chunk(path: Path, kind: bytes, content: bytes) -> Path:
    """The PNG with a chunk between its pixels and its end."""
    data = path.read_bytes()
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    path.write_bytes(data[:-12] + chunk + data[-12:])
    return path


def turned_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker"
    return exif.tobytes()


def as_hexadecimal(exif: bytes) -> bytes:
    return b"\nexif\n" + str(len(exif)).encode() + b"\n" + exif.hex().encode()


LATE = {
    "chunk": (b"eXIf", turned_exif()[6:]),
    "text": (b"tEXt", b"Raw profile type exif\0" + as_hexadecimal(turned_exif())),
    "packed": (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(as_hexadecimal(turned_exif()))),
    "xmp": (b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>'),
}


@pytest.mark.parametrize("kind", LATE)
def test_exif_behind_the_pixels_is_found(save: Any, kind: str) -> None:
    path = with_late_chunk(save("late.png"), *LATE[kind])
    header = read_header(path)
    assert (header.width, header.height, header.orientation) == (240, 320, 6)
    assert header.exif.make == ("" if kind == "xmp" else "Maker")
    assert decode(path)[0].shape == (320, 240, 3)


def test_exif_as_text_before_the_pixels_is_found(save: Any) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", as_hexadecimal(turned_exif()).decode())
    assert read_header(save("early.png", pnginfo=text)).orientation == 6


def test_a_png_is_decoded_once_when_it_is_checked(save: Any, capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        save(f"{number}.png", seed=number)
    loaded: list[int] = []
    load_end = PngImagePlugin.PngImageFile.load_end

    def counted(picture: PngImagePlugin.PngImageFile) -> None:
        loaded.append(1)
        load_end(picture)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_end", counted)
    assert len(read(capture).photos) == 2
    assert len(loaded) == 2


def test_a_mask_much_larger_than_its_photo_is_not_used(save: Any, capture: Path) -> None:
    for number in range(2):
        save(f"{number}.png", seed=number)
    claims(save("0_mask.png", Image.new("1", (6400, 4800), 1)), 30_000, 22_500)
    save("1_mask.png", Image.new("1", (1280, 960), 1))
    photo_set = read(capture)
    assert [bool(photo.mask) for photo in photo_set.photos] == [False, True]
    assert "675 megapixels (30000 x 22500) and the limit is 16 beside a photo of 0.0768" in reasons(photo_set)["0.png"]


def test_an_immense_picture_beside_a_photo_is_not_taken_for_its_mask(save: Any, capture: Path) -> None:
    for number in range(2):
        save(f"{number}.jpg", seed=number)
    claims(save("0.png", Image.new("1", (640, 480), 1)), 60_000, 45_000)
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["0.jpg", "1.jpg"]
    assert "2700 megapixels" in reasons(photo_set)["0.png"]


@pytest.mark.parametrize(("name", "head"), [("broken.avif", b"mdat"), ("broken.webp", b"VP8 "), ("broken.png", b"IDAT")])
def test_a_picture_that_breaks_its_decoder_is_left_out(save: Any, capture: Path, name: str, head: bytes) -> None:
    """AVIF's decoder raises a RuntimeError then."""
    for number in range(2):
        save(f"{number}.png", seed=number)
    path = save(name, seed=3)
    data = bytearray(path.read_bytes())
    at = data.index(head) + len(head)
    data[at:] = bytes(255 - byte for byte in data[at:])
    path.write_bytes(data)
    photo_set = read(capture)
    assert len(photo_set.photos) == 2
    assert "the file is damaged" in reasons(photo_set)[name]
    with pytest.raises(PictureError, match="the file is damaged"):
        decode(path)


def test_single_pictures_have_a_limit(save: Any) -> None:
    mural = claims(save("mural.png", Image.new("1", (640, 480))), 29_999, 29_999)
    for reader in (picture_size, read_picture):
        with pytest.raises(ProblemError, match=r"899\.9 megapixels \(29999 x 29999\) and the limit is 500"):
            reader(mural)
    flat = claims(save("flat.png", Image.new("1", (640, 480))), 20_000, 20_000)
    with pytest.raises(ProblemError, match="nothing can be on it"):
        read_picture(flat)
    with pytest.raises(PictureError, match="900 megapixels"):
        embedded_picture(claims(mural, 30_000, 30_000).read_bytes())


def test_a_photo_that_grew_after_it_was_checked_is_not_decoded(save: Any, capture: Path) -> None:
    path = save("photo.png")
    (found,), _ = find_pictures(capture)
    header = read_header(path)
    save("photo.png", Image.new("RGB", (3200, 2400)))
    with open_picture(path) as picture:
        assert picture.size == (3200, 2400)
    with pytest.raises(ValueError, match="320 x 240 that it had when it was checked"):
        inspect(found, header, None)


def test_a_png_of_countless_chunks_is_refused(save: Any) -> None:
    data = save("chunks.png").read_bytes()
    empty = struct.pack(">I", 0) + b"prIv" + struct.pack(">I", zlib.crc32(b"prIv"))
    (path := save("chunks.png")).write_bytes(data[:PNG_HEAD] + 20_000 * empty + data[PNG_HEAD:])
    with pytest.raises(PictureError, match="chunks"), open_picture(path):
        pass


def test_pages_of_a_tiff_are_counted_to_a_hundred(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    tifffile.imwrite(path, np.zeros((120, 80, 80), np.uint8), photometric="minisblack")
    assert read_picture(path).frames_in_words == "100 or more"
    tifffile.imwrite(path, np.zeros((3, 80, 80), np.uint8), photometric="minisblack")
    assert read_picture(path).frames_in_words == "3"


def test_a_limit_is_judged_before_pixels_are_decoded(save: Any) -> None:
    path = save("photo.jpg")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(PictureError, match="and the limit is"):
        decode(path, limit=Limit(320 * 240 - 1))
    with pytest.raises(PictureError, match="cut off"):
        decode(path, limit=Limit(320 * 240))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_has_no_end_is_named_and_never_opened(save: Any, capture: Path) -> None:
    for number in range(2):
        save(f"{number}.png", seed=number)
    os.mkfifo(capture / "pipe.jpg")
    os.mkfifo(capture / "notes")
    os.mkfifo(capture / "0_mask.png")
    (capture.parent / "masks").mkdir()
    os.mkfifo(capture.parent / "masks" / "1.png")
    (capture / "zero.jpg").symlink_to("/dev/zero")
    (capture / "kernel").symlink_to("/proc")
    photo_set = read(capture)
    assert [photo.name for photo in photo_set.photos] == ["0.png", "1.png"]
    named = reasons(photo_set)
    assert {named[name] for name in ("pipe.jpg", "notes", "0_mask.png")} == {"it is a pipe and no file"}
    assert named["zero.jpg"] == "it is a device and no file"
    with pytest.raises(ProblemError, match="it is a pipe and no file"):
        read_picture(capture / "pipe.jpg")


def test_pictures_behind_links_are_used_and_their_place_is_said(save: Any, capture: Path, tmp_path: Path) -> None:
    save("0.png", seed=0)
    save("elsewhere/1.png", seed=1)
    (capture / "elsewhere").rename(tmp_path / "elsewhere")
    (capture / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    notes: list[str] = []
    report = Silent()
    report.note = notes.append  # type: ignore[method-assign]
    photos = read_photos(capture, PhotoOptions(), tmp_path, report).photos
    assert [photo.name for photo in photos] == ["0.png", "linked/1.png"]
    assert any(f"read from {tmp_path / 'elsewhere'}" in note for note in notes)
