"""Prepare the condition picture for the networks, and cut the sheet of views into its six tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ...contract import bad_input
from .weights import Preparation

GREY = 127  # Zero123++'s background; 8-bit sRGB
ROWS, COLUMNS = 3, 2  # of the sheet
_LEAST_ALPHA = 0.02  # above which a pixel belongs to the object


@dataclass(frozen=True)
class Frame:
    """The square given to the network, in pixels of the user's picture; its corner may lie outside."""

    left_px: int
    top_px: int
    side_px: int


def check_picture(picture: NDArray[np.float32]) -> None:
    """Raise bad input unless `picture` is (h, w, 3 or 4), values 0 to 1, and not transparent everywhere."""
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or min(picture.shape[:2]) < 2:
        raise bad_input(f"an array of {picture.shape} is no picture", "choose a picture with three or four channels")
    if not np.isfinite(picture).all() or picture.min() < 0 or picture.max() > 1:
        raise bad_input("the picture holds values outside 0 to 1", "choose another picture")
    if picture.shape[2] == 4 and picture[..., 3].max() <= _LEAST_ALPHA:
        raise bad_input("the picture is empty: it is transparent everywhere", "choose a picture with an object on it")


def framed(picture: NDArray[np.float32], fill: float) -> tuple[NDArray[np.float32], Frame]:
    """Centre the object in a transparent square, of which its longer side takes the share `fill`; nothing is resampled.

    `picture` is (h, w, 4), straight alpha; the result is (s, s, 4). Without alpha (h, w, 3) the whole picture is the object.
    """
    height, width = picture.shape[:2]
    if picture.shape[2] == 3:
        picture = np.concatenate([picture, np.ones((height, width, 1), np.float32)], axis=2)
    opaque = picture[..., 3] > _LEAST_ALPHA
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    side = math.ceil(max(bottom - top, right - left) / fill)
    frame = Frame((left + right - side) // 2, (top + bottom - side) // 2, side)
    square = np.zeros((side, side, 4), np.float32)
    to_row, to_column = top - frame.top_px, left - frame.left_px
    square[to_row : to_row + bottom - top, to_column : to_column + right - left] = picture[top:bottom, left:right]
    return square, frame


def on_grey(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Convert a picture (h, w, 3 or 4) to 8 bits (h, w, 3), pasted on grey where it has alpha, as Pillow does."""
    image = Image.fromarray(np.rint(picture * 255).astype(np.uint8))
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, (GREY, GREY, GREY))
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return np.asarray(image)


def pixel_values(rgb: NDArray[np.uint8], preparation: Preparation) -> Tensor:
    """Make a network's input (1, 3, s, s) from 8-bit (h, w, 3): shorter side resized, centre cropped, normalised."""
    size, (height, width) = preparation.size_px, rgb.shape[:2]
    shorter, longer = min(height, width), max(height, width)
    other = int(size * longer / shorter)  # rounded down, as CLIP's preparation does
    wide, high = (size, other) if width <= height else (other, size)
    values = np.asarray(Image.fromarray(rgb).resize((wide, high), Image.Resampling(preparation.resample)))
    top, left = (high - size) // 2, (wide - size) // 2
    values = values[top : top + size, left : left + size].astype(np.float32) / 255
    normal = (values - np.array(preparation.mean, np.float32)) / np.array(preparation.std, np.float32)
    return torch.from_numpy(normal.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def split_sheet(sheet: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a sheet (3 v, 2 v, 3) into its six views (6, v, v, 3): row by row, view k at row k // 2 and column k % 2.

    Raises bad input where the sheet is not three rows of two squares.
    """
    height, width = sheet.shape[:2]
    side = width // COLUMNS
    if sheet.ndim != 3 or side < 1 or width != COLUMNS * side or height != ROWS * side:
        raise bad_input(f"a picture of {width} x {height} px is no sheet of 3 x 2 square views", "choose a sheet of six views")
    tiles = sheet.reshape(ROWS, side, COLUMNS, side, sheet.shape[2]).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(ROWS * COLUMNS, side, side, sheet.shape[2]))
