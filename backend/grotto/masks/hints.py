"""What the artist says about a picture: a box around the element, and strokes on it and beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import bad_input

Painted = NDArray[np.bool_]
_OPAQUE, _NEAR = 128, 64  # of 255: how opaque a stroke is, and how near to white or black


@dataclass(frozen=True)
class Hints:
    """Each part may be None. `box` is (left, top, right, bottom) in pixels; strokes are (h, w), True where painted.

    `scaled_from`: the size (width, height) that strokes of another size than the picture's were painted in.
    """

    box: tuple[float, float, float, float] | None = None
    subject: Painted | None = None
    background: Painted | None = None
    scaled_from: tuple[int, int] | None = None

    @property
    def say_something(self) -> bool:
        painted = (self.subject, self.background)
        return self.box is not None or any(strokes is not None and bool(strokes.any()) for strokes in painted)


def read_strokes(path: Path, width: int, height: int) -> Hints:
    """The strokes of a PNG of any size, for a picture of `width` x `height` pixels.

    Opaque and nearly white is the subject, opaque and nearly black the background; all else says nothing. Refuses a
    file that is no picture, one of another shape than the picture's, and one with no stroke on it; one of the picture's
    shape and another size is scaled, and `scaled_from` tells its size.
    """
    try:
        with Image.open(path) as file:
            size = file.size
            if abs(size[0] * height - size[1] * width) > max(width, height, *size):
                shapes = f"{size[0]} x {size[1]}, not {width} x {height}"
                raise bad_input(f"the strokes {path.name} have another shape than the picture: {shapes}", "paint them on it")
            pixels = np.asarray(_eight_bits(file).convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise bad_input(f"the strokes {path.name} cannot be read: {error}", "save them as PNG again") from error
    opaque = pixels[..., 3] >= _OPAQUE
    white = opaque & (pixels[..., :3].min(axis=2) >= 255 - _NEAR)
    black = opaque & (pixels[..., :3].max(axis=2) <= _NEAR)
    if not (white.any() or black.any()):
        raise bad_input(
            f"there is no stroke on {path.name}", "paint white on the subject, black on the background, and leave the rest clear"
        )
    scaled_from = None if size == (width, height) else size
    return Hints(None, _fitted(white, width, height), _fitted(black, width, height), scaled_from)


def fitted_hints(hints: Hints, width: int, height: int, scale: float) -> Hints:
    """The hints of a picture that is drawn anew at `scale` with `width` x `height` pixels."""
    box = None if hints.box is None else (
        hints.box[0] * scale, hints.box[1] * scale, hints.box[2] * scale, hints.box[3] * scale
    )  # fmt: skip
    subject = None if hints.subject is None else _fitted(hints.subject, width, height)
    background = None if hints.background is None else _fitted(hints.background, width, height)
    return Hints(box, subject, background)


def check_hints(hints: Hints, width: int, height: int) -> None:
    """Refuse a box that leaves no pixel of the picture, and strokes of another size."""
    if hints.box is not None:
        left, top, right, bottom = hints.box
        if not (min(right, width) - max(left, 0) >= 1 and min(bottom, height) - max(top, 0) >= 1):
            raise bad_input(f"the box {hints.box} holds no pixel of the picture ({width} x {height})", "draw it on the picture")
    for name, strokes in (("subject", hints.subject), ("background", hints.background)):
        if strokes is not None and strokes.shape != (height, width):
            size = f"{strokes.shape[1]} x {strokes.shape[0]}, not {width} x {height}"
            raise bad_input(f"the strokes on the {name} have another size than the picture: {size}", "paint them on the picture")


def _fitted(strokes: Painted, width: int, height: int) -> Painted:
    """At another size; a stroke is never lost, however much smaller it becomes."""
    if strokes.shape == (height, width):
        return strokes
    fitted = np.zeros((height, width), dtype=bool)
    if strokes.shape[0] > height or strokes.shape[1] > width:
        rows, columns = np.nonzero(strokes)
        fitted[rows * height // strokes.shape[0], columns * width // strokes.shape[1]] = True
        return fitted
    rows = np.arange(height) * strokes.shape[0] // height
    columns = np.arange(width) * strokes.shape[1] // width
    fitted[:] = strokes[rows[:, None], columns[None, :]]
    return fitted


def _eight_bits(file: Image.Image) -> Image.Image:
    """A 16-bit grey picture brought to 8 bits; Pillow would clip it."""
    if file.mode in ("I;16", "I;16B", "I", "F"):
        values = np.asarray(file, dtype=np.float64)
        return Image.fromarray((values / (257.0 if values.max() > 255 else 1.0)).round().clip(0, 255).astype(np.uint8))
    return file
