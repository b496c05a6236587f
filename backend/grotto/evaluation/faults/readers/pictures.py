"""Pictures and rasters of the wall: small sound files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ....formats import (
    RasterGrid,
    read_count_tiff,
    read_float_tiff,
    read_ortho_reduced,
    write_count_tiff,
    write_float_tiff,
    write_ortho_tiff,
)
from ....photos import read_picture
from .mutations import change_bytes
from .reader import Reader


def _pictures(folder: Path) -> list[Path]:
    picture = Image.fromarray(np.random.default_rng(9).integers(0, 256, (24, 32, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a maker"
    files = []
    for ending in ("jpg", "png", "tif", "webp", "avif", "heic"):
        path = folder / f"picture.{ending}"
        if ending == "heic":
            import pillow_heif

            pillow_heif.register_heif_opener()
        if ending in ("jpg", "png"):
            picture.save(path, exif=exif)
        else:
            picture.save(path)
        files.append(path)
    return files


_GRID = RasterGrid(x_min=-1.25, z_max=2.5, pixel=0.001, width=700, height=90)
_HEIGHTS = np.random.default_rng(8).normal(size=(90, 700)).astype(np.float32)


def _rasters(folder: Path) -> list[Path]:
    write_float_tiff(folder / "heights.tif", _GRID, _HEIGHTS)
    write_count_tiff(folder / "counts.tif", _GRID, (np.abs(_HEIGHTS) * 3).astype(np.uint16))
    with write_ortho_tiff(folder / "ortho.tif", _GRID) as writer:
        writer.write(0, 0, np.repeat((np.abs(_HEIGHTS) * 80).astype(np.uint8)[..., None], 4, 2))
    return [folder / "heights.tif", folder / "counts.tif", folder / "ortho.tif"]


def _read_raster(path: Path) -> None:
    if path.stem == "heights":
        read_float_tiff(path)
    elif path.stem == "counts":
        read_count_tiff(path)
    else:
        read_ortho_reduced(path, 70, 9)


PICTURES = (
    Reader(name="pictures", make=_pictures, read=read_picture, changes=(change_bytes,)),
    Reader(name="rasters", make=_rasters, read=_read_raster, changes=(change_bytes,)),
)
