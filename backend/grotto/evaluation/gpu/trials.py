"""The jobs that are run on CUDA and on the CPU: one for each recipe, small. A new recipe adds a line to TRIALS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ...contract import Silent
from ...contract.options import MakeObjectOptions, MakeWallOptions
from ...scene import zero123plus_rig
from ...synthetic import make_object_set, make_wall, photograph
from ...synthetic.objects import make_object
from ..scenes import element_of, mural_of

_SHEET_VIEW_PX = 160
_MURAL_PX = 1200


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of the result that must be equal on both devices, within a tolerance."""

    fact: str  # key of the result's facts, "input_view_psnr_db.mesh" for an inner one; of a list its length counts
    tolerance: float  # the largest difference that counts as equal
    relative: bool = False  # whether the tolerance is a share of the CPU's figure


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A job of a recipe."""

    recipe: str
    make_input: Callable[[Path], Path]  # from an empty folder to the job's input
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)  # beside those of draft quality
    figures: tuple[Figure, ...]


def _wall_photos(folder: Path) -> Path:
    make_wall(folder / "set", MakeWallOptions(columns=4, rows=2, photo_width=640, photo_height=480), Silent())
    return folder / "set" / "photos"


def _object_photos(folder: Path) -> Path:
    make_object_set("teapot", folder, MakeObjectOptions(rig="random", views=10, size=160, samples=1), Silent())
    return folder


def _sheet(folder: Path) -> Path:
    """A sheet of six views of a made deer, two a row, on grey as Zero123++ draws it."""
    views = photograph(make_object("deer", 0), zero123plus_rig("v1.2", _SHEET_VIEW_PX), samples=1)
    tiles = [view.over(np.full(3, 0.5, np.float32)) for view in views]
    sheet = np.concatenate([np.concatenate(tiles[row : row + 2], axis=1) for row in (0, 2, 4)], axis=0)
    path = folder / "sheet.png"
    cv2.imwrite(str(path), np.rint(np.clip(sheet, 0, 1) * 255).astype(np.uint8)[..., ::-1])
    return path


def _mural(folder: Path) -> Path:
    """A painted wall with four discs of different colours on it."""
    discs = []
    for number, colour in enumerate(((60, 30, 120), (150, 40, 30), (20, 90, 60), (200, 160, 20))):
        y, x = np.mgrid[:120, :120] - 60
        picture = np.full((120, 120, 3), 255, np.uint8)
        picture[np.hypot(x, y) < 50 - 4 * number] = colour
        discs.append(element_of(f"disc {number}", picture))
    wall, _ = mural_of("plain", 3, discs, _MURAL_PX)
    path = folder / "mural.png"
    cv2.imwrite(str(path), wall[..., ::-1])
    return path


TRIALS = (
    Trial(
        recipe="wall",
        make_input=_wall_photos,
        figures=(Figure(fact="registered_photos", tolerance=0), Figure(fact="faces", tolerance=0.05, relative=True)),
    ),
    Trial(
        recipe="scan",
        make_input=_object_photos,
        options={"field_steps": 100, "field_resolution": 48, "splat_steps": 200, "splats_most": 4000, "mesh_resolution": 64},
        figures=(
            Figure(fact="input_view_psnr_db.field", tolerance=1.5),
            Figure(fact="input_view_psnr_db.splats", tolerance=1.5),
            Figure(fact="input_view_psnr_db.mesh", tolerance=1.5),
        ),
    ),
    Trial(
        recipe="element",
        make_input=_sheet,
        options={"route": "sheet", "field_steps": 100, "field_resolution": 48},
        figures=(Figure(fact="input_view_psnr_db.mesh", tolerance=1.5), Figure(fact="faces", tolerance=0.1, relative=True)),
    ),
    Trial(recipe="cut", make_input=_mural, figures=(Figure(fact="elements", tolerance=0),)),
)
