"""What a mask's file name and place say: whose mask it is, as the common programs name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".webp", ".heic", ".heif")
_FOLDER = re.compile(r"[._]?(masks?|mattes?|alpha_mattes?|segmentations?)(_\d+)?")
_BEFORE = re.compile(r"(dynamic_mask_|mask_)(?=.)")
_AFTER = re.compile(r"(?<=.)[._ -](masks?|matte|segmentation|seg|alpha)$")
_FOR_ALL = ("mask", "camera_mask", "static_mask")
_REDUCED = re.compile(r"(.+?)_\d+")  # a folder of reduced copies: images_2 beside images
INVERTED = "dynamic_mask_"  # of instant-ngp, whose white is what is left out


@dataclass(frozen=True)
class MaskName:
    """Whose mask a file is, by its name alone. All in lower case."""

    stem: str  # of the photo
    ending: str  # of the photo, where the mask's name has it
    marked: bool  # the name says that it is a mask
    inverted: bool  # white is what is left out


def mask_name(name: str) -> MaskName:
    """Read NAME_mask.EXT, NAME.mask.EXT, NAME.jpg.EXT, NAME.jpg.mask.EXT, mask_NAME.EXT or dynamic_mask_NAME.EXT."""
    stem = PurePosixPath(name.casefold()).stem
    before = _BEFORE.match(stem)
    stem = stem[before.end() :] if before else stem
    bare = _AFTER.sub("", stem)
    inner = PurePosixPath(bare)
    ending = inner.suffix if inner.suffix in PICTURE_ENDINGS else ""
    marked = bool(before) or bare != stem or bool(ending)
    return MaskName(inner.stem if ending else bare, ending, marked, before is not None and before[0] == INVERTED)


def is_for_all(name: str) -> bool:
    """Whether a file is named as the one mask of all photos."""
    return PurePosixPath(name.casefold()).stem in _FOR_ALL


def mask_folder(name: str) -> PurePosixPath | None:
    """The outermost folder of masks in which a file lies, by the usual names; None where it lies in none. In lower case."""
    parts = PurePosixPath(name.casefold()).parts
    for number, part in enumerate(parts[:-1], start=1):
        if _FOLDER.fullmatch(part):
            return PurePosixPath(*parts[:number])
    return None


def without_reduced(names: set[PurePosixPath]) -> set[PurePosixPath]:
    """The names without those in a folder of reduced copies: images_2/a.jpg where there is images/a.jpg."""

    def original(path: PurePosixPath) -> bool:
        folder = _REDUCED.fullmatch(path.parent.name)
        return folder is None or path.parent.with_name(folder[1]) / path.name not in names

    return {path for path in names if original(path)}
