"""The stage `place` of an element on a wall: where its picture lies, and what of the wall is around and behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from ....contract import Progress, bad_input
from ....formats import RasterGrid, read_artefact, read_float_tiff, read_ortho_reduced, read_ortho_window, write_float_tiff
from ....meshes.texture import carried_on
from ....ortho import HeightMap, Orthophoto
from ....relief.body import carried_over
from ..cut import MASK, CutElement
from .box import Box, WallFiles, box_on_wall

Pixels = tuple[int, int, int, int]

HEIGHTS = "wall_height.tif"
MARGIN = 0.05  # of the element's longer side: the plate reaches so far beyond it
_LIKE = 0.4  # correlation of picture and orthophoto, below which the picture may be of another wall
_LIKE_PX = 256
_PLAIN = 1e-5  # colours without any difference tell nothing


@dataclass(frozen=True, kw_only=True)
class CutOnWall(CutElement):
    """A cut-out whose pixels have a place on a wall; its box is that of the plate that carries the element.

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
    filled: float  # part of the plate below which the wall has no height of its own
    around: bool  # whether the orthophoto is around the user's picture
    wall: str  # the wall job's name
    heights: str = HEIGHTS  # the wall's height map behind the plate and around it, without holes

    def wall_heights(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the wall stands out at places (n, 2) px of the picture, in px of the picture."""
        grid, values = read_float_tiff(self.folder / self.heights)
        column = (self.x_min + places[:, 0] * self.pixel - grid.x_min) / grid.pixel - 0.5
        row = (grid.z_max - self.z_max + places[:, 1] * self.pixel) / grid.pixel - 0.5
        found = map_coordinates(values.astype(np.float64), [row, column], order=3, mode="nearest")
        return np.asarray(found / (1000 * self.pixel), np.float64)


def place_on_wall(
    cut: CutElement, name: str, wall: WallFiles, listed: Path | None, wall_box: str, folder: Path, report: Progress
) -> CutOnWall:
    """Find the picture's place on the wall, take the wall's paint around it where the plate needs it, and its height.

    name: the picture's file. Raises bad input where the picture has no place on the orthophoto, or no height is known there.
    """
    report(0.0, "looking up the picture's place on the wall")
    try:
        height = read_artefact(HeightMap, wall.height.parent)
        orthophoto = read_artefact(Orthophoto, wall.orthophoto.parent)
    except (OSError, ValueError) as error:
        raise bad_input(f"the wall job {wall.name} cannot be read ({error})", "run the wall again", option="wall") from error
    size, whole = (cut.width, cut.height), (orthophoto.width, orthophoto.height)
    box, placed_by = box_on_wall(size, name, wall, whole, listed, wall_box)
    scale = float(np.sqrt((box[2] - box[0]) / cut.width * (box[3] - box[1]) / cut.height))  # px of the orthophoto for one here
    corner = 0.5 * (box[0] + box[2] - scale * cut.width), 0.5 * (box[1] + box[3] - scale * cut.height)
    left, top, right, bottom = cut.box
    margin = int(np.ceil(MARGIN * max(right - left, bottom - top)))
    plate = left - margin, top - margin, right + margin, bottom + margin
    window = min(0, plate[0]), min(0, plate[1]), max(cut.width, plate[2]), max(cut.height, plate[3])
    report(0.2, "taking the wall's paint around the picture")
    picture, around = _surrounded(cut, window, corner, scale, orthophoto, folder)
    _write_mask(cut, window, folder)
    report(0.6, "taking the wall's height")
    pixel = scale * orthophoto.pixel
    x_min = orthophoto.x_min + (corner[0] + window[0] * scale) * orthophoto.pixel
    z_max = orthophoto.z_max - (corner[1] + window[1] * scale) * orthophoto.pixel
    inner = plate[0] - window[0], plate[1] - window[1], plate[2] - window[0], plate[3] - window[1]
    filled = _write_heights(folder / HEIGHTS, height, _on_wall(inner, x_min, z_max, pixel))
    _tell(report, filled, _likeness(cut, box, orthophoto))
    return CutOnWall(
        folder=folder, width=window[2] - window[0], height=window[3] - window[1], box=inner,
        way=cut.way, notes=cut.notes, picture=picture, as_it_is=cut.as_it_is and not around, elements=(), pixel=pixel,
        x_min=x_min, z_max=z_max, metric=orthophoto.metric and height.metric,
        element_box=(left - window[0], top - window[1], right - window[0], bottom - window[1]), wall_box_px=box,
        placed_by=placed_by, filled=filled, around=around, wall=wall.name,
    )  # fmt: skip


def forecast_place(cut: CutElement, name: str, wall: WallFiles, listed: Path | None, wall_box: str) -> int:
    """Bytes: the picture with its mask and what is around it, twice."""
    return 200_000_000 + 40 * cut.width * cut.height


def _surrounded(
    cut: CutElement, window: Pixels, corner: tuple[float, float], scale: float, orthophoto: Orthophoto, folder: Path
) -> tuple[str, bool]:
    """Write the picture over a window that holds it, px; its name, and whether the orthophoto is around or behind it."""
    with Image.open(cut.folder / cut.picture) as image:
        clear = "A" in image.getbands() and image.getchannel("A").histogram()[255] < image.width * image.height
        if not clear and window == (0, 0, cut.width, cut.height):
            (folder / cut.picture).write_bytes((cut.folder / cut.picture).read_bytes())
            return cut.picture, False
        own = np.asarray(image.convert("RGBA"))
    size = window[2] - window[0], window[3] - window[1]
    place = tuple(corner[number % 2] + side * scale for number, side in enumerate(window))
    drawn = carried_on(_painted(orthophoto, (place[0], place[1], place[2], place[3]), size))
    x, y = -window[0], -window[1]
    part = own[..., 3:].astype(np.float32) / 255
    behind = drawn[y : y + cut.height, x : x + cut.width]
    drawn[y : y + cut.height, x : x + cut.width] = (own[..., :3] * part + behind * (1 - part) + 0.5).astype(np.uint8)
    Image.fromarray(drawn).save(folder / "picture.png", compress_level=3)
    return "picture.png", True


def _painted(orthophoto: Orthophoto, place: Box, size: tuple[int, int]) -> NDArray[np.uint8]:
    """RGBA (h, w, 4) of a place on the orthophoto, px, drawn at a size; clear beyond it."""
    across, down = size[0] / (place[2] - place[0]), size[1] / (place[3] - place[1])
    x = place[0] + (np.arange(size[0]) + 0.5) / across
    y = place[1] + (np.arange(size[1]) + 0.5) / down
    left, top = (max(0, int(np.floor(side)) - 1) for side in place[:2])
    right = min(orthophoto.width, int(np.ceil(place[2])) + 1)
    bottom = min(orthophoto.height, int(np.ceil(place[3])) + 1)
    if right <= left or bottom <= top:
        return np.zeros((size[1], size[0], 4), np.uint8)
    part = read_ortho_window(orthophoto.folder / orthophoto.file, left, top, right - left, bottom - top)
    if min(across, down) < 1:
        smaller = max(1, round((right - left) * across)), max(1, round((bottom - top) * down))
        part = np.asarray(cv2.resize(part, smaller, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    columns = (x - left) * part.shape[1] / (right - left) - 0.5
    rows = (y - top) * part.shape[0] / (bottom - top) - 0.5
    maps = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    made = np.asarray(cv2.remap(part, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)
    made[(y < 0) | (y > orthophoto.height)] = 0
    made[:, (x < 0) | (x > orthophoto.width)] = 0
    return made


def _write_mask(cut: CutElement, window: Pixels, folder: Path) -> None:
    with Image.open(cut.folder / cut.mask) as image:
        made = Image.new("L", (window[2] - window[0], window[3] - window[1]), 0)
        made.paste(image.convert("L"), (-window[0], -window[1]))
    made.save(folder / MASK)


def _on_wall(box: Pixels, x_min: float, z_max: float, pixel: float) -> Box:
    """(lowest x, lowest z, highest x, highest z) of a box of a picture, units."""
    return x_min + box[0] * pixel, z_max - box[3] * pixel, x_min + box[2] * pixel, z_max - box[1] * pixel


def _write_heights(path: Path, height: HeightMap, place: Box) -> float:
    """Keep the wall's heights over a place and as far again around it, holes filled; the part of the place that was a hole."""
    step, reach = height.step, max(place[2] - place[0], place[3] - place[1])
    left, right = (int(np.floor((x - height.x_min) / step)) for x in (place[0] - reach, place[2] + reach))
    top, bottom = (int(np.floor((height.z_max - z) / step)) for z in (place[3] + reach, place[1] - reach))
    rows, columns = slice(max(0, top), min(height.height, bottom + 1)), slice(max(0, left), min(height.width, right + 1))
    values = np.full((bottom + 1 - top, right + 1 - left), np.nan, np.float32)
    if rows.start < rows.stop and columns.start < columns.stop:
        part = height.read_heights()[rows, columns]
        values[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = part
    if not np.isfinite(values).any():
        raise bad_input(
            "the wall has no height where the picture lies",
            "choose another part of it, or give its true place",
            option="wall_box",
        )
    grid = RasterGrid(
        x_min=height.x_min + left * step,
        z_max=height.z_max - top * step,
        pixel=step,
        width=values.shape[1],
        height=values.shape[0],
    )
    over = np.ix_(
        (grid.z_centres() > place[1] - step / 2) & (grid.z_centres() < place[3] + step / 2),
        (grid.x_centres() > place[0] - step / 2) & (grid.x_centres() < place[2] + step / 2),
    )
    write_float_tiff(path, grid, carried_over(values))
    return float(np.isnan(values[over]).mean())


def _likeness(cut: CutElement, box: Box, orthophoto: Orthophoto) -> float:
    """Correlation of the element's colours with the orthophoto's at its place."""
    scale = min(1.0, _LIKE_PX / max(cut.width, cut.height))
    size = max(2, round(cut.width * scale)), max(2, round(cut.height * scale))
    whole = (0.0, 0.0, float(orthophoto.width), float(orthophoto.height))
    there = read_ortho_reduced(orthophoto.folder / orthophoto.file, *size) if box == whole else _painted(orthophoto, box, size)
    mine = cv2.resize(cut.colour(), size, interpolation=cv2.INTER_AREA)
    shown = (cv2.resize(cut.alpha(), size, interpolation=cv2.INTER_AREA) > 0.5) & (there[..., 3] > 0)
    if shown.sum() < 8:
        return 1.0
    one, other = mine[shown], there[..., :3].astype(np.float32)[shown] / 255
    one, other = one - one.mean(0), other - other.mean(0)
    spread = float(np.sqrt((one**2).mean() * (other**2).mean()))
    return 1.0 if spread < _PLAIN else float((one * other).mean() / spread)


def _tell(report: Progress, filled: float, likeness: float) -> None:
    report.note("on a wall its height is the painted one: the option height_m is not used")
    if filled > 0:
        report.note(f"below {100 * filled:.0f} % of the plate the wall has no height: it was carried on smoothly from around")
    if likeness < _LIKE:
        report.note(
            f"the picture does not look like the orthophoto at its place (correlation {likeness:.2f}): is it of another wall?"
        )
