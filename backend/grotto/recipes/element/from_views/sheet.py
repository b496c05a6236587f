"""The stage `sheet` of an element: cut a sheet of six generated views into views with their rig's cameras, and check them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ....contract import Progress, bad_input
from ....contract.options import SheetOptions
from ....photos import picture_size, read_picture
from ....scene import Camera, zero123plus_rig
from ....views import ViewSet, cut_tiles, faults_of, views_of_sheet, write_object_views

_ROWS, _COLUMNS = 3, 2


def make_sheet_views(source: Path, options: SheetOptions, folder: Path, report: Progress) -> ViewSet:
    """Cut a sheet of three rows of two tiles into its views; where it has no alpha, each tile's object is cut out.

    Raises bad input for what is no such sheet, for empty tiles, and for outlines that have no common part.
    """
    report(0.0, "reading the sheet")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    if height % _ROWS or width % _COLUMNS:
        raise bad_input(
            f"{width} x {height} pixels do not divide into {_ROWS} rows of {_COLUMNS} tiles",
            "give the sheet as the model made it",
        )
    alpha = np.ones((height, width), np.float32) if read.alpha is None else read.alpha.astype(np.float32) / 255
    sheet = np.dstack([read.colour.astype(np.float32) / 255, alpha]).astype(np.float32)
    if (alpha > 0.5).all():
        report.note("the sheet has no alpha: each tile's object was cut out of its background")
        sheet = cut_tiles(sheet)
    views = views_of_sheet(sheet, rig_cameras(options.rig, width // _COLUMNS))
    for fault in faults_of(views):
        report.note(fault)
    return write_object_views(views, folder)


def rig_cameras(rig: str, side_px: int) -> list[Camera]:
    """The six cameras of a rig by its models' name, pictures of `side_px` x `side_px`."""
    return zero123plus_rig(rig.removeprefix("zero123plus-"), side_px)


def forecast_sheet(source: Path, options: SheetOptions) -> int:
    """Bytes: the sheet, and copies of it."""
    width, height = picture_size(source)
    return 60 * width * height
