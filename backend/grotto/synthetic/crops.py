"""Windows cut out of one flat painting, as the MuralDH comparison of the murals' paper does (see docs/benchmarks)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contract import bad_input
from ..contract.options import MakeWallOptions
from .rail import LEVEL_CAMERA_FROM_WALL
from .truth import CameraTruth, PhotoTruth


@dataclass(frozen=True)
class CropWindows:
    """Equal windows on a grid: left edges of the columns, top edges of the rows, in whole painting pixels."""

    width: int
    height: int
    lefts: tuple[int, ...]
    tops: tuple[int, ...]

    def photos(self, camera: CameraTruth, painting_height: int) -> tuple[PhotoTruth, ...]:
        """The windows, row by row from the top. Their poses are those of a level camera at its focal length from the
        painting, in units of a painting pixel: any other focal length at its own distance sees the same."""
        photos: list[PhotoTruth] = []
        for row, top in enumerate(self.tops):
            for column, left in enumerate(self.lefts):
                centre = np.array([left + self.width / 2, -camera.focal_px, painting_height - (top + self.height / 2)])
                camera_from_wall = np.column_stack([LEVEL_CAMERA_FROM_WALL, -LEVEL_CAMERA_FROM_WALL @ centre])
                photos.append(
                    PhotoTruth(
                        name=f"{len(photos) + 1:04d}.jpg",
                        camera=0,
                        row=row,
                        column=column,
                        offset_px=(left, top),
                        camera_from_world=tuple(tuple(float(v) for v in line) for line in camera_from_wall),
                    )
                )
        return tuple(photos)


def crop_windows(options: MakeWallOptions, columns: int, rows: int, rng: np.random.Generator) -> CropWindows:
    """Windows that span the painting; the overlap of each step is drawn uniformly from the given range."""
    if options.most_crop_overlap < options.least_crop_overlap:
        raise bad_input("the most crop overlap is below the least", "give the larger part as most_crop_overlap")
    width, lefts = _along(options, columns, rng)
    height, tops = _along(options, rows, rng)
    return CropWindows(width, height, lefts, tops)


def _along(options: MakeWallOptions, count: int, rng: np.random.Generator) -> tuple[int, tuple[int, ...]]:
    overlaps = rng.uniform(options.least_crop_overlap, options.most_crop_overlap, count - 1)
    starts = np.concatenate([[0.0], np.cumsum(1.0 - overlaps)])  # in windows
    size = int(options.painting_px / (starts[-1] + 1.0))
    if size < 64:
        raise bad_input(f"the crops would be {size} pixels wide", "give a larger painting, or fewer crops")
    return size, tuple(int(start * size) for start in starts)
