"""Sheets of generated views: one picture with a tile for each camera, row by row, as multi-view diffusion models give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from ..masks import Box, generated_ground_alpha, mask_bounds
from ..metrics import silhouette_iou
from ..scene import Camera, View

Outline = Callable[[NDArray[np.uint8], Box], NDArray[np.float32]]

COLUMNS = 2  # Zero123++: three rows of two tiles
_AGREEMENT = 0.7  # intersection over union of two outlines of one tile, below which one of them shows something else


def views_of_sheet(sheet: NDArray[np.float32], cameras: Sequence[Camera], columns: int = COLUMNS) -> list[View]:
    """The tiles of a sheet (h, w, 4), values 0 to 1, straight alpha, as views of these cameras in the order of reading.

    The sheet's alpha is the views' alpha; colours under alpha 0 become black. Cameras are brought to the tiles' size. Raises a
    bad-input problem where the sheet has no alpha, does not divide into as many tiles as there are cameras, or has an empty
    tile.
    """
    if sheet.ndim != 3 or sheet.shape[2] != 4:
        raise bad_input("the sheet has no alpha", "cut the object out of its background first, and save the sheet as RGBA PNG")
    if columns < 1 or len(cameras) == 0 or len(cameras) % columns:
        raise bad_input(f"{len(cameras)} cameras do not fill rows of {columns} tiles", "give a camera for each tile")
    rows = len(cameras) // columns
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    if (height * rows, width * columns) != sheet.shape[:2] or not height or not width:
        raise bad_input(
            f"a sheet of {sheet.shape[1]} x {sheet.shape[0]} pixels does not divide into {columns} x {rows} tiles",
            "give the sheet as the model made it, without borders",
        )
    made = []
    for number, camera in enumerate(cameras):
        row, column = divmod(number, columns)
        tile = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
        alpha = np.ascontiguousarray(tile[..., 3], np.float32)
        if not (alpha > 0.5).any():
            raise bad_input(f"tile {number + 1} of the sheet is empty", "give a sheet with the object in each tile")
        colour = np.where(alpha[..., None] > 0, tile[..., :3], 0).astype(np.float32)
        made.append(View(name=f"{number:03}", camera=camera.resized(width, height), colour=colour, alpha=alpha))
    return made


def cut_tiles(
    sheet: NDArray[np.float32], rows: int = 3, columns: int = COLUMNS, outline: Outline | None = None
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """The sheet (h, w, 4) with each tile's object cut out of its ground, and notes for people.

    The ground of generated views is grey, noisy and shaded: `generated_ground_alpha`. outline: a network's opacity (h, w) of the
    object on a tile (h, w, 3) of bytes in a box; it counts where it agrees with the ground. Raises bad input where a tile shows
    nothing, or has no even ground: a guess would pretend.
    """
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    result = sheet.copy()
    doubted = []
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        tile = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        colour = np.ascontiguousarray(sheet[tile][..., :3])
        by_ground = generated_ground_alpha(colour)
        alpha = by_ground
        if outline is not None:
            box = None if by_ground is None else mask_bounds(by_ground >= 0.5)
            outlined = outline((colour * 255 + 0.5).astype(np.uint8), box or _middle(width, height))
            if by_ground is None or silhouette_iou(outlined, by_ground) >= _AGREEMENT:
                alpha = outlined
            else:
                doubted.append(str(number + 1))
        if alpha is None:
            raise bad_input(
                f"tile {number + 1} of the sheet has no even ground", "cut the objects out of it by hand, or install sam2-small"
            )
        if not (alpha >= 0.5).any():
            raise bad_input(f"tile {number + 1} of the sheet is empty", "give a sheet with the object in each tile")
        result[tile][..., 3] = alpha
    if not doubted:
        return result, ()
    which = f"tile{'s' if len(doubted) > 1 else ''} {', '.join(doubted)}"
    return result, (f"the network's outline contradicts the ground of {which}, and the ground's was taken",)


def _middle(width: int, height: int) -> Box:
    """The box in which the rigs' views have their object."""
    return width // 16, height // 16, width - width // 16, height - height // 16
