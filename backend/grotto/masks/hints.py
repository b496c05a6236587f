"""Hints for segmentation: a box around the element, and strokes on the element and on the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import bad_input
from ..photos import PictureError, limit_of_mask, open_picture
from .bounds import Box, box_slices

Painted = NDArray[np.bool_]
_OPAQUE, _NEAR = 128, 64  # of 255: how opaque a stroke is, and how near to white or black


@dataclass(frozen=True)
class Hints:
    """Each may be None. `box` is (left, top, right, bottom) in pixels; strokes are (h, w), True where painted.

    `scaled_from`: (width, height) of the strokes' file where that differs from the picture's size.
    """

    box: tuple[float, float, float, float] | None = None
    subject: Painted | None = None
    background: Painted | None = None
    scaled_from: tuple[int, int] | None = None

    @property
    def any_marked(self) -> bool:
        """Whether there is a box or a stroke."""
        painted = (self.subject, self.background)
        return self.box is not None or any(strokes is not None and bool(strokes.any()) for strokes in painted)


def read_strokes(path: Path, width: int, height: int) -> Hints:
    """Read the strokes of a PNG for a picture of `width` x `height` pixels; a file of the same proportions is scaled.

    Opaque and nearly white marks the subject, opaque and nearly black the background; other pixels are ignored. Raises bad input
    for a file that is no picture, has other proportions than the picture, or shows no stroke.
    """
    try:
        with open_picture(path, limit_of_mask((width, height))) as file:
            size = file.size
            if abs(size[0] * height - size[1] * width) > max(width, height, *size):
                shapes = f"{size[0]} x {size[1]}, not {width} x {height}"
                raise bad_input(f"the strokes {path.name} have another shape than the picture: {shapes}", "paint them on it")
            pixels = np.asarray(_eight_bits(file).convert("RGBA"))
    except PictureError as error:
        raise bad_input(f"the strokes {path.name} cannot be read: {error}", "save them as PNG again") from error
    opaque = pixels[..., 3] >= _OPAQUE
    white = opaque & (pixels[..., :3].min(axis=2) >= 255 - _NEAR)
    black = opaque & (pixels[..., :3].max(axis=2) <= _NEAR)
    if not (white.any() or black.any()):
        raise bad_input(
            f"there is no stroke on {path.name}", "paint white on the subject, black on the background, and leave the rest clear"
        )
    scaled_from = None if size == (width, height) else size
    return Hints(None, _resized(white, width, height), _resized(black, width, height), scaled_from)


def resized_hints(hints: Hints, width: int, height: int, scale: float) -> Hints:
    """The hints for the picture reduced by `scale` to `width` x `height` pixels."""
    box = None
    if hints.box is not None:
        left, top, right, bottom = hints.box
        box = left * scale, top * scale, right * scale, bottom * scale
    subject = None if hints.subject is None else _resized(hints.subject, width, height)
    background = None if hints.background is None else _resized(hints.background, width, height)
    return Hints(box, subject, background)


def window_of_hints(hints: Hints, window: Box) -> Hints:
    """The hints as they lie in a window of their picture, in its pixels."""
    left, top = window[:2]
    box = None
    if hints.box is not None:
        box = hints.box[0] - left, hints.box[1] - top, hints.box[2] - left, hints.box[3] - top
    subject, background = (
        None if strokes is None else strokes[box_slices(window)] for strokes in (hints.subject, hints.background)
    )
    return Hints(box=box, subject=subject, background=background)


def check_hints(hints: Hints, width: int, height: int) -> None:
    """Raise bad input for a box that holds no pixel of the picture, and for strokes of another size than the picture's."""
    if hints.box is not None:
        left, top, right, bottom = hints.box
        if not (min(right, width) - max(left, 0) >= 1 and min(bottom, height) - max(top, 0) >= 1):
            raise bad_input(f"the box {hints.box} holds no pixel of the picture ({width} x {height})", "draw it on the picture")
    for name, strokes in (("subject", hints.subject), ("background", hints.background)):
        if strokes is not None and strokes.shape != (height, width):
            size = f"{strokes.shape[1]} x {strokes.shape[0]}, not {width} x {height}"
            raise bad_input(f"the strokes on the {name} have another size than the picture: {size}", "paint them on the picture")


def _resized(strokes: Painted, width: int, height: int) -> Painted:
    """The strokes at another size; no stroke vanishes, however small it becomes."""
    if strokes.shape == (height, width):
        return strokes
    resized = np.zeros((height, width), dtype=bool)
    if strokes.shape[0] > height or strokes.shape[1] > width:
        rows, columns = np.nonzero(strokes)
        resized[rows * height // strokes.shape[0], columns * width // strokes.shape[1]] = True
        return resized
    rows = np.arange(height) * strokes.shape[0] // height
    columns = np.arange(width) * strokes.shape[1] // width
    resized[:] = strokes[rows[:, None], columns[None, :]]
    return resized


def _eight_bits(file: Image.Image) -> Image.Image:
    """A 16-bit grey picture brought to 8 bits; Pillow would clip it."""
    if file.mode in ("I;16", "I;16B", "I", "F"):
        values = np.asarray(file, dtype=np.float64)
        return Image.fromarray((values / (257.0 if values.max() > 255 else 1.0)).round().clip(0, 255).astype(np.uint8))
    return file
