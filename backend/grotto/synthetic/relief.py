"""The wall's surface: sag, waves and bumps as a height field, and rays that meet it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..contract import bad_input
from ..contract.options import MakeWallOptions

STEP = 0.0025  # metres between samples: a tenth of the smallest bump
STEEPEST = 0.6  # rise over run; a ray's own slope in a photo's corner rarely exceeds one half

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]


@dataclass(frozen=True)
class Surface:
    """A height field y(x, z), bilinear between samples on a regular grid. The grid's first sample is at x_min, z_min."""

    x_min: float
    z_min: float
    step: float
    y: Array32  # (rows upward in z, columns in x)

    def height_at(self, x: Array32, z: Array32) -> Array32:
        """y at x, z (two-dimensional arrays); outside the grid the border's value holds."""
        columns = (x - np.float32(self.x_min)) / np.float32(self.step)
        rows = (z - np.float32(self.z_min)) / np.float32(self.step)
        y = cv2.remap(self.y, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(y, dtype=np.float32)

    def axes(self) -> tuple[Array, Array]:
        """The samples' x (n,) and z (m,)."""
        rows, columns = self.y.shape
        return self.x_min + self.step * np.arange(columns, dtype=np.float64), self.z_min + self.step * np.arange(
            rows, dtype=np.float64
        )


def make_surface(extent: tuple[float, float, float, float], options: MakeWallOptions, rng: np.random.Generator) -> Surface:
    """A wall over x_min, x_max, z_min, z_max; its best plane is y = 0.

    Raises bad input where so much relief on so small a wall would be too steep for rays to settle on it.
    """
    x_min, x_max, z_min, z_max = extent
    columns = int(np.ceil((x_max - x_min) / STEP)) + 2
    rows = int(np.ceil((z_max - z_min) / STEP)) + 2
    x = np.linspace(-1.0, 1.0, columns)[None, :]
    y = 1e-3 * options.sag_mm * np.broadcast_to(x**2, (rows, columns))
    y = y + 1e-3 * options.undulation_mm * _unit_range(_smooth_noise((rows, columns), 0.45 / STEP, rng))
    bumps = _smooth_noise((rows, columns), 0.05 / STEP, rng) + 0.6 * _smooth_noise((rows, columns), 0.025 / STEP, rng)
    y = y + 1e-3 * options.bumps_mm * bumps / (4.0 * bumps.std())
    y = _without_plane(y)
    if max(float(np.abs(np.diff(y, axis=axis)).max()) for axis in (0, 1)) > STEEPEST * STEP:
        raise bad_input("the wall would be too steep for its size", "ask for less sag, undulation or bumps, or for more photos")
    return Surface(x_min, z_min, STEP, y.astype(np.float32))


def meet(surface: Surface, origin: Array, directions: Array32) -> tuple[Array32, Array32]:
    """Where rays (h, w, 3) from `origin` (3,) meet the surface: x and z, each (h, w).

    The depth is a fixed point of y(ray(depth)) = surface: on a wall whose slope times the ray's is far below one, each
    round shrinks the error by that product. A coarse grid of rays settles first, so that few full rounds are needed.
    """
    height, width = directions.shape[:2]
    coarse_size = (max(2, width // 8), max(2, height // 8))
    coarse = np.asarray(cv2.resize(directions, coarse_size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    depth: Array32 = np.float32(-origin[1]) / coarse[..., 1]
    for _ in range(6):
        depth = _closer(surface, origin, coarse, depth)
    depth = np.asarray(cv2.resize(depth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    for _ in range(4):
        depth = _closer(surface, origin, directions, depth)
    return _along_rays(origin, directions, depth)


def _closer(surface: Surface, origin: Array, directions: Array32, depth: Array32) -> Array32:
    x, z = _along_rays(origin, directions, depth)
    closer: Array32 = (surface.height_at(x, z) - np.float32(origin[1])) / directions[..., 1]
    return closer


def _along_rays(origin: Array, directions: Array32, depth: Array32) -> tuple[Array32, Array32]:
    """x and z of the rays at a depth, depth being measured along the ray's own direction vector."""
    x: Array32 = np.float32(origin[0]) + depth * directions[..., 0]
    z: Array32 = np.float32(origin[2]) + depth * directions[..., 2]
    return x, z


def _smooth_noise(shape: tuple[int, int], cell: float, rng: np.random.Generator) -> Array:
    """Noise whose features are about `cell` samples wide."""
    rows, columns = int(np.ceil(shape[0] / cell)) + 3, int(np.ceil(shape[1] / cell)) + 3
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    x = (np.arange(shape[1], dtype=np.float32) / np.float32(cell)) + 1
    z = (np.arange(shape[0], dtype=np.float32) / np.float32(cell)) + 1
    grid_x, grid_z = np.meshgrid(x, z)
    return cv2.remap(coarse, grid_x, grid_z, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT).astype(np.float64)


def _unit_range(values: Array) -> Array:
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else values * 0.0


def _without_plane(y: Array) -> Array:
    """y less its least-squares plane; on a full regular grid, the three coefficients decouple."""
    rows, columns = y.shape
    x = np.arange(columns) - (columns - 1) / 2
    z = np.arange(rows) - (rows - 1) / 2
    along = (y.mean(0) * x).sum() / (x**2).sum()
    up = (y.mean(1) * z).sum() / (z**2).sum()
    return y - y.mean() - along * x[None, :] - up * z[:, None]
