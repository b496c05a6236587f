"""Sheets of generated views: one picture with a tile for each camera, row by row, as multi-view diffusion models give them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..contract import ProblemError, bad_input
from ..masks import PLAIN_BACKGROUND, cut_out
from ..scene import Camera, View

COLUMNS = 2  # Zero123++: three rows of two tiles


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


def cut_tiles(sheet: NDArray[np.float32], rows: int = 3, columns: int = COLUMNS) -> NDArray[np.float32]:
    """The sheet (h, w, 4) with each tile's object cut out of its background.

    Raises bad input where a tile shows nothing, or has no plain background: models draw on grey, and a guess would pretend.
    """
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    result = sheet.copy()
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        tile = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        try:
            cut = cut_out(np.ascontiguousarray(sheet[tile]))
        except ProblemError as error:
            raise bad_input(f"tile {number + 1} of the sheet: {error.problem.cause}", error.problem.remedy) from error
        if cut.method != PLAIN_BACKGROUND:
            raise bad_input(f"tile {number + 1} of the sheet has no plain background", "cut the objects out of it by hand")
        result[tile][..., 3] = cut.alpha
    return result
