"""From a file's own colours (profile, ink, palette, depth) to 8-bit sRGB."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from .tiff_kind import UnreadPixelsError

Bytes = npt.NDArray[np.uint8]

# IEC 61966-2-1 (sRGB) and Adobe RGB (1998): the gamma, and linear Adobe RGB to linear sRGB (both have the D65 white).
_ADOBE_GAMMA = 563 / 256
_SRGB_FROM_ADOBE = np.array([[1.3983557, -0.3983557, 0.0], [0.0, 1.0, 0.0], [0.0, -0.0429290, 1.0429290]])


def plain_mode(picture: Image.Image) -> Image.Image:
    """The decoded picture in one of the 8-bit modes L, LA, RGB, RGBA, CMYK, LAB.

    Raises ValueError for samples that have no fixed white (floating point, 32-bit integers).
    """
    mode = picture.mode
    if mode.startswith("I;16"):
        return _from_16_bit(picture)
    if mode in ("I", "F"):
        raise UnreadPixelsError("its pixels are 32-bit or signed numbers: save it with 8 or 16 bits a channel")
    if mode == "P":
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if mode in ("L", "RGB") and "transparency" in picture.info:
        return picture.convert("LA" if mode == "L" else "RGBA")
    other = {"1": "L", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB"}
    return picture.convert(other[mode]) if mode in other else picture


def _from_16_bit(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits to 8: divided by 257 and rounded, so that black and white stay where they are."""
    values = np.asarray(picture).astype(np.uint32)
    white_is_zero = picture.format == "TIFF" and picture.tag_v2.get(262) == 0
    grey = ((values + 128) // 257).astype(np.uint8)
    return Image.fromarray(255 - grey if white_is_zero else grey)


def to_srgb(picture: Image.Image, profile: bytes, adobe_rgb: bool = False) -> tuple[Bytes, Bytes | None]:
    """(h, w, 3) sRGB and, where the picture has alpha, its (h, w) opacity.

    `picture` is in one of the modes of `plain_mode`. `profile` is its embedded ICC profile, empty where it has none;
    one that does not fit the picture is passed over, and the colours are taken for sRGB. `adobe_rgb`: the camera said
    so in EXIF and embedded no profile.
    """
    alpha = None
    if picture.mode in ("LA", "RGBA"):
        alpha = np.asarray(picture.getchannel("A"))
        picture = picture.convert(picture.mode[:-1])
    converted = _through_profile(picture, profile)
    if converted is None:
        converted = _from_lab(picture) if picture.mode == "LAB" else picture.convert("RGB")
        if adobe_rgb and not profile and picture.mode == "RGB":
            return adobe_to_srgb(np.asarray(converted)), alpha
    return np.asarray(converted), alpha


def profile_fits(profile: bytes, mode: str) -> bool:
    """Whether the ICC profile can be read and describes colours of this mode."""
    opened = _open_profile(profile)
    return opened is not None and opened.profile.xcolor_space.strip() == {"L": "GRAY", "LAB": "Lab"}.get(mode, mode)


def adobe_to_srgb(rgb: Bytes) -> Bytes:
    """(h, w, 3) Adobe RGB to sRGB, colours outside sRGB cut off."""
    linear_of = (np.arange(256) / 255.0) ** _ADOBE_GAMMA
    steps = np.linspace(0.0, 1.0, 4096)
    srgb = np.where(steps <= 0.0031308, 12.92 * steps, 1.055 * steps ** (1 / 2.4) - 0.055)
    coded_of = np.rint(srgb * 255).astype(np.uint8)
    result = np.empty_like(rgb)
    for top in range(0, rgb.shape[0], 256):  # in bands: the linear form takes eight times the memory
        linear = linear_of[rgb[top : top + 256]] @ _SRGB_FROM_ADOBE.T
        result[top : top + 256] = coded_of[np.rint(linear.clip(0.0, 1.0) * 4095).astype(np.uint16)]
    return result


def _open_profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except OSError:
        return None


def _through_profile(picture: Image.Image, profile: bytes) -> Image.Image | None:
    if not profile or not profile_fits(profile, picture.mode):
        return None
    source = _open_profile(profile)
    assert source is not None
    if picture.mode == "RGB" and (source.profile.profile_description or "").startswith("sRGB"):
        return picture
    try:
        return _transformed(picture, source)
    except ImageCms.PyCMSError:
        return None


def _from_lab(picture: Image.Image) -> Image.Image:
    return _transformed(picture, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))


def _transformed(picture: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Relative colorimetric with black point compensation: whites stay white, in-gamut colours are kept."""
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        picture.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None
    return converted
