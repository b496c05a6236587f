"""A small finished wall job written as its stages write it: orthophoto, height map and result, with known relief."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from grotto.contract import Asset, Result
from grotto.formats import RasterGrid, write_artefact, write_float_tiff, write_ortho_tiff
from grotto.ortho import HeightMap, Orthophoto

PIXEL, WIDTH, HEIGHT = 0.004, 300, 220  # m, px: a wall of 1.2 x .88 m
X_MIN, Z_MAX = -0.6, 1.5
STEP = 0.02  # of the height map, m
FIGURE = (90, 60, 190, 160)  # box of the disc that is painted on it, px


def relief_mm(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """How far the wall stands out at (x, z) in m."""
    return 15 * np.sin(4 * x) * np.cos(3 * z) + 20 * x + 5


def painted() -> np.ndarray:
    """The wall's paint (h, w, 3): ochre stripes, and a blue disc with a red one in it."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    ground = np.stack([200 + 20 * np.sin(x / 5), 170 + 20 * np.sin(y / 7), 120 + 0 * x], axis=2)
    away = np.hypot(x - 140, y - 110)[..., None]
    return np.where(away < 20, [180, 40, 30], np.where(away < 50, [40, 60, 150], ground)).astype(np.uint8)


def finished_wall(folder: Path, hole: tuple[slice, slice] | None = None, metric: bool = True) -> Path:
    """Write the job; `hole` are rows and columns of the height map where nothing is known."""
    for name in ("height", "orthophoto"):
        (folder / name).mkdir(parents=True)
    grid = RasterGrid(x_min=X_MIN, z_max=Z_MAX, pixel=STEP, width=60, height=44)
    heights = relief_mm(grid.x_centres()[None, :], grid.z_centres()[:, None]).astype(np.float32)
    if hole is not None:
        heights[hole] = np.nan
    write_float_tiff(folder / "height/height.tif", grid, heights)
    write_artefact(HeightMap(
        folder=folder / "height", file="height.tif", x_min=X_MIN, z_max=Z_MAX, step=STEP, width=60, height=44, metric=metric,
    ))  # fmt: skip
    rgba = np.dstack([painted(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    with write_ortho_tiff(
        folder / "orthophoto/orthophoto.tif", RasterGrid(x_min=X_MIN, z_max=Z_MAX, pixel=PIXEL, width=WIDTH, height=HEIGHT)
    ) as writer:
        writer.write(0, 0, rgba)
    Image.fromarray(rgba, "RGBA").save(folder / "orthophoto/orthophoto.png")
    write_artefact(Orthophoto(
        folder=folder / "orthophoto", file="orthophoto.tif", preview="orthophoto.png", coverage_file="", x_min=X_MIN, z_max=Z_MAX,
        pixel=PIXEL, width=WIDTH, height=HEIGHT, coverage=1.0, metric=metric,
    ))  # fmt: skip
    assets = (
        Asset(kind="orthophoto", path="orthophoto/orthophoto.tif", frame="wall", units="m"),
        Asset(kind="orthophoto_preview", path="orthophoto/orthophoto.png", frame="wall", units="m"),
        Asset(kind="height_map", path="height/height.tif", frame="wall", units="mm"),
    )
    Result(recipe="wall", assets=assets, facts={"scale": "metric" if metric else "arbitrary"}).write(folder)
    return folder
