"""The stage `place` of an element on a wall: where its picture lies, and the wall's paint and height around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ....contract import ProblemError, Progress, bad_input
from ....formats import read_artefact, read_float_tiff, read_ortho_reduced, write_float_tiff
from ....masks import area_resized
from ....meshes.texture import fill_transparent
from ....metrics import colour_correlation
from ....ortho import HeightMap, Orthophoto
from ....ortho.patch import PatchHeights, draw_patch, heights_around, missing_share, paste
from ....photos import stored_picture
from ....relief.body import inpaint_heights
from ..cut import MASK, CutElement
from .box import Box, WallFiles, box_on_wall

Pixels = tuple[int, int, int, int]

HEIGHTS = "wall_height.tif"
MARGIN = 0.05  # of the element's longer side: the plate reaches so far beyond it
_LEAST_LIKENESS = 0.4  # correlation of picture and orthophoto, below which the picture may be of another wall
_LIKENESS_PX = 256  # longer side at which they are compared
_FEWEST_PX = 8


@dataclass(frozen=True, kw_only=True)
class CutOnWall(CutElement):
    """A cut-out whose pixels have a place on a wall; its box is the plate that carries the element.

    The picture is the user's where the plate is within it, else the orthophoto around it; `pixel`, `x_min` and `z_max` are of
    this picture, in the units of the wall's frame.
    """

    pixel: float  # units a px
    x_min: float  # of the picture's left side
    z_max: float  # of its top
    metric: bool
    element_box: Pixels  # around the element itself, px
    wall_box_px: Box  # of the user's picture on the orthophoto
    placed_by: str
    filled: float  # part of the plate where the wall has no measured height
    around: bool  # whether the orthophoto is around the user's picture
    wall: str  # the wall job's name
    heights: str = HEIGHTS  # the wall's height map behind the plate and around it, without holes

    def read_wall(self) -> PatchHeights:
        """The wall's heights behind the picture."""
        grid, values = read_float_tiff(self.folder / self.heights)
        return PatchHeights(grid=grid, heights_mm=values, x_min=self.x_min, z_max=self.z_max, pixel=self.pixel)


def place_on_wall(
    cut: CutElement, name: str, wall: WallFiles, listed: Path | None, wall_box: str, folder: Path, report: Progress
) -> CutOnWall:
    """Find the picture's place on the wall, and read the wall's paint around it and its height.

    name: the picture's file. Raises bad input where the picture has no place on the orthophoto, or no height is known there.
    """
    report(0.0, "finding the picture's place on the wall")
    try:
        height = read_artefact(HeightMap, wall.height.parent)
        orthophoto = read_artefact(Orthophoto, wall.orthophoto.parent)
    except (OSError, ProblemError) as error:
        raise bad_input(f"the wall job {wall.name} cannot be read ({error})", "run the wall again", option="wall") from error
    size, whole = (cut.width, cut.height), (orthophoto.width, orthophoto.height)
    box, placed_by = box_on_wall(size, name, wall, whole, listed, wall_box)
    scale = math.sqrt((box[2] - box[0]) / cut.width * (box[3] - box[1]) / cut.height)  # px of the orthophoto for one here
    corner = 0.5 * (box[0] + box[2] - scale * cut.width), 0.5 * (box[1] + box[3] - scale * cut.height)
    left, top, right, bottom = cut.box
    margin = math.ceil(MARGIN * max(right - left, bottom - top))
    plate = left - margin, top - margin, right + margin, bottom + margin
    window = min(0, plate[0]), min(0, plate[1]), max(cut.width, plate[2]), max(cut.height, plate[3])
    report(0.2, "reading the wall's paint around the picture")
    picture, around = _surrounded(cut, window, corner, scale, orthophoto, folder)
    _write_mask(cut, window, folder)
    report(0.6, "reading the wall's height")
    pixel = scale * orthophoto.pixel
    x_min = orthophoto.x_min + (corner[0] + window[0] * scale) * orthophoto.pixel
    z_max = orthophoto.z_max - (corner[1] + window[1] * scale) * orthophoto.pixel
    inner = plate[0] - window[0], plate[1] - window[1], plate[2] - window[0], plate[3] - window[1]
    filled = _write_heights(folder / HEIGHTS, height, _on_wall(inner, x_min, z_max, pixel))
    _note(report, filled, _likeness(cut, box, orthophoto))
    return CutOnWall(
        folder=folder,
        width=window[2] - window[0],
        height=window[3] - window[1],
        box=inner,
        way=cut.way,
        notes=cut.notes,
        picture=picture,
        as_it_is=cut.as_it_is and not around,
        elements=(),
        pixel=pixel,
        x_min=x_min,
        z_max=z_max,
        metric=orthophoto.metric and height.metric,
        element_box=(left - window[0], top - window[1], right - window[0], bottom - window[1]),
        wall_box_px=box,
        placed_by=placed_by,
        filled=filled,
        around=around,
        wall=wall.name,
    )


def forecast_place(cut: CutElement, name: str, wall: WallFiles, listed: Path | None, wall_box: str) -> int:
    """Bytes: the picture with its mask and what is around it, twice."""
    return 200_000_000 + 40 * cut.width * cut.height


def _surrounded(
    cut: CutElement, window: Pixels, corner: tuple[float, float], scale: float, orthophoto: Orthophoto, folder: Path
) -> tuple[str, bool]:
    """Write the picture over a window that holds it, px; its name, and whether the orthophoto is around or behind it."""
    image = stored_picture(cut.folder / cut.picture)
    clear = "A" in image.getbands() and image.getchannel("A").histogram()[255] < image.width * image.height
    if not clear and window == (0, 0, cut.width, cut.height):
        (folder / cut.picture).write_bytes((cut.folder / cut.picture).read_bytes())
        return cut.picture, False
    own = np.asarray(image.convert("RGBA"))
    size = window[2] - window[0], window[3] - window[1]
    place = tuple(corner[number % 2] + side * scale for number, side in enumerate(window))
    ground = fill_transparent(draw_patch(orthophoto, (place[0], place[1], place[2], place[3]), size))
    Image.fromarray(paste(own, ground, -window[0], -window[1])).save(folder / "picture.png", compress_level=3)
    return "picture.png", True


def _write_mask(cut: CutElement, window: Pixels, folder: Path) -> None:
    mask = Image.new("L", (window[2] - window[0], window[3] - window[1]), 0)
    mask.paste(stored_picture(cut.folder / cut.mask).convert("L"), (-window[0], -window[1]))
    mask.save(folder / MASK)


def _on_wall(box: Pixels, x_min: float, z_max: float, pixel: float) -> Box:
    """(lowest x, lowest z, highest x, highest z) of a box of a picture, units."""
    return x_min + box[0] * pixel, z_max - box[3] * pixel, x_min + box[2] * pixel, z_max - box[1] * pixel


def _write_heights(path: Path, height: HeightMap, place: Box) -> float:
    """Write the wall's heights over a place and around it, holes filled; the part of the place that was a hole."""
    grid, values = heights_around(height, place)
    if not np.isfinite(values).any():
        raise bad_input(
            "the wall has no height where the picture lies",
            "choose another part of it, or give its true place",
            option="wall_box",
        )
    write_float_tiff(path, grid, inpaint_heights(values))
    return missing_share(grid, values, place)


def _likeness(cut: CutElement, box: Box, orthophoto: Orthophoto) -> float:
    """Correlation of the element's colours with the orthophoto's at its place; 1 where hardly a pixel can be compared."""
    scale = min(1.0, _LIKENESS_PX / max(cut.width, cut.height))
    size = max(2, round(cut.width * scale)), max(2, round(cut.height * scale))
    whole = (0.0, 0.0, float(orthophoto.width), float(orthophoto.height))
    wall = read_ortho_reduced(orthophoto.folder / orthophoto.file, *size) if box == whole else draw_patch(orthophoto, box, size)
    shown = (area_resized(cut.alpha(), *size) > 0.5) & (wall[..., 3] > 0)
    if shown.sum() < _FEWEST_PX:
        return 1.0
    return colour_correlation(area_resized(cut.colour(), *size)[shown], wall[..., :3].astype(np.float32)[shown] / 255)


def _note(report: Progress, filled: float, likeness: float) -> None:
    report.note("on a wall an element keeps its painted height: the option height_m is not used")
    if filled > 0:
        report.note(f"{100 * filled:.0f} % of the plate lies where the wall has no measured height; it was interpolated.")
    if likeness < _LEAST_LIKENESS:
        report.note(
            f"the picture does not look like the orthophoto at its place (correlation {likeness:.2f}): is it of another wall?"
        )
