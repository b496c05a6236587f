"""The stage `orthophoto`: all photos, seen straight on, as one picture of the wall."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..contract.options import OrthoOptions
from ..formats import TILE, Artefact, RasterGrid, read_ortho_reduced, write_count_tiff, write_ortho_tiff
from ..photos import Photo, PhotoSet, read_mask
from ..sfm.wall import WallFrame
from .blend import TileInputs, render_tile
from .colour_samples import sample_colours
from .colours import grey_favours
from .exposure import PhotoGains, solve_exposure
from .height_map import HeightMap, HeightSurface
from .layout import automatic_pixel, lens_numbers, ortho_grid, pixel_on_wall, reading_size, tiles
from .mixing import ON_CPU, TileMixer
from .photo_cache import PhotoCache
from .region import PhotoFootprints, coverage
from .thumbnails import Thumbnails
from .view import PlacedPhoto, views_of

ORTHO_FILE = "orthophoto.tif"
PREVIEW_FILE = "orthophoto.png"
COVERAGE_FILE = "coverage.tif"
_DRAFT_FILE = "draft.png"
_THUMBNAILS_FILE = "thumbnails.npy"
_PREVIEW_PX = 4096
_DRAFT_PX = 1024
_DRAFT_SECONDS = 2.0
_BYTES_PER_TILE_PIXEL = 120
_FIXED_BYTES = 400_000_000
_COVERAGE_PX = 1024  # longer side of the map of photos per place
_MASK_PX = 512
_MASK_FEATHER = 0.1  # of the photo's shorter side


@dataclass(frozen=True, kw_only=True)
class Orthophoto(Artefact):
    """The wall seen straight on."""

    file: str  # tiled GeoTIFF, RGBA, with overviews, relative
    preview: str  # PNG, RGBA, relative
    coverage_file: str  # GeoTIFF: how many photos show each place, relative
    x_min: float  # outer corner of the top left pixel, in units
    z_max: float
    pixel: float  # units per pixel
    width: int
    height: int
    coverage: float  # part of the picture that is not transparent
    metric: bool
    engine: str = ON_CPU  # what mixed the photos

    @property
    def grid(self) -> RasterGrid:
        return RasterGrid(x_min=self.x_min, z_max=self.z_max, pixel=self.pixel, width=self.width, height=self.height)


def make_orthophoto(
    frame: WallFrame, height: HeightMap, photos: PhotoSet, options: OrthoOptions, folder: Path, report: Progress
) -> Orthophoto:
    """Project every photo through the height map onto the wall and mix them, tile by tile.

    Raises a bad-input problem where no photo has a camera, or the pixel size makes a file that nothing can hold.
    """
    report(0.0, "laying out the orthophoto")
    surface = HeightSurface.read(height)
    views, chosen = _chosen(frame, photos)
    sizes = [pixel_on_wall(view, surface) for view in views]
    pixel = options.mm_per_pixel / 1000.0 if options.mm_per_pixel > 0 else automatic_pixel(sizes)
    favours = grey_favours(chosen, report)
    scene = OrthoScene(views=views, photos=chosen, surface=surface, pixel=pixel, metric=frame.metric, favours=favours)
    return draw_orthophoto(scene, sizes, options, folder, report)


@dataclass(frozen=True, kw_only=True)
class OrthoScene:
    """Views before a surface, and the pixel size (units) of their orthophoto."""

    views: list[PlacedPhoto]
    photos: list[Photo]  # of the views
    surface: HeightSurface
    pixel: float
    metric: bool
    density_power: float = 1.0  # see `TileInputs`
    favours: tuple[float, ...] = ()  # see `TileInputs`
    thumbnails_px: tuple[int, ...] = ()  # longer sides of the views' thumbnails; all alike where empty


def draw_orthophoto(placed: OrthoScene, sizes: list[float], options: OrthoOptions, folder: Path, report: Progress) -> Orthophoto:
    """Draw views whose pixels have these sizes on the wall (units). Raises bad input where nothing can be drawn."""
    views, chosen, surface, pixel = placed.views, placed.photos, placed.surface, placed.pixel
    footprints = PhotoFootprints([view.footprint(surface) for view in views])
    grid = ortho_grid(surface, footprints, pixel)
    _write_coverage(folder / COVERAGE_FILE, views, grid, surface, report)
    thumbnails = Thumbnails.make(chosen, folder / _THUMBNAILS_FILE, report, 0.2, placed.thumbnails_px)
    try:
        lens = lens_numbers([photo.group for photo in chosen])
        exposure = PhotoGains.neutral(lens)
        if options.balance_exposure:
            report(0.2, "evening out exposure")
            samples = sample_colours(views, footprints, surface, thumbnails, report)
            exposure = solve_exposure(samples, lens)
        side = _tile_side(options)
        budget = options.ortho_memory_mb * 1_000_000 - side * side * _BYTES_PER_TILE_PIXEL
        longest = [reading_size(view, size, pixel) for view, size in zip(views, sizes, strict=True)]
        scene = TileInputs(
            views=views,
            footprints=footprints,
            surface=surface,
            exposure=exposure,
            thumbnails=thumbnails,
            insides=[_inside(photo) for photo in chosen],
            cache=PhotoCache(chosen, longest, budget),
            mixer=TileMixer.chosen(report),
            pixel=pixel,
            density_power=placed.density_power,
            favours=placed.favours,
        )
        opaque = _draw(scene, grid, side, folder, report)
    finally:
        thumbnails.delete()
    report(0.97, "writing the preview")
    _write_preview(folder, grid)
    report.preview(folder / PREVIEW_FILE)
    report(1.0)
    return Orthophoto(
        folder=folder,
        file=ORTHO_FILE,
        preview=PREVIEW_FILE,
        coverage_file=COVERAGE_FILE,
        x_min=grid.x_min,
        z_max=grid.z_max,
        pixel=pixel,
        width=grid.width,
        height=grid.height,
        coverage=opaque,
        metric=placed.metric,
        engine=scene.mixer.name,
    )


def forecast_orthophoto(frame: WallFrame, height: HeightMap, photos: PhotoSet, options: OrthoOptions) -> int:
    """Bytes that `make_orthophoto` will hold at most: those of drawing, and the height map."""
    return forecast_drawing(photos, options) + 12 * height.width * height.height


def forecast_drawing(photos: PhotoSet, options: OrthoOptions) -> int:
    """Bytes that `draw_orthophoto` will hold at most: tiles as granted, and the largest photo once."""
    largest = max((photo.width * photo.height for photo in photos.photos), default=0)
    return options.ortho_memory_mb * 1_000_000 + 6 * largest + _FIXED_BYTES


def _chosen(frame: WallFrame, photos: PhotoSet) -> tuple[list[PlacedPhoto], list[Photo]]:
    by_name = {photo.name: photo for photo in photos.photos}
    views = views_of(frame.read_model(), {name: (photo.width, photo.height) for name, photo in by_name.items()})
    return views, [by_name[view.name] for view in views]


def _tile_side(options: OrthoOptions) -> int:
    """A multiple of the file's tiles that leaves most of the memory to decoded photos."""
    side = TILE
    while side < 4 * TILE and (2 * side) ** 2 * _BYTES_PER_TILE_PIXEL <= options.ortho_memory_mb * 1_000_000 / 6:
        side *= 2
    return side


def _inside(photo: Photo) -> NDArray[np.float32] | None:
    """How far inside the mask each place of a photo is: 0 at what is left out, rising to 1; None without a mask."""
    keep = read_mask(photo, _MASK_PX)
    if keep is None:
        return None
    # A frame of masked-out pixels would dim the photo's border twice; the border is treated elsewhere.
    distance = cv2.distanceTransform(keep.astype(np.uint8), cv2.DIST_L2, 5)
    return np.clip((distance - 1.0) / (_MASK_FEATHER * min(keep.shape)), -0.01, 1.0).astype(np.float32)


def _write_coverage(path: Path, views: list[PlacedPhoto], grid: RasterGrid, surface: HeightSurface, report: Progress) -> None:
    step = grid.pixel * max(1.0, max(grid.width, grid.height) / _COVERAGE_PX)
    width, height = round(grid.width * grid.pixel / step), round(grid.height * grid.pixel / step)
    coarse = RasterGrid(x_min=grid.x_min, z_max=grid.z_max, pixel=step, width=max(1, width), height=max(1, height))
    write_count_tiff(path, coarse, coverage(views, coarse, surface, report))


def _draw(scene: TileInputs, grid: RasterGrid, side: int, folder: Path, report: Progress) -> float:
    """Render and write every tile; the part of pixels that are opaque."""
    work = tiles(grid, side)
    scale = min(1.0, _DRAFT_PX / max(grid.width, grid.height))
    draft = np.zeros((max(1, round(grid.height * scale)), max(1, round(grid.width * scale)), 4), np.uint8)
    opaque, last_draft = 0, time.monotonic()
    with write_ortho_tiff(folder / ORTHO_FILE, grid) as writer:
        for done, (column, row, width, height) in enumerate(work):
            report(0.22 + 0.7 * done / len(work), f"drawing tile {done + 1} of {len(work)}")
            rgba = render_tile(scene, grid, (column, row, width, height), report)
            writer.write(column, row, rgba)
            opaque += int((rgba[..., 3] > 0).sum())
            _put_reduced(draft, rgba, column, row, scale)
            if time.monotonic() - last_draft > _DRAFT_SECONDS:
                _write_png(folder / _DRAFT_FILE, draft)
                report.preview(folder / _DRAFT_FILE)
                last_draft = time.monotonic()
        report(0.92, "adding overviews")
    (folder / _DRAFT_FILE).unlink(missing_ok=True)
    return opaque / (grid.width * grid.height)


def _put_reduced(draft: NDArray[np.uint8], rgba: NDArray[np.uint8], column: int, row: int, scale: float) -> None:
    left, top = round(column * scale), round(row * scale)
    right = min(draft.shape[1], round((column + rgba.shape[1]) * scale))
    bottom = min(draft.shape[0], round((row + rgba.shape[0]) * scale))
    if right > left and bottom > top:
        small = cv2.resize(rgba, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        draft[top:bottom, left:right] = small


def _write_preview(folder: Path, grid: RasterGrid) -> None:
    scale = min(1.0, _PREVIEW_PX / max(grid.width, grid.height))
    size = (max(1, round(grid.width * scale)), max(1, round(grid.height * scale)))
    _write_png(folder / PREVIEW_FILE, read_ortho_reduced(folder / ORTHO_FILE, *size))


def _write_png(path: Path, rgba: NDArray[np.uint8]) -> None:
    cv2.imwrite(str(path), np.ascontiguousarray(rgba[..., [2, 1, 0, 3]]), [cv2.IMWRITE_PNG_COMPRESSION, 6])
