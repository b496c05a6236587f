"""One tile of the orthophoto from all photos that see it.

Two bands, after Burt and Adelson, A multiresolution spline, 1983: broad colours are mixed over whole footprints, so that
no cell of brightness remains; detail comes from the photo that looks best, changing hands within a few dozen pixels, so
that it stays sharp where photos disagree by a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..formats import RasterGrid
from .exposure import Exposure
from .height_map import HeightSurface
from .lattice import STEP, Lattice, part_of, spread
from .light import to_linear, to_srgb
from .photo_cache import PhotoCache
from .region import Footprints
from .thumbnails import Thumbnails
from .view import LEAST_FRONTALITY, View

BROAD_POWER = 2  # of a photo's merit, for the broad colours
DETAIL_POWER = 16  # for the detail
_FRONTALITY_POWER = 2.0  # in a photo's merit
_LEAST_SHARE = 0.004  # a photo with less of the detail is left out
_RIM = 1e-3  # merit that is left just outside a photo, for nodes beyond its border


@dataclass(frozen=True)
class Scene:
    """All that a tile is made of."""

    views: list[View]
    footprints: Footprints
    surface: HeightSurface
    exposure: Exposure
    thumbnails: Thumbnails
    insides: list[NDArray[np.float32] | None]  # per view: 0 at masked places to 1 well away from them; None unmasked
    cache: PhotoCache
    pixel: float  # of the orthophoto, in units


@dataclass(frozen=True)
class _Look:
    """How one photo shows the nodes of a tile."""

    view: int
    column: NDArray[np.float32]  # in the photo, px
    row: NDArray[np.float32]
    merit: NDArray[np.float32]  # of the photo here, 0 where it does not see the place
    seen: NDArray[np.float32]  # above 0 inside the photo, below 0 outside
    factor: NDArray[np.float32]  # (..., 3) gain and lift
    broad: NDArray[np.float32]  # (..., 3) its broad colours in linear light, evened out


def render_tile(scene: Scene, grid: RasterGrid, tile: tuple[int, int, int, int], report: Progress) -> NDArray[np.uint8]:
    """RGBA (height, width, 4) of the tile (column, row, width, height) in px of the orthophoto."""
    column, row, width, height = tile
    lattice = Lattice.over(grid, column, row, (width, height), scene.surface)
    box = (float(lattice.x[0, 0]), float(lattice.x[0, -1]), float(lattice.z[-1, 0]), float(lattice.z[0, 0]))
    looks = []
    for view in scene.footprints.overlapping(*box):
        report.check()
        look = _look(scene, int(view), lattice)
        if look is not None:
            looks.append(look)
    if not looks:
        return np.zeros((height, width, 4), np.uint8)
    fine_light = spread(_broad(looks))
    detail, weight = _detail(scene, looks, fine_light.shape[:2], report)
    np.divide(detail, np.maximum(weight, 1e-9)[..., None], out=detail)
    fine_light += detail
    seen = spread(np.max([look.seen for look in looks], axis=0)) > 0
    x = grid.x_centres(column, column + width)[None, :]
    z = grid.z_centres(row, row + height)[:, None]
    opaque = seen[:height, :width] & scene.surface.is_known(x, z)
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3] = to_srgb(fine_light[:height, :width])
    rgba[..., 3] = 255
    rgba[~opaque] = 0
    return rgba


def _look(scene: Scene, index: int, lattice: Lattice) -> _Look | None:
    view = scene.views[index]
    lens = view.lens
    column, row = view.project(lattice.x, lattice.y, lattice.z)
    u, v = column / lens.width, row / lens.height
    seen = 2.0 * np.minimum(np.minimum(u, 1.0 - u), np.minimum(v, 1.0 - v))
    seen = np.nan_to_num(seen, nan=-1.0, posinf=-1.0, neginf=-1.0).astype(np.float32)
    inside = scene.insides[index]
    if inside is not None:
        seen = np.minimum(seen, _sample(inside, u, v))
    if not (seen > 0).any():
        return None
    centre = view.centre
    ray = (lattice.x - centre[0], lattice.y - centre[1], lattice.z - centre[2])
    square = ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2
    frontality = ray[1] / np.sqrt(square)
    # A pixel's size on the wall, as a part of the orthophoto's; photos finer than that have no further merit.
    sharpness = np.minimum(scene.pixel * lens.focal / np.sqrt(square), 1.5)
    merit = np.maximum(seen, _RIM) * frontality**_FRONTALITY_POWER * sharpness
    # Nodes just beyond the border count a little, so that pixels between them and the photo have something to take.
    rim = 3.0 * STEP * scene.pixel * lens.focal / np.sqrt(square) / min(lens.width, lens.height) * 2.0
    merit = np.where((seen > -rim) & (frontality > LEAST_FRONTALITY), merit, 0.0)
    if not (merit > 0).any():
        return None
    corner = lens.width**2 + lens.height**2
    square_radius = 4.0 * ((column - lens.width / 2) ** 2 + (row - lens.height / 2) ** 2) / corner
    lift = scene.exposure.lift(index, np.minimum(np.nan_to_num(square_radius, nan=1.0), 1.0))
    factor = lift[..., None] * scene.exposure.gains[index]
    broad = scene.thumbnails.sample(index, np.nan_to_num(u, nan=-1.0), np.nan_to_num(v, nan=-1.0)) * factor
    seen = np.where(frontality > LEAST_FRONTALITY, seen, -1.0).astype(np.float32)
    return _Look(
        index, np.nan_to_num(column, nan=-1e6).astype(np.float32), np.nan_to_num(row, nan=-1e6).astype(np.float32),
        merit.astype(np.float32), seen.astype(np.float32), factor.astype(np.float32), broad.astype(np.float32),
    )  # fmt: skip


def _sample(values: NDArray[np.float32], u: NDArray[np.floating], v: NDArray[np.floating]) -> NDArray[np.float32]:
    column = np.nan_to_num(u * values.shape[1] - 0.5, nan=-1.0).astype(np.float32)
    row = np.nan_to_num(v * values.shape[0] - 0.5, nan=-1.0).astype(np.float32)
    return cv2.remap(values, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32, copy=False)


def _broad(looks: list[_Look]) -> NDArray[np.float32]:
    light = np.zeros(looks[0].broad.shape, np.float32)
    weight = np.full(looks[0].merit.shape, 1e-20, np.float32)
    for look in looks:
        share = look.merit**BROAD_POWER
        light += share[..., None] * look.broad
        weight += share
    return light / weight[..., None]


def _detail(
    scene: Scene, looks: list[_Look], shape: tuple[int, ...], report: Progress
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sum of detail (height, width, 3), each photo's light less its broad colours, and of its weights (height, width)."""
    best = np.maximum(np.max([look.merit for look in looks], axis=0), 1e-12)
    shares = [(look.merit / best) ** DETAIL_POWER for look in looks]
    total = np.maximum(np.sum(shares, axis=0), 1e-12)
    detail = np.zeros((*shape, 3), np.float32)
    weight = np.zeros(shape, np.float32)
    for look, share in zip(looks, shares, strict=True):
        report.check()
        share = np.maximum(share / total - _LEAST_SHARE, 0.0)
        part = part_of(share > 0)
        if part is None:
            continue
        rows, columns = part
        pixels = (slice(rows.start * STEP, (rows.stop - 2) * STEP), slice(columns.start * STEP, (columns.stop - 2) * STEP))
        light = _sampled(scene, look, spread(look.column[part]), spread(look.row[part]))
        light *= spread(look.factor[part])
        light -= spread(look.broad[part])
        fine_share = spread(share[part])
        detail[pixels] += fine_share[..., None] * light
        weight[pixels] += fine_share
    return detail, weight


def _sampled(scene: Scene, look: _Look, column: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light of the photo at its own (column, row) in px of full size, bicubic."""
    pixels = scene.cache.pixels(look.view)
    lens = scene.views[look.view].lens
    column = column * (pixels.shape[1] / lens.width) - 0.5
    row = row * (pixels.shape[0] / lens.height) - 0.5
    # Only the part in sight: remap takes no picture with a side above 32767.
    left, right = _span(column, pixels.shape[1])
    top, bottom = _span(row, pixels.shape[0])
    part = pixels[top:bottom, left:right]
    found = cv2.remap(part, column - left, row - top, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return to_linear(found.astype(np.uint8, copy=False))


def _span(places: NDArray[np.float32], count: int) -> tuple[int, int]:
    low = int(np.clip(np.floor(places.min()) - 3, 0, count - 1))
    return low, int(np.clip(np.ceil(places.max()) + 4, low + 1, count))
