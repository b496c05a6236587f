"""Georeferenced rasters of the wall: orthophotos (RGBA) and float32 maps, as tiled GeoTIFF.

The plane of the raster is the wall: its first axis is x along the wall, its second is z up. The affine transform holds
units (metres where the wall is metric) in a local engineering frame, so no coordinate system on earth is claimed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .raster_opening import opened_tiff

if TYPE_CHECKING:  # GDAL is loaded by the calls that open a file
    from rasterio.transform import Affine

TILE = 512  # px; rows and columns of a tile of every raster we write
_LEAST_OVERVIEW = 256  # px; no overview is made smaller than this


@dataclass(frozen=True, kw_only=True)
class RasterGrid:
    """Where a raster lies on the wall: the outer corner of its top left pixel and the pixel size, in units."""

    x_min: float
    z_max: float
    pixel: float
    width: int
    height: int

    def transform(self) -> Affine:
        """(x, z) in units from (column, row), corners of pixels at whole numbers."""
        from rasterio.transform import Affine

        return Affine(self.pixel, 0.0, self.x_min, 0.0, -self.pixel, self.z_max)

    def x_centres(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """x of the centres of columns start to stop, in units."""
        return self.x_min + (np.arange(start, self.width if stop is None else stop, dtype=np.float64) + 0.5) * self.pixel

    def z_centres(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """z of the centres of rows start to stop, in units."""
        return self.z_max - (np.arange(start, self.height if stop is None else stop, dtype=np.float64) + 0.5) * self.pixel


def _grid(file: Any) -> RasterGrid:
    at: Affine = file.transform
    return RasterGrid(x_min=at.c, z_max=at.f, pixel=at.a, width=file.width, height=file.height)


def _profile(grid: RasterGrid, bands: int, dtype: str, predictor: int) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": bands,
        "dtype": dtype,
        "transform": grid.transform(),
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "compress": "deflate",
        "predictor": predictor,
        "zlevel": 6,
        "interleave": "pixel",
        "BIGTIFF": "IF_SAFER",
        "NUM_THREADS": os.cpu_count() or 1,
    }


class OrthoWriter:
    """Windows of an RGBA raster on their way to disk, in any order; windows never written are transparent."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, column: int, row: int, rgba: NDArray[np.uint8]) -> None:
        """Put rgba (h, w, 4) with its top left pixel at (column, row). Fast where both are multiples of TILE."""
        from rasterio.windows import Window

        window = Window(column, row, rgba.shape[1], rgba.shape[0])
        self._file.write(np.moveaxis(rgba, 2, 0), window=window)


@contextmanager
def write_ortho_tiff(path: Path, grid: RasterGrid, tags: dict[str, str] | None = None) -> Iterator[OrthoWriter]:
    """Open a tiled RGBA GeoTIFF for windows; on leaving without an error, overviews are added."""
    import rasterio
    from rasterio.enums import ColorInterp

    profile = _profile(grid, 4, "uint8", 2)
    with rasterio.open(path, "w", photometric="RGB", ALPHA="NON-PREMULTIPLIED", **profile) as file:
        file.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
        file.update_tags(AREA_OR_POINT="Area", **(tags or {}))
        yield OrthoWriter(file)
    _add_overviews(path, grid)


def _add_overviews(path: Path, grid: RasterGrid) -> None:
    factors = []
    factor = 2
    while max(grid.width, grid.height) / factor >= _LEAST_OVERVIEW:
        factors.append(factor)
        factor *= 2
    if not factors:
        return
    import rasterio
    from rasterio.enums import Resampling

    options = {"COMPRESS_OVERVIEW": "DEFLATE", "PREDICTOR_OVERVIEW": "2", "BIGTIFF_OVERVIEW": "IF_SAFER"}
    with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS", **options), rasterio.open(path, "r+") as file:
        file.build_overviews(factors, Resampling.average)


def read_ortho_window(path: Path, column: int, row: int, width: int, height: int) -> NDArray[np.uint8]:
    """Pixels (height, width, 4) of an RGBA raster at full resolution. Raises bad input where the file is none."""
    from rasterio.windows import Window

    with opened_tiff(path, "uint8", 4) as file:
        return np.moveaxis(file.read(window=Window(column, row, width, height)), 0, 2)


def read_ortho_reduced(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """The whole RGBA raster reduced by area to (height, width, 4), through its overviews. Raises bad input where it is none."""
    from rasterio.enums import Resampling

    with opened_tiff(path, "uint8", 4) as file:
        shape = (file.count, height, width)
        return np.moveaxis(file.read(out_shape=shape, resampling=Resampling.average), 0, 2)


def write_float_tiff(path: Path, grid: RasterGrid, values: NDArray[np.float32], tags: dict[str, str] | None = None) -> None:
    """Write a map (height, width) float32, NaN where unknown."""
    import rasterio

    profile = _profile(grid, 1, "float32", 3)
    with rasterio.open(path, "w", nodata=float("nan"), **profile) as file:
        file.write(values.astype(np.float32), 1)
        file.update_tags(AREA_OR_POINT="Area", **(tags or {}))


def read_float_tiff(path: Path) -> tuple[RasterGrid, NDArray[np.float32]]:
    """Where the map lies, and its values (height, width) float32, NaN where unknown. Raises bad input where it is no such map."""
    with opened_tiff(path, "float32", 1) as file:
        return _grid(file), file.read(1)


def write_count_tiff(path: Path, grid: RasterGrid, counts: NDArray[np.uint16]) -> None:
    """Write a map of counts (height, width) uint16."""
    import rasterio

    with rasterio.open(path, "w", **_profile(grid, 1, "uint16", 2)) as file:
        file.write(counts, 1)


def read_count_tiff(path: Path) -> tuple[RasterGrid, NDArray[np.uint16]]:
    """Where the map of counts lies, and the counts (height, width) uint16. Raises bad input where it is no such map."""
    with opened_tiff(path, "uint16", 1) as file:
        return _grid(file), file.read(1)
