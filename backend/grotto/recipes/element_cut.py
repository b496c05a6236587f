"""The stage `cut` of an element: the picture as it is, and what of it is the element."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import CutOptions, Progress, bad_input
from ..formats import Artefact
from ..masks import Hints, cut_out, read_strokes
from ..photos import picture_size, read_picture

MASK = "mask.png"
_WORK_PX = 2048  # longer side at which masks are looked for; those of larger pictures are enlarged again


@dataclass(frozen=True, kw_only=True)
class CutElement(Artefact):
    """One element of one picture. Pixels are the whole picture's, upright."""

    width: int
    height: int
    box: tuple[int, int, int, int]  # left, top, right, bottom around the element, px
    way: str  # how it was cut out
    notes: tuple[str, ...]
    picture: str  # file name: the user's own bytes where glTF can hold them, else a PNG of them
    as_it_is: bool  # whether the picture's file was taken over unchanged
    mask: str = MASK  # grey, white on the element

    def alpha(self) -> NDArray[np.float32]:
        """(h, w) opacity, 0 to 1."""
        return (np.asarray(Image.open(self.folder / self.mask), np.float32) / 255).astype(np.float32)

    def colour(self) -> NDArray[np.float32]:
        """(h, w, 3) sRGB's values, 0 to 1."""
        with Image.open(self.folder / self.picture) as image:
            return (np.asarray(image.convert("RGB"), np.float32) / 255).astype(np.float32)


def cut_element(source: Path, strokes: Path | None, options: CutOptions, folder: Path, report: Progress) -> CutElement:
    """Read a picture and find the element on it.

    Raises bad input for what is no picture, for an empty one, and for strokes or boxes that do not fit.
    """
    report(0.0, "reading the picture")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    name = f"picture{source.suffix.lower()}" if read.plain else "picture.png"
    if read.plain:
        (folder / name).write_bytes(source.read_bytes())
    else:
        Image.fromarray(read.colour).save(folder / name)
    report(0.3, "cutting out the element")
    alpha_in = np.full((height, width), 255, np.uint8) if read.alpha is None else read.alpha
    small = _reduced(np.dstack([read.colour, alpha_in]), _WORK_PX)
    scale = max(small.shape[:2]) / max(width, height)
    found = cut_out(small.astype(np.float32) / np.float32(255), _hints(strokes, options, small.shape[1], small.shape[0], scale))
    alpha = found.alpha if scale == 1 else cv2.resize(found.alpha, (width, height), interpolation=cv2.INTER_CUBIC)
    alpha = np.clip(alpha, 0, 1)
    if found.way == "alpha" and read.alpha is not None:
        alpha = read.alpha.astype(np.float32) / 255  # at full size it is known exactly
    Image.fromarray((alpha * 255 + 0.5).astype(np.uint8)).save(folder / MASK)
    notes = found.notes + ((f"of an animation of {read.frames} pictures the first is taken",) if read.frames > 1 else ())
    for note in notes:
        report.note(note)
    rows, columns = np.flatnonzero((alpha > 0.5).any(1)), np.flatnonzero((alpha > 0.5).any(0))
    return CutElement(
        folder=folder, width=width, height=height, way=found.way, notes=notes, picture=name, as_it_is=read.plain,
        box=(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1),
    )  # fmt: skip


def forecast_cut(source: Path, strokes: Path | None, options: CutOptions) -> int:
    """Bytes: the picture, its mask and the reduced copies in which it is looked for."""
    width, height = picture_size(source)
    pixels = width * height
    return 40 * pixels + 200 * min(pixels, _WORK_PX**2)


def _hints(strokes: Path | None, options: CutOptions, width: int, height: int, scale: float) -> Hints | None:
    hints = read_strokes(strokes, width, height) if strokes is not None else Hints()
    if options.cut_box:
        hints = Hints(box=_box(options.cut_box, scale), subject=hints.subject, background=hints.background)
    return hints if strokes is not None or options.cut_box else None


def _box(words: str, scale: float) -> tuple[float, float, float, float]:
    try:
        left, top, right, bottom = (float(word) * scale for word in words.split(","))
    except ValueError as error:
        raise bad_input(f"the box {words!r} is not left,top,right,bottom", "give four numbers of pixels") from error
    return left, top, right, bottom


def _reduced(picture: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if max(height, width) <= longest:
        return picture
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
