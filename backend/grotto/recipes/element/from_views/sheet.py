"""The stage `sheet` of an element: cut a sheet of six generated views into views with their rig's cameras, and check them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....contract import Progress, bad_input
from ....contract.options import SheetOptions
from ....photos import picture_size, read_picture
from ....scene import Camera, zero123plus_rig
from ....views import ViewSet, faults_of, views_of_sheet, write_object_views
from .tiles import cut_sheet

_ROWS, _COLUMNS = 3, 2
_LEAST_CLEAR = 0.05  # of a sheet: an alpha that clears less only trims it


def make_sheet_views(source: Path, outliner: Path | None, options: SheetOptions, folder: Path, report: Progress) -> ViewSet:
    """Cut a sheet of three rows of two tiles into its views; where it has no alpha, each tile's object is cut out.

    outliner: the weights of SAM 2, where they are installed. Raises bad input for what is no such sheet, for empty tiles, and for
    outlines that have no common part.
    """
    report(0.0, "reading the sheet")
    read = read_picture(source)
    height, width = read.colour.shape[:2]
    if height % _ROWS or width % _COLUMNS:
        raise bad_input(
            f"{width} x {height} pixels do not divide into {_ROWS} rows of {_COLUMNS} tiles",
            "give the sheet as the model made it",
        )
    alpha = np.ones((height, width), np.float32) if read.alpha is None else read.alpha.astype(np.float32) / np.float32(255)
    sheet = np.dstack([read.colour.astype(np.float32) / 255, alpha]).astype(np.float32)
    if not _cuts_out(alpha):
        by = "by its ground" if outliner is None else f"by SAM 2 ({outliner.name})"
        report.note(f"the sheet has no alpha: each tile's object was cut out {by}")
        sheet = cut_sheet(sheet[..., :3], outliner, report)
    views = views_of_sheet(sheet, rig_cameras(options.rig, width // _COLUMNS))
    for fault in faults_of(views):
        report.note(fault)
    return write_object_views(views, folder)


def has_alpha(source: Path) -> bool:
    """Whether a sheet brings an alpha that cuts its objects out."""
    alpha = read_picture(source).alpha
    return alpha is not None and _cuts_out(alpha.astype(np.float32) / np.float32(255))


def _cuts_out(alpha: NDArray[np.float32]) -> bool:
    """Whether an alpha (h, w) leaves ground clear."""
    return float((alpha < 0.5).mean()) >= _LEAST_CLEAR


def rig_cameras(rig: str, side_px: int) -> list[Camera]:
    """The six cameras of a rig by its models' name, pictures of `side_px` x `side_px`."""
    return zero123plus_rig(rig.removeprefix("zero123plus-"), side_px)


def forecast_sheet(source: Path, outliner: Path | None, options: SheetOptions) -> int:
    """Bytes: the sheet, copies of it, and the network that outlines its tiles."""
    width, height = picture_size(source)
    return 200 * width * height + (0 if outliner is None else 1_500_000_000)
