"""The condition picture: put into a square, on grey, and prepared for the two networks that look at it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ...contract import bad_input
from .settings import Preparation

GREY = 127  # Zero123++'s background; 8-bit sRGB
_SEEN = 0.02  # alpha above which a pixel belongs to the object


@dataclass(frozen=True)
class Frame:
    """The square that the network saw, in pixels of the user's picture; its corner may lie outside."""

    left_px: int
    top_px: int
    side_px: int


def check_picture(picture: NDArray[np.float32]) -> None:
    """Raise a bad-input problem unless `picture` is (h, w, 3 or 4), values 0 to 1, with something on it."""
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or min(picture.shape[:2]) < 2:
        raise bad_input(f"an array of {picture.shape} is no picture", "choose a picture with three or four channels")
    if not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1:
        raise bad_input("the picture holds values outside 0 to 1", "choose another picture")
    if picture.shape[2] == 4 and picture[..., 3].max() <= _SEEN:
        raise bad_input("the picture is empty: its alpha is clear everywhere", "choose a picture with something on it")


def framed(picture: NDArray[np.float32], fill: float) -> tuple[NDArray[np.float32], Frame]:
    """The object in the middle of a clear square, of which its longer side takes the share `fill`; nothing is resampled.

    `picture` is (h, w, 4), straight alpha; the result is (s, s, 4). Without alpha (h, w, 3) the whole picture is the object.
    """
    height, width = picture.shape[:2]
    if picture.shape[2] == 3:
        picture = np.concatenate([picture, np.ones((height, width, 1), np.float32)], axis=2)
    rows, columns = np.nonzero((picture[..., 3] > _SEEN).any(1))[0], np.nonzero((picture[..., 3] > _SEEN).any(0))[0]
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    side = math.ceil(max(bottom - top, right - left) / fill)
    frame = Frame((left + right - side) // 2, (top + bottom - side) // 2, side)
    square = np.zeros((side, side, 4), np.float32)
    to_row, to_column = top - frame.top_px, left - frame.left_px
    square[to_row : to_row + bottom - top, to_column : to_column + right - left] = picture[top:bottom, left:right]
    return square, frame


def on_grey(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The picture (h, w, 3 or 4) in 8 bits, laid on grey where it has alpha, as Pillow pastes: (h, w, 3)."""
    image = Image.fromarray(np.rint(picture * 255).astype(np.uint8))
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, (GREY, GREY, GREY))
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return np.asarray(image)


def pixel_values(rgb: NDArray[np.uint8], preparation: Preparation) -> Tensor:
    """A network's input (1, 3, s, s) from 8-bit (h, w, 3): shorter side resized, middle cropped, normalised."""
    size, (height, width) = preparation.size_px, rgb.shape[:2]
    shorter, longer = min(height, width), max(height, width)
    other = int(size * longer / shorter)  # rounded down, as CLIP's preparation does
    wide, high = (size, other) if width <= height else (other, size)
    values = np.asarray(Image.fromarray(rgb).resize((wide, high), Image.Resampling(preparation.resample)))
    top, left = (high - size) // 2, (wide - size) // 2
    values = values[top : top + size, left : left + size].astype(np.float32) / 255
    normal = (values - np.array(preparation.mean, np.float32)) / np.array(preparation.std, np.float32)
    return torch.from_numpy(normal.astype(np.float32)).permute(2, 0, 1)[None].contiguous()
