"""Colours are those that the photo's profile says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from grotto.photos import adobe_to_srgb, decode, profile_fits

DATA = Path(os.environ.get("GROTTO_DATA", Path(__file__).resolve().parents[2] / "../shared/data"))


@pytest.mark.parametrize("space", ["display_p3", "adobe_rgb"])
@pytest.mark.parametrize("name", ["photo.png", "photo.tif", "photo.webp"])
def test_wide_profiles_become_srgb(save: Any, paint: Any, in_wide_colours: Any, request: Any, space: str, name: str) -> None:
    pixels = paint()
    wide = in_wide_colours(pixels, space)
    assert np.abs(wide.astype(int) - pixels).max() > 20
    settings = {"lossless": True} if name.endswith("webp") else {}
    rgb, _ = decode(save(name, wide, icc_profile=request.getfixturevalue(space), **settings))
    error = np.abs(rgb.astype(int) - pixels)
    assert error.mean() < 0.6
    assert np.percentile(error, 99) <= 3


def test_alpha_survives_the_profile(save: Any, paint: Any, in_wide_colours: Any, display_p3: bytes) -> None:
    pixels = paint()
    opacity = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    opacity[:50] = 0
    rgb, alpha = decode(save("a.png", np.dstack([in_wide_colours(pixels, "display_p3"), opacity]), icc_profile=display_p3))
    assert alpha is not None
    assert np.array_equal(alpha, opacity[..., 0])
    assert np.abs(rgb.astype(int) - pixels).mean() < 0.6


def test_adobe_rgb_without_profile_is_known_from_exif(save: Any, paint: Any, in_wide_colours: Any) -> None:
    pixels = paint()
    wide = in_wide_colours(pixels, "adobe_rgb")
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    rgb, _ = decode(save("photo.jpg", wide, quality=100, subsampling=0, exif=exif))
    assert np.abs(rgb.astype(int) - pixels).mean() < 1.5


def test_adobe_rgb_keeps_the_grey_axis() -> None:
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    converted = adobe_to_srgb(grey)
    assert np.ptp(converted, axis=2).max() == 0
    assert (np.diff(converted[:, 0, 0].astype(int)) >= 0).all()
    assert (converted[0].max(), converted[255].min()) == (0, 255)


def test_srgb_is_left_as_it_is(save: Any, paint: Any) -> None:
    pixels = paint()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(save("photo.png", pixels, icc_profile=profile))[0], pixels)


def test_a_profile_that_does_not_fit_is_passed_over(save: Any, paint: Any, display_p3: bytes) -> None:
    pixels = paint()
    assert not profile_fits(b"no profile", "RGB")
    assert not profile_fits(display_p3, "CMYK")
    assert profile_fits(display_p3, "RGB")
    assert np.array_equal(decode(save("broken.png", pixels, icc_profile=b"no profile" * 20))[0], pixels)
    grey = Image.fromarray(pixels).convert("L")
    assert np.array_equal(decode(save("grey.png", grey, icc_profile=display_p3))[0][..., 0], np.asarray(grey))


def test_phone_photos_grow_more_colourful_from_display_p3() -> None:
    path = DATA / "monstree/IMG_1046.JPG"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with Image.open(path) as picture:
        assert b"Display P3" in picture.info["icc_profile"].replace(b"\0", b"")
        stored = np.asarray(picture.convert("RGB").resize((400, 300))).astype(int)
    seen = decode(path, 400)[0].astype(int)
    assert seen.shape == (400, 300, 3)
    assert np.ptp(seen, axis=2).mean() > 1.02 * np.ptp(stored, axis=2).mean()
    assert abs(seen.mean() - stored.mean()) < 4
