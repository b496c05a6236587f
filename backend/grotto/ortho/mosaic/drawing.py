"""The stages `mosaic_orthophoto` and `mosaic_mesh`: the mosaic as one picture of the wall, and as a flat, textured mesh."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import MeshOptions, MosaicOptions, OrthoOptions
from ...formats import RasterGrid, read_count_tiff
from ...photos import PhotoSet
from ...sfm.mosaic import MosaicFrame
from ..colours import grey_favours
from ..height_map import HeightSurface
from ..orthophoto import Orthophoto, OrthoScene, draw_orthophoto, forecast_drawing
from ..region import coverage
from ..thumbnails import LONGEST as THUMBNAIL_PX
from ..wall_mesh import WallMesh, write_wall_mesh
from .view import FlatView, flat_views

OUTLINE_PX = 400  # longer side of the map that the plane is cut out of
OUTLINE_FACES = 2000  # of a plane, which needs them along its outline only
LEAST_THUMBNAIL = 8  # px
SHARPEST_POWER = 4.0  # so that a picture of 1.5 times the resolution wins but for a rim of a tenth
SURFACE_PX = 1024  # longer side of the map of where the wall is known


def make_mosaic_orthophoto(
    frame: MosaicFrame, photos: PhotoSet, mosaic: MosaicOptions, options: OrthoOptions, folder: Path, report: Progress
) -> Orthophoto:
    """Draw every picture onto the wall: at each place the sharpest shows its detail, and all share the broad colours.

    Raises bad input where the pixel size makes a file that nothing can hold.
    """
    views = flat_views(frame, photos.photos)
    surface = flat_surface(frame, views, report)
    finest = min(view.pixel for view in views)
    pixel = options.mm_per_pixel / 1000 if options.mm_per_pixel > 0 and frame.metric else _pixel(frame, finest, mosaic.mosaic_mp)
    if options.mm_per_pixel > 0 and not frame.metric:
        report.note("the pixel size in mm has no meaning at an arbitrary scale, and was not used: give a known length")
    if pixel > 1.05 * finest:
        report.note(
            f"the orthophoto has {finest / pixel:.0%} of the finest picture's resolution: a larger --mosaic-mp keeps more of it"
        )
    chosen = [photos.photos[picture.index] for picture in frame.pictures]
    scene = OrthoScene(
        views=list(views),
        photos=chosen,
        surface=surface,
        pixel=pixel,
        metric=frame.metric,
        density_power=SHARPEST_POWER,
        favours=grey_favours(chosen, report),
        thumbnails_px=_thumbnail_sizes(views),
    )
    return draw_orthophoto(scene, [view.pixel for view in views], options, folder, report)


def forecast_mosaic_orthophoto(frame: MosaicFrame, photos: PhotoSet, mosaic: MosaicOptions, options: OrthoOptions) -> int:
    """Bytes: tiles as granted, and the largest picture once."""
    return forecast_drawing(photos, options)


def make_mosaic_mesh(orthophoto: Orthophoto, options: MeshOptions, folder: Path, report: Progress) -> WallMesh:
    """A flat mesh as far as pictures show the wall, with the mosaic as its texture. There is no relief in it."""
    report(0.0, "laying a plane")
    grid, counts = read_count_tiff(orthophoto.folder / orthophoto.coverage_file)
    few = dataclasses.replace(options, faces=min(options.faces, OUTLINE_FACES))
    step = max(1, math.ceil(max(grid.width, grid.height) / OUTLINE_PX))
    coarse = counts[::step, ::step] > 0
    grid = dataclasses.replace(grid, pixel=step * grid.pixel, width=coarse.shape[1], height=coarse.shape[0])
    return write_wall_mesh(_flat(grid, coarse), orthophoto.metric, orthophoto, few, folder, report)


def forecast_mosaic_mesh(orthophoto: Orthophoto, options: MeshOptions) -> int:
    """Bytes: a texel several times over, and the plane's nodes."""
    scale = min(1.0, options.texture_px / max(orthophoto.width, orthophoto.height))
    return int(1_000_000_000 + orthophoto.width * orthophoto.height * scale**2 * 20)


def flat_surface(frame: MosaicFrame, views: list[FlatView], report: Progress) -> HeightSurface:
    """The plane y = 0, known where a picture shows it."""
    step = max(frame.x_max - frame.x_min, frame.z_max - frame.z_min) / SURFACE_PX
    width = max(2, math.ceil((frame.x_max - frame.x_min) / step))
    height = max(2, math.ceil((frame.z_max - frame.z_min) / step))
    grid = RasterGrid(x_min=frame.x_min, z_max=frame.z_max, pixel=step, width=width, height=height)
    everywhere = _flat(grid, np.ones((height, width), bool))
    return _flat(grid, coverage(list(views), grid, everywhere, report) > 0)


def _thumbnail_sizes(views: list[FlatView]) -> tuple[int, ...]:
    """Longer sides of thumbnails that all have one resolution on the wall, as broad colours of two pictures are compared."""
    extents = [view.pixel * max(view.lens.width, view.lens.height) for view in views]
    return tuple(max(LEAST_THUMBNAIL, math.ceil(THUMBNAIL_PX * extent / max(extents))) for extent in extents)


def _flat(grid: RasterGrid, known: NDArray[np.bool_]) -> HeightSurface:
    return HeightSurface(grid, np.where(known, np.float32(0), np.float32(np.nan)).astype(np.float32))


def _pixel(frame: MosaicFrame, finest: float, megapixels: float) -> float:
    """The finest picture's pixel, or the smallest that keeps the extent within the megapixels; in units."""
    area = (frame.x_max - frame.x_min) * (frame.z_max - frame.z_min)
    return max(finest, math.sqrt(area / (megapixels * 1e6)))
