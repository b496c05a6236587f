"""Every format and kind of pixel becomes upright 8-bit sRGB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageOps

from grotto.photos import BYTES_PER_PIXEL, decode, turned


def difference(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    assert first.shape == second.shape
    return np.abs(first.astype(int) - second.astype(int))


@pytest.fixture(autouse=True)
def heif_can_be_written() -> None:
    pillow_heif.register_heif_opener()


@pytest.mark.parametrize(
    ("kind", "settings", "mean_error"),
    [
        ("PNG", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate", "big_tiff": True}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 97, "subsampling": 0}, 1),
        ("JPEG", {"quality": 97, "subsampling": 0, "progressive": True}, 1),
        ("HEIF", {"quality": 95, "chroma": 444}, 2),
    ],
)
def test_formats_are_read_whatever_their_name(
    save: Any, paint: Any, kind: str, settings: dict[str, Any], mean_error: float
) -> None:
    pixels = paint()
    rgb, alpha = decode(save("photo.xyz", pixels, format=kind, **settings))
    assert rgb.dtype == np.uint8
    assert alpha is None
    assert difference(rgb, pixels).mean() <= mean_error


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "HEIF"])
def test_orientation_is_applied_once(save: Any, paint: Any, kind: str, orientation: int) -> None:
    pixels = paint()
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings: dict[str, Any] = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 97, "subsampling": 0},
        "HEIF": {"quality": 95, "chroma": 444},
    }.get(kind, {})
    rgb, _ = decode(save("photo", pixels, format=kind, exif=exif.tobytes(), **settings))
    image = Image.fromarray(pixels)
    image.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    assert difference(rgb, expected).mean() < (3 if kind in ("JPEG", "HEIF") else 0.001)
    assert np.array_equal(turned(pixels, orientation), expected)


def test_16_bits_keep_black_white_and_middle(save: Any, tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256 * 64).reshape(64, 256).round().astype(np.uint16)
    expected = np.rint(ramp / 257)
    png = save("grey.png", ramp)
    assert difference(decode(png)[0][..., 1], expected).max() == 0
    grey = tmp_path / "grey.tif"
    tifffile.imwrite(grey, ramp, photometric="minisblack")
    assert difference(decode(grey)[0][..., 1], expected).max() == 0
    inverted = tmp_path / "inverted.tif"
    tifffile.imwrite(inverted, 65535 - ramp, photometric="miniswhite")
    assert difference(decode(inverted)[0][..., 1], expected).max() <= 1
    for order in "<>":
        colour = tmp_path / "colour.tif"
        tifffile.imwrite(colour, np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=2), photometric="rgb", byteorder=order)
        rgb = decode(colour)[0]
        assert difference(rgb[..., 0], expected).max() <= 1
        assert difference(rgb[..., 2], expected[:, ::-1]).max() <= 1
        assert rgb.min() == 0
        assert rgb.max() == 255


def test_grey_palette_and_two_level_pictures(save: Any, paint: Any) -> None:
    pixels = paint()
    grey = Image.fromarray(pixels).convert("L")
    assert difference(decode(save("grey.jpg", grey, quality=100))[0][..., 0], np.asarray(grey)).max() <= 2
    assert np.array_equal(decode(save("grey.png", grey))[0], np.repeat(np.asarray(grey)[..., None], 3, axis=2))
    palette = Image.fromarray(pixels).quantize(64)
    assert np.array_equal(decode(save("palette.png", palette))[0], np.asarray(palette.convert("RGB")))
    ink = grey.point(lambda value: 255 * (value > 110)).convert("1")
    assert set(np.unique(decode(save("ink.tif", ink))[0])) == {0, 255}


def test_alpha_is_kept_apart_and_colours_are_not_mixed(save: Any, paint: Any) -> None:
    pixels = paint()
    opacity = np.full(pixels.shape[:2], 255, np.uint8)
    opacity[:100, :50], opacity[200:] = 0, 128
    for name in ("a.png", "a.tif", "a.webp"):
        settings = {"lossless": True, "exact": True} if name.endswith("webp") else {}
        rgb, alpha = decode(save(name, np.dstack([pixels, opacity]), **settings))
        assert alpha is not None
        assert np.array_equal(alpha, opacity)
        assert np.array_equal(rgb[200:], pixels[200:])
    rgb, alpha = decode(save("la.png", Image.fromarray(pixels).convert("LA")))
    assert rgb.shape == pixels.shape
    assert alpha is not None
    palette = Image.fromarray(pixels).quantize(16)
    rgb, alpha = decode(save("p.png", palette, transparency=3))
    assert alpha is not None
    assert np.array_equal(alpha == 0, np.asarray(palette) == 3)


def test_reduced_alpha_does_not_bleed_the_hidden_colour(save: Any) -> None:
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[:, :101] = (200, 30, 30, 255)
    pixels[:, 101:] = (0, 255, 0, 0)
    rgb, alpha = decode(save("a.png", pixels), 50)
    assert alpha is not None
    visible = alpha >= 64
    assert difference(rgb[visible], np.broadcast_to((200, 30, 30), rgb[visible].shape)).max() <= 12


def test_cmyk_comes_out_in_its_colours(save: Any) -> None:
    pixels = np.zeros((100, 120, 3), np.uint8)
    pixels[:50, :60], pixels[:50, 60:], pixels[50:, :60], pixels[50:, 60:] = (
        (230, 40, 40),
        (40, 180, 60),
        (40, 60, 200),
        (250, 250, 250),
    )
    cmyk = Image.fromarray(pixels).convert("CMYK")
    for name, settings in (("c.jpg", {"quality": 97}), ("c.tif", {})):
        assert difference(decode(save(name, cmyk, **settings))[0], pixels).mean() < 3


def test_lab_tiff(tmp_path: Path) -> None:
    lab = np.zeros((80, 80, 3), np.uint8)
    lab[..., 0] = 136  # L* 53.4: the grey 128
    path = tmp_path / "lab.tif"
    tifffile.imwrite(path, lab, photometric="cielab")
    assert difference(decode(path)[0], np.full((80, 80, 3), 128)).max() <= 2


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_without_a_fixed_white_are_refused(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "measured.tif"
    tifffile.imwrite(path, np.ones((80, 80), kind))
    with pytest.raises(ValueError, match="8 or 16 bits"):
        decode(path)


@pytest.mark.parametrize("size", [(1203, 801), (801, 1203), (1600, 1200), (997, 997)])
@pytest.mark.parametrize("longest", [700, 333, 120, 37])
def test_reduced_photos_have_the_exact_size_and_do_not_shift(save: Any, paint: Any, size: tuple[int, int], longest: int) -> None:
    pixels = paint(1, *size)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save("photo.jpg", pixels, quality=98, subsampling=0, exif=exif.tobytes())
    whole = Image.fromarray(decode(path)[0])
    scale = longest / max(size)
    wanted = (round(size[1] * scale), round(size[0] * scale))
    reduced = decode(path, longest)[0]
    assert reduced.shape[1::-1] == wanted
    expected = np.asarray(whole.resize(wanted, Image.Resampling.LANCZOS), float).mean(axis=2)
    got = reduced.astype(float).mean(axis=2)
    down, across = np.gradient(expected)
    shift, *_ = np.linalg.lstsq(np.stack([across.ravel(), down.ravel()], 1), (got - expected).ravel(), rcond=None)
    assert np.abs(shift).max() < 0.02  # of a reduced pixel
    assert np.abs(got - expected).mean() < 2


def test_a_photo_is_never_enlarged(save: Any, paint: Any) -> None:
    path = save("photo.png", paint())
    assert decode(path, 5000)[0].shape == (240, 320, 3)


def test_memory_per_pixel_is_as_forecast(save: Any, display_p3: bytes) -> None:
    """The worst case: alpha, a profile to convert, an orientation to apply."""
    side = 4000
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGBA", (side, side), (9, 200, 30, 255))
    path = save("large.png", picture, exif=exif.tobytes(), icc_profile=display_p3, compress_level=1)
    program = """
import re, sys
from pathlib import Path
from grotto.photos import decode
import PIL.ImageCms, PIL.PngImagePlugin
def peak_kb():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak_kb()
decode(Path(sys.argv[1]))
print((peak_kb() - before) * 1024)
"""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of a process is only told on Linux")
    answer = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    per_pixel = int(answer.stdout) / side**2
    assert BYTES_PER_PIXEL / 2 < per_pixel <= BYTES_PER_PIXEL
