"""Pictures that are published hold their pixels and colours, and nothing of people, places and devices."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from grotto.formats import TexturedMesh, is_whole_jpeg, read_glb, without_metadata, write_glb

MARK = b"PRIVATE-MARK"
PIXELS = np.random.default_rng(3).integers(0, 255, (40, 56, 3), np.uint8)
VIDEO = b"\0\0\0\x18ftypmp42" + MARK + bytes(600)


def marked_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x013B] = "Maker", orientation, MARK.decode()
    exif.get_ifd(0x8825)[29] = MARK.decode()
    exif.get_ifd(0x8769)[0xA431] = MARK.decode()
    return exif


def jpeg(**settings: object) -> bytes:
    """A JPEG with EXIF, XMP, IPTC, a comment, a thumbnail of JFIF, a private block and a video behind its end."""
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "JPEG", quality=92, comment=MARK, **{"exif": marked_exif(), **settings})
    data = file.getvalue()
    blocks = {
        0xE1: b"http://ns.adobe.com/xap/1.0/\0" + MARK,
        0xED: b"Photoshop 3.0\0" + MARK,
        0xE0: b"JFXX\0\x10" + MARK,
        0xEB: MARK,
    }
    more = b"".join(b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body for kind, body in blocks.items())
    return data[:2] + more + data[2:] + VIDEO


def png(**settings: object) -> bytes:
    """A PNG with text of three kinds, EXIF, a time and a private chunk, and something behind its end."""
    file, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Author", MARK.decode())
    info.add_text("Comment", MARK.decode(), zip=False)
    info.add_itxt("XML:com.adobe.xmp", MARK.decode())
    info.add(b"prVt", MARK)
    Image.fromarray(PIXELS).save(file, "PNG", pnginfo=info, **{"exif": marked_exif(), **settings})
    return file.getvalue() + MARK


def pixels_of(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("picture", [jpeg(), jpeg(progressive=True), jpeg(optimize=True, subsampling=0), png()])
def test_marks_go_and_pixels_stay(picture: bytes) -> None:
    assert MARK in picture
    plain = without_metadata(picture)
    assert MARK not in plain
    assert len(plain) < len(picture)
    np.testing.assert_array_equal(pixels_of(plain), pixels_of(picture))
    assert without_metadata(plain) == plain


@pytest.mark.parametrize("make", [jpeg, png])
def test_colour_profiles_and_a_turn_stay(make: object) -> None:
    profile = b"a profile of colours" * 9
    plain = Image.open(io.BytesIO(without_metadata(make(icc_profile=profile, exif=marked_exif(6)))))  # type: ignore[operator]
    assert plain.info["icc_profile"] == profile
    assert dict(plain.getexif()) == {0x0112: 6}


def test_cmyk_keeps_the_word_on_its_inks() -> None:
    file = io.BytesIO()
    Image.fromarray(PIXELS).convert("CMYK").save(file, "JPEG", exif=marked_exif())
    np.testing.assert_array_equal(pixels_of(without_metadata(file.getvalue())), pixels_of(file.getvalue()))


@pytest.mark.parametrize("picture", [jpeg()[:1500], png()[:300], b"GIF89a", b"", jpeg()[:900] + bytes(400)])
def test_what_is_cut_short_or_no_picture_is_refused(picture: bytes) -> None:
    with pytest.raises(ValueError, match=r"JPEG|PNG"):
        without_metadata(picture)


def test_the_end_of_a_jpeg_is_found_whatever_follows() -> None:
    whole = jpeg()
    assert is_whole_jpeg(whole)
    assert is_whole_jpeg(whole + bytes(9000))
    assert not is_whole_jpeg(whole[: whole.index(b"ftyp") - 6])
    thumbnail = io.BytesIO()
    Image.fromarray(PIXELS[:8, :8]).save(thumbnail, "JPEG")  # an end inside of EXIF is not the photo's
    exif = b"Exif\0\0" + thumbnail.getvalue()
    block = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    assert not is_whole_jpeg(whole[:2] + block + whole[2:1600])


@pytest.mark.parametrize("picture", [jpeg(), png()])
def test_a_glb_carries_pixels_only(tmp_path: Path, picture: bytes) -> None:
    corners = np.float32([[0, 0, 0], [1, 0, 0], [0, 0, 1]])
    mesh = TexturedMesh(
        vertices=corners,
        faces=np.uint32([[0, 1, 2]]),
        uv=corners[:, ::2],
        normals=np.tile(np.float32([0, -1, 0]), (3, 1)),
        texture=picture,
        normal_map=png(),
    )
    write_glb(tmp_path / "a.glb", mesh, "a")
    assert MARK not in (tmp_path / "a.glb").read_bytes()
    assert zlib.compress(MARK)[2:-4] not in (tmp_path / "a.glb").read_bytes()
    np.testing.assert_array_equal(pixels_of(read_glb(tmp_path / "a.glb").texture), pixels_of(picture))
