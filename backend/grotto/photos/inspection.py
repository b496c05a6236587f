"""One file looked at closely: decoded to the last byte, measured, fingerprinted."""

from __future__ import annotations

import hashlib
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..contract import UNMEASURED
from ..formats import is_whole_jpeg, open_regular
from .files import (
    CUT_OFF,
    Bytes,
    Exif,
    Limit,
    PictureError,
    decode,
    load_reduced,
    open_picture,
    orientation_of,
    orientation_tag,
    plain_mode,
    profile_fits,
    read_exif,
    reduced_size,
    turned,
    upright_size,
)
from .finding import Found
from .mask_files import MaskFile
from .mask_reading import judged_mask
from .quality import MEASURED_AT_PX, Grey, exposure_fault, sharpness

BYTES_PER_PIXEL = 20  # at the peak of reading a whole photo with alpha and profile to sRGB; a test measures it
LEAST_SIDE_PX = 64
THUMBNAIL_PX = 32


@dataclass(frozen=True, kw_only=True)
class Header:
    """What is known without decoding."""

    width: int  # upright
    height: int
    orientation: int  # EXIF's as stored, 0 where absent
    exif: Exif

    @property
    def bytes_to_read(self) -> int:
        return self.width * self.height * BYTES_PER_PIXEL


@dataclass(frozen=True, kw_only=True)
class Inspected:
    found: Found
    header: Header
    sha256: str
    pixels: str  # fingerprint of the upright grey pixels: equal for equal pictures of one format
    thumbnail: npt.NDArray[np.float32]  # (32, 32) grey levels
    sharpness: float
    exposure_fault: str  # in words for the user, like the other faults; "" for none
    profile_fault: str
    transparent: bool
    mask: str  # absolute path, "" for none
    mask_sha256: str
    mask_inverted: bool
    mask_fault: str
    left_out: float  # the share of the photo that its mask or its transparency leaves out

    def decode(self, longest_px: int = 0) -> tuple[Bytes, Bytes | None]:
        """The photo again; see `decode`."""
        return decode(self.found.path, longest_px, limit_of_photo(self.header.width, self.header.height))


def read_header(path: Path) -> Header:
    """Raises ValueError with words for the user where the file cannot be opened or is too small."""
    with open_picture(path) as picture:
        width, height = upright_size(picture)
        header = Header(width=width, height=height, orientation=orientation_tag(picture), exif=read_exif(picture))
    if min(width, height) < LEAST_SIDE_PX:
        raise ValueError(f"it is only {width} x {height} pixels")
    return header


def too_large(header: Header, largest_mp: float, free_bytes: int) -> str:
    """Why the photo is too large to be read, in words with numbers; "" where it is not."""
    megapixels = header.width * header.height / 1e6
    size = f"it has {megapixels:.4g} megapixels ({header.width} x {header.height})"
    if megapixels > largest_mp:
        return f"{size} and the limit is {largest_mp:g}: raise the largest photo allowed, or save it smaller"
    if header.bytes_to_read > free_bytes:
        need, free = header.bytes_to_read / 1e9, free_bytes / 1e9
        return f"{size} and reading it takes {need:.1f} GB of memory where {free:.1f} GB are free: save it smaller"
    return ""


def limit_of_photo(width: int, height: int) -> Limit:
    """The pixels that a photo had when its header was judged: one that was exchanged for a larger one is not decoded."""
    words = f"the {width} x {height} that it had when it was checked"
    return Limit(width * height, words, "start the job again", may_be_flat=True)


def inspect(found: Found, header: Header, mask: MaskFile | None, free_bytes: int = UNMEASURED) -> Inspected:
    """Decodes the whole file, and its mask where that fits into `free_bytes`.

    Raises ValueError with words for the user where it is broken, or larger than its header was.
    """
    sha256, tail = _digest(found.path)
    with open_picture(found.path, limit_of_photo(header.width, header.height)) as picture:
        if picture.format in ("JPEG", "MPO") and _ends_in_zeros(tail) and not _is_whole(found.path):
            raise PictureError(CUT_OFF)
        profile = picture.info.get("icc_profile") or b""
        load_reduced(picture, reduced_size(header.width, header.height, MEASURED_AT_PX), reserve=1)
        plain, orientation = plain_mode(picture), orientation_of(picture)
    odd_profile = bool(profile) and not profile_fits(profile, plain.mode.removesuffix("A"))
    grey, alpha = _grey_and_alpha(plain, orientation)
    used = grey if alpha is None else grey[alpha > 0]
    clear = 0.0 if alpha is None else float((alpha == 0).mean())
    fault, share = "", 0.0
    if mask is not None:
        size = (header.width, header.height)
        fault, share = judged_mask(mask, size, header.orientation, free_bytes)
    return Inspected(
        found=found,
        header=header,
        sha256=sha256,
        pixels=hashlib.sha256(repr(grey.shape).encode() + grey.tobytes()).hexdigest(),
        thumbnail=np.asarray(Image.fromarray(grey).resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX), np.float32),
        sharpness=sharpness(_reduced(grey, MEASURED_AT_PX)),
        exposure_fault=exposure_fault(used),
        profile_fault="its colour profile cannot be used: its colours are taken for sRGB" if odd_profile else "",
        transparent=alpha is not None and bool((alpha == 0).any()),
        mask=str(mask.path) if mask else "",
        mask_sha256=_digest(mask.path)[0] if mask and not fault else "",
        mask_inverted=mask is not None and mask.inverted,
        mask_fault=fault,
        left_out=max(clear, 0.0 if fault else share),
    )


def _grey_and_alpha(plain: Image.Image, orientation: int) -> tuple[Grey, Grey | None]:
    alpha = np.asarray(plain.getchannel("A")) if plain.mode in ("LA", "RGBA") else None
    grey = plain.getchannel("L") if plain.mode in ("LA", "LAB") else plain.convert("RGB").convert("L")
    return turned(np.asarray(grey), orientation), None if alpha is None else turned(alpha, orientation)


def _reduced(grey: Grey, longest_px: int) -> Grey:
    size = reduced_size(grey.shape[1], grey.shape[0], longest_px)
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _digest(path: Path) -> tuple[str, bytes]:
    """The file's sha256 and its last 4096 bytes. Raises PictureError where it cannot be read."""
    digest = hashlib.sha256()
    tail = b""
    try:
        with open_regular(path) as file:
            left = os.fstat(file.fileno()).st_size  # it may grow meanwhile
            while left > 0 and (block := file.read(min(left, 1 << 20))):
                digest.update(block)
                tail = (tail + block)[-4096:]
                left -= len(block)
    except OSError as error:
        raise PictureError(f"it cannot be read ({error.strerror or error})") from error
    return digest.hexdigest(), tail


def _is_whole(jpeg: Path) -> bool:
    """`is_whole_jpeg` of a file, however long what was appended to it is."""
    with open_regular(jpeg) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return is_whole_jpeg(cast(bytes, data))


def _ends_in_zeros(tail: bytes) -> bool:
    """Whether the file may be a copy that stopped half-way: full length, and nothing but zeros after the break."""
    data = tail.rstrip(b"\0")
    return len(tail) - len(data) >= 512 and not data.endswith(b"\xff\xd9")
