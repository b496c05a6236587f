"""The stage `height`: from sparse points to the wall's relief."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import Progress
from ..contract.options import HeightOptions
from ..formats import RasterGrid, write_float_tiff
from ..sfm.wall import WallFrame
from .height_map import HeightMap, HeightSurface
from .points import WallPoints, read_points, without_outliers
from .region import coverage, footprint_side, known_region
from .relief import choose_length, fit_relief, height_step
from .view import PlacedPhoto, plane, views_of

HEIGHT_FILE = "height.tif"
PREVIEW_FILE = "height.png"
_MARGIN = 0.6  # of a footprint's shorter side: how far the wall may go beyond its points
_MOST_SAMPLES = 400_000_000
_BYTES_PER_POINT = 1500
_FIXED_BYTES = 450_000_000  # of the largest piece that is solved in one go


def make_height_map(frame: WallFrame, options: HeightOptions, folder: Path, report: Progress) -> HeightMap:
    """Fit the wall's relief to the sparse points and write it as a float32 GeoTIFF of heights in mm.

    Raises a bad-input problem where the model has next to no points or cameras.
    """
    report(0.0, "reading points")
    model = frame.read_model()
    views = views_of(model)
    points = without_outliers(read_points(model, report))
    step = options.height_spacing_mm / 1000.0 if options.height_spacing_mm > 0 else height_step(points)
    side = footprint_side(views, plane)
    grid = _grid(points, views, step, side)
    report(0.2, "choosing how smooth the relief is")
    length = choose_length(points)
    report(0.3, f"fitting the relief to {len(points)} points")
    heights = -1000.0 * fit_relief(points, grid, length, lambda part, words: report(0.3 + 0.5 * part, words))
    report(0.8, "finding the wall's outline")
    surface = HeightSurface(grid, heights)
    counts = coverage(views, grid, surface, report)
    heights[~known_region(points, counts, grid, side)] = np.nan
    grid, heights = _cropped(grid, heights)
    unit = "mm" if frame.metric else "thousandths of a unit"
    write_float_tiff(folder / HEIGHT_FILE, grid, heights, {"unit": unit, "meaning": "height towards the cameras, -y"})
    write_preview(folder / PREVIEW_FILE, heights)
    report.preview(folder / PREVIEW_FILE)
    report(1.0)
    return HeightMap(
        folder=folder,
        file=HEIGHT_FILE,
        x_min=grid.x_min,
        z_max=grid.z_max,
        step=grid.pixel,
        width=grid.width,
        height=grid.height,
        metric=frame.metric,
    )


def forecast_height_map(frame: WallFrame, options: HeightOptions) -> int:
    """Bytes that `make_height_map` will hold at most, from the number of points on file."""
    points = (Path(frame.folder) / frame.model / "points3D.bin").stat().st_size / 150
    return int(_FIXED_BYTES + points * _BYTES_PER_POINT)


def _grid(points: WallPoints, views: list[PlacedPhoto], step: float, side: float) -> RasterGrid:
    """The grid of whole steps over all that photos see, at most a margin beyond the points."""
    seen = np.concatenate([view.footprint(plane) for view in views])
    margin = _MARGIN * side
    x_min, x_max = max(points.x.min() - margin, seen[:, 0].min()), min(points.x.max() + margin, seen[:, 0].max())
    z_min, z_max = max(points.z.min() - margin, seen[:, 1].min()), min(points.z.max() + margin, seen[:, 1].max())
    step = max(step, math.sqrt((x_max - x_min) * (z_max - z_min) / _MOST_SAMPLES))
    left, top = math.floor(x_min / step), math.ceil(z_max / step)
    width, height = math.ceil(x_max / step) - left, top - math.floor(z_min / step)
    return RasterGrid(x_min=left * step, z_max=top * step, pixel=step, width=max(width, 2), height=max(height, 2))


def _cropped(grid: RasterGrid, heights: NDArray[np.float32]) -> tuple[RasterGrid, NDArray[np.float32]]:
    """The smallest grid that holds every known height."""
    rows, columns = np.nonzero(np.isfinite(heights).any(1))[0], np.nonzero(np.isfinite(heights).any(0))[0]
    if not len(rows):
        return grid, heights
    top, left = int(rows[0]), int(columns[0])
    part = np.ascontiguousarray(heights[top : rows[-1] + 1, left : columns[-1] + 1])
    x_min, z_max = grid.x_min + left * grid.pixel, grid.z_max - top * grid.pixel
    return RasterGrid(x_min=x_min, z_max=z_max, pixel=grid.pixel, width=part.shape[1], height=part.shape[0]), part


def write_preview(path: Path, heights: NDArray[np.float32], longest: int = 1024) -> None:
    """A picture of the relief: colours for height between its 2nd and 98th hundredth, shaded from the upper left."""
    scale = min(1.0, longest / max(heights.shape))
    small = cv2.resize(heights, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST) if scale < 1 else heights
    known = np.isfinite(small)
    if not known.any():
        return
    low, high = np.percentile(small[known], [2, 98])
    filled = np.where(known, small, low)
    level = np.clip((filled - low) / max(high - low, 1e-6), 0, 1)
    colours = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS).astype(np.float32)
    slope_z, slope_x = np.gradient(cv2.GaussianBlur(filled, (0, 0), 1.0))
    slope = (slope_x + slope_z) / max(float(np.std(slope_x[known] + slope_z[known])), 1e-9)
    shaded = np.clip(colours * (1.0 - 0.15 * np.clip(slope, -2, 2))[..., None], 0, 255)
    cv2.imwrite(str(path), np.dstack([shaded, known * 255.0]).astype(np.uint8))
