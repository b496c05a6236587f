"""The stage `sheet` of an element: a sheet of six generated views becomes views with their rig's cameras."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import ProblemError, Progress, SheetOptions, bad_input
from ..formats import PhotoCamera, write_transforms
from ..masks import cut_out
from ..photos import picture_size, read_picture
from ..render import View
from ..synthetic import zero123plus_rig
from ..views import ViewFile, ViewSet, object_region, views_of_sheet

PHOTOS, CAMERAS = "photos", "transforms.json"
_ROWS, _COLUMNS = 3, 2
_BORDER_PX = 1  # what is there at a tile's border was cut off


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
        sheet = _cut_out(sheet)
    views = views_of_sheet(sheet, zero123plus_rig(options.rig.removeprefix("zero123plus-"), width // _COLUMNS))
    for view in views:
        if _touches(view):
            report.note(f"the object in tile {int(view.name) + 1} touches the border, and is cut off there")
    (folder / PHOTOS).mkdir()
    for view in views:
        rgba = np.dstack([view.colour, view.alpha if view.alpha is not None else np.ones(view.colour.shape[:2], np.float32)])
        Image.fromarray((np.clip(rgba, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA").save(folder / _file(view))
    write_transforms(folder / CAMERAS, [_camera_of(view) for view in views])
    region = object_region([view.camera for view in views], [view.alpha for view in views if view.alpha is not None], 1.0)
    return ViewSet(
        folder=folder, files=tuple(ViewFile(name=_file(view), mask="", heldout=False) for view in views), cameras=CAMERAS,
        photos=PHOTOS, region=region, cloud="", given=True, view_px=max(height // _ROWS, width // _COLUMNS),
    )  # fmt: skip


def forecast_sheet(source: Path, options: SheetOptions) -> int:
    """Bytes: the sheet, and copies of it."""
    width, height = picture_size(source)
    return 60 * width * height


def _cut_out(sheet: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = sheet.shape[0] // _ROWS, sheet.shape[1] // _COLUMNS
    result = sheet.copy()
    for number in range(_ROWS * _COLUMNS):
        row, column = divmod(number, _COLUMNS)
        place = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        try:
            result[place][..., 3] = cut_out(np.ascontiguousarray(sheet[place])).alpha
        except ProblemError as error:
            raise bad_input(f"tile {number + 1} of the sheet: {error.problem.cause}", error.problem.remedy) from error
    return result


def _touches(view: View) -> bool:
    if view.alpha is None:
        return False
    inside = view.alpha > 0.5
    edge = _BORDER_PX
    return bool(inside[:edge].any() or inside[-edge:].any() or inside[:, :edge].any() or inside[:, -edge:].any())


def _file(view: View) -> str:
    return f"{PHOTOS}/{view.name}.png"


def _camera_of(view: View) -> PhotoCamera:
    camera = view.camera
    return PhotoCamera(
        file_path=_file(view), photo_name=f"tile {int(view.name) + 1}", width=camera.width, height=camera.height,
        focal_x=camera.focal_x, focal_y=camera.focal_y, centre_x=camera.centre_x, centre_y=camera.centre_y,
        world_from_camera=np.asarray(np.linalg.inv(camera.camera_from_world), np.float64),
    )  # fmt: skip
