"""Looks of many photos at the same places of the wall: the evidence for exposure."""

from __future__ import annotations

import math

import numpy as np

from ..contract import Progress
from ..formats import RasterGrid
from .exposure import Samples
from .height_map import HeightSurface
from .region import PhotoFootprints, rows_and_columns
from .thumbnails import Thumbnails
from .view import LEAST_FRONTALITY, PlacedPhoto

_ACROSS = 24  # places along the shorter side of a usual footprint
_RIM = 0.01  # of the photo's sides: not sampled, thumbnails blur there


def sample_colours(
    views: list[PlacedPhoto], footprints: PhotoFootprints, surface: HeightSurface, thumbnails: Thumbnails, report: Progress
) -> Samples:
    """The light of every photo at a grid of places over the known wall."""
    side = float(np.median(np.minimum(*(footprints.high - footprints.low).T)))
    step = side / _ACROSS
    low, high = footprints.low.min(0), footprints.high.max(0)
    width, height = (max(1, math.ceil(extent / step)) for extent in high - low)
    grid = RasterGrid(x_min=float(low[0]), z_max=float(high[1]), pixel=step, width=width, height=height)
    photo, place, radius, light = [], [], [], []
    for index, view in enumerate(views):
        report.check()
        rows, columns = rows_and_columns(grid, np.stack([footprints.low[index], footprints.high[index]]))
        x, z = np.meshgrid(grid.x_centres(columns.start, columns.stop), grid.z_centres(rows.start, rows.stop))
        if not x.size:
            continue
        y = surface(x, z)
        column, row = view.project(x, y, z)
        u, v = column / view.lens.width, row / view.lens.height
        ray = np.stack([x, y, z], axis=-1) - view.centre
        frontal = ray[..., 1] > LEAST_FRONTALITY * np.linalg.norm(ray, axis=-1)
        inside = (np.minimum(u, 1 - u) > _RIM) & (np.minimum(v, 1 - v) > _RIM) & frontal & surface.is_known(x, z)
        found = thumbnails.sample(index, np.nan_to_num(u), np.nan_to_num(v))[inside]
        number = np.arange(rows.start, rows.stop)[:, None] * grid.width + np.arange(columns.start, columns.stop)
        a, b = (2 * u - 1) * view.lens.width, (2 * v - 1) * view.lens.height
        photo.append(np.full(len(found), index))
        place.append(number[inside])
        radius.append(((a**2 + b**2) / (view.lens.width**2 + view.lens.height**2))[inside])
        light.append(found.astype(np.float64))
    return Samples(np.concatenate(photo), np.concatenate(place), np.concatenate(radius), np.concatenate(light))
