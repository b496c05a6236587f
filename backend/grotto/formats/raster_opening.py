"""Open a GeoTIFF of ours for reading, its size judged by the blocks that it really has."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..contract import MALFORMED, bad_input, reason_of

_MOST_BLOCK_BYTES = 64 * 2**20  # ours have 1 MB
_DEFLATED = 1040  # times as large as its file a block can be at most


@contextmanager
def opened_tiff(path: Path, kind: str, bands: int) -> Iterator[Any]:
    """The file as rasterio opens it: `bands` of numbers `kind`, its pixels square and upright, all its blocks there.

    Raises bad input for anything else, and for what fails while it is read.
    """
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    if not path.is_file():
        raise bad_input(f"{path} is missing", "run the job again, or choose a complete job folder")
    try:
        # Another driver, or a file beside it, could name pixels anywhere on this machine.
        with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"), rasterio.open(path, driver="GTiff") as file:
            if file.count != bands or set(file.dtypes) != {kind}:
                raise ValueError(f"it has not {bands} bands of {kind}")
            _check_place(file)
            _check_blocks(file, path.stat().st_size)
            yield file
    except (RasterioError, CPLE_BaseError, *MALFORMED) as error:
        reason = reason_of(error) if isinstance(error, MALFORMED) else "its TIFF is damaged"
        raise bad_input(f"the raster {path.name} cannot be read ({reason})", "run the job again") from error


def _check_place(file: Any) -> None:
    at = file.transform
    if not all(map(math.isfinite, (at.a, at.c, at.e, at.f))) or at.a <= 0 or at.b or at.d or not math.isclose(at.e, -at.a):
        raise ValueError("its pixels are not square and upright")


def _check_blocks(file: Any, file_bytes: int) -> None:
    """Raise ValueError where the header announces more than the blocks of the file hold.

    Deflate packs a block of one value a thousand times, so a sound map may be far larger than its file; a header that
    contradicts its blocks is what asks for memory without end.
    """
    rows, columns = file.block_shapes[0]
    block_bytes = rows * columns * sum(np.dtype(name).itemsize for name in file.dtypes)
    down, across = -(-file.height // rows), -(-file.width // columns)
    if block_bytes > _MOST_BLOCK_BYTES or down * across > file_bytes // 4:
        raise ValueError("its size is not that of its parts")
    held = 0
    for row in range(down):
        for column in range(across):
            size = int(file.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=1) or 0)
            held += size
            if block_bytes > _DEFLATED * size or held > file_bytes:
                raise ValueError("a part of it is missing")
