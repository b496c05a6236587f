"""The stage `sheet` of an element: a sheet of six generated views becomes views with their rig's cameras, and is judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ....contract import ProblemError, Progress, bad_input
from ....contract.options import SheetOptions
from ....formats import PhotoCamera, write_transforms
from ....masks import cut_out
from ....photos import picture_size, read_picture
from ....scene import Camera, Lattice, Region, View, visual_hull, zero123plus_rig
from ....views import ViewFile, ViewSet, object_region, views_of_sheet

PHOTOS, CAMERAS = "photos", "transforms.json"
_ROWS, _COLUMNS = 3, 2
_PLAIN = "plain background"
_HULL_NODES = 64  # a side, of the common shape by which views are judged
_SLACK = 1 / 256  # of a view's side: outlines may be off by as much
_CONTRADICTION = 0.02  # of the masks: generated sheets that make good models leave less
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
        sheet = cut_tiles(sheet)
    views = views_of_sheet(sheet, rig_cameras(options.rig, width // _COLUMNS))
    for fault in faults_of(views):
        report.note(fault)
    return keep_views(views, folder)


def rig_cameras(rig: str, side_px: int) -> list[Camera]:
    """The six cameras of a rig by its models' name, pictures of `side_px` x `side_px`."""
    return zero123plus_rig(rig.removeprefix("zero123plus-"), side_px)


def keep_views(views: Sequence[View], folder: Path) -> ViewSet:
    """Six views with alpha as pictures and cameras that other tools open. Raises bad input where they share no region."""
    (folder / PHOTOS).mkdir()
    for view in views:
        rgba = np.dstack([view.colour, view.alpha if view.alpha is not None else np.ones(view.colour.shape[:2], np.float32)])
        Image.fromarray((np.clip(rgba, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA").save(folder / _file(view))
    write_transforms(folder / CAMERAS, [_camera_of(view) for view in views])
    region = object_region([view.camera for view in views], [view.alpha for view in views if view.alpha is not None], 1.0)
    return ViewSet(
        folder=folder, files=tuple(ViewFile(name=_file(view), mask="", heldout=False) for view in views), cameras=CAMERAS,
        photos=PHOTOS, region=region, cloud="", given=True, view_px=max(views[0].camera.width, views[0].camera.height),
    )  # fmt: skip


def forecast_sheet(source: Path, options: SheetOptions) -> int:
    """Bytes: the sheet, and copies of it."""
    width, height = picture_size(source)
    return 60 * width * height


def cut_tiles(sheet: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sheet (h, w, 4) with each tile's object cut out of its background.

    Raises bad input where a tile shows nothing, or has no plain background: models draw on grey, and a guess would pretend.
    """
    height, width = sheet.shape[0] // _ROWS, sheet.shape[1] // _COLUMNS
    result = sheet.copy()
    for number in range(_ROWS * _COLUMNS):
        row, column = divmod(number, _COLUMNS)
        place = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
        try:
            found = cut_out(np.ascontiguousarray(sheet[place]))
        except ProblemError as error:
            raise bad_input(f"tile {number + 1} of the sheet: {error.problem.cause}", error.problem.remedy) from error
        if found.way != _PLAIN:
            raise bad_input(f"tile {number + 1} of the sheet has no plain background", "cut the objects out of it by hand")
        result[place][..., 3] = found.alpha
    return result


def faults_of(views: Sequence[View]) -> list[str]:
    """What is wrong with six views, in sentences: objects cut off at the border, outlines that contradict each other."""
    faults = [
        f"the object in tile {int(view.name) + 1} touches the border, and is cut off there" for view in views if _touches(view)
    ]
    lost = contradiction(views)
    if lost > _CONTRADICTION:
        faults.append(f"the views contradict each other: {100 * lost:.0f} % of their outlines no common shape can fill")
    return faults


def contradiction(views: Sequence[View]) -> float:
    """Part of the views' masks that the largest shape within all of them does not cover; 0 for views of one object."""
    region = Region(lowest=(-1.0,) * 3, highest=(1.0,) * 3, bounded=True)
    lattice = Lattice.over(region, _HULL_NODES)
    hull = visual_hull(views, lattice, dilation_px=_SLACK * max(views[0].camera.width, views[0].camera.height))
    places = lattice.positions(torch.from_numpy(np.flatnonzero(hull.reshape(-1)))).numpy()
    marked, missed = 0, 0
    for view in (view.fitted(_HULL_NODES) for view in views):
        mask = np.zeros(view.colour.shape[:2], bool) if view.alpha is None else view.alpha > 0.5
        covered: NDArray[np.uint8] = np.zeros(mask.shape, np.uint8)
        pixels, depth = view.camera.project(places)
        column, row = pixels[depth > 0].astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < mask.shape[1]) & (row < mask.shape[0])
        covered[row[inside], column[inside]] = 1
        covered = np.asarray(cv2.dilate(covered, np.ones((3, 3), np.uint8)), np.uint8)
        marked += int(mask.sum())
        missed += int((mask & (covered == 0)).sum())
    return missed / max(marked, 1)


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
