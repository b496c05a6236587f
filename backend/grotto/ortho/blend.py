"""One tile of the orthophoto from all photos that see it: where each shows it, and how well. `mixing` does the rest."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..formats import RasterGrid
from .exposure import PhotoGains
from .height_map import HeightSurface
from .lattice import TileLattice, lattice_step
from .mixing import Look, TileMixer, single
from .photo_cache import PhotoCache
from .region import PhotoFootprints
from .thumbnails import Thumbnails
from .view import LEAST_FRONTALITY, Floats, PlacedPhoto

_FRONTALITY_POWER = 2.0  # in a photo's merit
_LEAST_DENSITY = 0.02  # px of the photo per px of the orthophoto
_ENOUGH_DENSITY = 1.5
_NEAR_RIM = 0.1  # of the photo's half: photos that end closer to the tile are looked at
_RIM = 1e-3  # merit that is left just outside a photo, for nodes beyond its border


@dataclass(frozen=True)
class TileInputs:
    """Inputs of a tile."""

    views: list[PlacedPhoto]
    footprints: PhotoFootprints
    surface: HeightSurface
    exposure: PhotoGains
    thumbnails: Thumbnails
    insides: list[NDArray[np.float32] | None]  # per view: 0 at masked places to 1 well away from them; None unmasked
    cache: PhotoCache
    mixer: TileMixer
    pixel: float  # of the orthophoto, in units
    density_power: float = 1.0  # of a photo's resolution in its merit: a high one lets the sharpest photo win
    favours: tuple[float, ...] = ()  # factors of the views' merits; none where empty


def render_tile(scene: TileInputs, grid: RasterGrid, tile: tuple[int, int, int, int], report: Progress) -> NDArray[np.uint8]:
    """RGBA (height, width, 4) of the tile (column, row, width, height) in px of the orthophoto."""
    column, row, width, height = tile
    lattice = TileLattice.over(grid, tile, scene.surface, lattice_step(grid.pixel, scene.surface.grid.pixel))
    around = 4 * lattice.step * grid.pixel
    left, right = float(lattice.x[0, 0]) - around, float(lattice.x[0, -1]) + around
    bottom, top = float(lattice.z[-1, 0]) - around, float(lattice.z[0, 0]) + around
    looks = []
    for view in scene.footprints.overlapping(left, right, bottom, top):
        report.check()
        look = _look(scene, int(view), lattice)
        if look is not None:
            looks.append(look)
    if not looks:
        return np.zeros((height, width, 4), np.uint8)
    mixed = scene.mixer.mix(looks, lattice, scene.cache, report)
    seen = lattice.spread(np.max([look.seen for look in looks], axis=0)) > 0
    x, z = grid.x_centres(column, column + width), grid.z_centres(row, row + height)
    opaque = seen[:height, :width] & scene.surface.is_inside(x, z)
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3] = mixed[:height, :width]
    rgba[..., 3] = 255
    rgba[~opaque] = 0
    return rgba


def _look(scene: TileInputs, index: int, lattice: TileLattice) -> Look | None:
    view = scene.views[index]
    lens = view.lens
    column, row = view.project(lattice.x, lattice.y, lattice.z)
    u, v = column / lens.width, row / lens.height
    seen = 2.0 * np.minimum(np.minimum(u, 1.0 - u), np.minimum(v, 1.0 - v))
    seen = np.nan_to_num(seen, nan=-1.0, posinf=-1.0, neginf=-1.0)
    inside = scene.insides[index]
    if inside is not None:
        seen = np.minimum(seen, _sample(inside, u, v))
    if not (seen > -_NEAR_RIM).any():
        return None
    centre = view.centre
    ray = (lattice.x - centre[0], lattice.y - centre[1], lattice.z - centre[2])
    distance = np.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2)
    frontality = ray[1] / distance
    expected = scene.pixel * lens.focal / distance  # px of the photo per px of the orthophoto, if looked at straight on
    density = least_density(column, row) / lattice.step
    seen = np.where(frontality > LEAST_FRONTALITY, seen, np.minimum(seen, -_RIM))
    # Photos finer than the orthophoto have no further merit; one that smears the place is better than none.
    merit = (
        np.maximum(seen, _RIM)
        * frontality**_FRONTALITY_POWER
        * np.clip(density, _LEAST_DENSITY, _ENOUGH_DENSITY) ** scene.density_power
    )
    # Nodes just beyond the border count a little, so that pixels between them and the photo have something to take.
    rim = 6.0 * lattice.step * expected / min(lens.width, lens.height)
    merit = np.where((seen > -np.minimum(rim, _NEAR_RIM)) & (frontality > 0), merit, 0.0)
    if scene.favours:
        merit = merit * scene.favours[index]
    if not (merit > 0).any():
        return None
    corner = lens.width**2 + lens.height**2
    square_radius = 4.0 * ((column - lens.width / 2) ** 2 + (row - lens.height / 2) ** 2) / corner
    lift = scene.exposure.lift(index, np.minimum(np.nan_to_num(square_radius, nan=1.0), 1.0))
    factor = lift[..., None] * scene.exposure.gains[index]
    broad = scene.thumbnails.sample(index, np.nan_to_num(u, nan=-1.0), np.nan_to_num(v, nan=-1.0)) * factor
    return Look(
        view=index,
        size=(lens.width, lens.height),
        column=single(column),
        row=single(row),
        merit=single(merit),
        seen=single(seen),
        factor=single(factor),
        broad=single(broad),
    )


def least_density(column: Floats, row: Floats) -> Floats:
    """Px of the photo per node in the direction in which the photo is stretched most: the smaller singular value (h, w).

    Of the Jacobian of (column, row) between neighbouring nodes: it counts distance, angle and relief all together.
    """
    column_z, column_x = np.gradient(column)
    row_z, row_x = np.gradient(row)
    total = column_x**2 + column_z**2 + row_x**2 + row_z**2
    area = column_x * row_z - column_z * row_x
    least_square = 0.5 * (total - np.sqrt(np.maximum(total**2 - 4.0 * area**2, 0.0)))
    # Where the surface is seen from behind, the photo shows it as in a mirror.
    return np.where(area > 0, np.sqrt(np.maximum(np.nan_to_num(least_square), 0.0)), 0.0)


def _sample(values: NDArray[np.float32], u: NDArray[np.floating], v: NDArray[np.floating]) -> NDArray[np.float32]:
    column = np.nan_to_num(u * values.shape[1] - 0.5, nan=-1.0).astype(np.float32)
    row = np.nan_to_num(v * values.shape[0] - 0.5, nan=-1.0).astype(np.float32)
    return cv2.remap(values, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32, copy=False)
