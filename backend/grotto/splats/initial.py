"""Initial splats of a fit: on given points, inside of the masks, or anywhere in the region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..formats import PointCloud
from ..scene import Region, View
from .gaussians import Gaussians, Kind
from .raster import base_of_colours

OPACITY = 0.1  # gsplat examples/simple_trainer.py: init_opa
_NEIGHBOURS = 3
_ROUNDS = 12  # of sampling points in the region until enough lie inside of all masks
_SEEN_SHARE = 0.2  # of the pictures that must contain a point
_INSIDE = 0.05  # alpha


def splats_at_points(
    points: NDArray[np.floating], colours: NDArray[np.floating], kind: Kind, degree: int, seed: int
) -> Gaussians:
    """Splats at points (n, 3) world in colours (n, 3), sRGB's values 0 to 1.

    As large as the root mean square distance to the 3 nearest neighbours, random orientations, opacity .1 (gsplat's trainer).
    """
    count = len(points)
    near = min(_NEIGHBOURS, count - 1)
    distances = cKDTree(points).query(points, k=near + 1)[0].reshape(count, -1)[:, 1:] if near else np.ones((count, 1))
    size = np.sqrt(np.mean(np.square(distances), 1)).clip(1e-7)
    generator = torch.Generator().manual_seed(seed)
    axes = 3 if kind == "3d" else 2
    return Gaussians(
        kind=kind,
        means=torch.tensor(np.asarray(points, np.float32)),
        quaternions=torch.nn.functional.normalize(torch.randn((count, 4), generator=generator), dim=1),
        log_scales=torch.tensor(np.log(size).astype(np.float32))[:, None].repeat(1, axes),
        opacity_logits=torch.full((count,), float(np.log(OPACITY / (1 - OPACITY)))),
        base=base_of_colours(torch.tensor(np.asarray(colours, np.float32))),
        rest=torch.zeros((count, (degree + 1) ** 2 - 1, 3)),
    )


def initial_points(
    views: Sequence[View], region: Region, cloud: PointCloud | None, most: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """At most `most` points (n, 3) world and colours (n, 3) 0 to 1.

    Points of the cloud (a random choice where there are more); without a cloud, points of the region inside of all masks, in
    their mean colour over the pictures.
    """
    random = np.random.default_rng(seed)
    if cloud is not None and len(cloud.points) > _NEIGHBOURS:
        chosen = np.sort(random.permutation(len(cloud.points))[:most])
        return cloud.points[chosen].astype(np.float32), (cloud.colours[chosen] / 255).astype(np.float32)
    return _sampled_points(views, region, most, random)


def _sampled_points(
    views: Sequence[View], region: Region, most: int, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    kept: list[NDArray[np.float32]] = []
    colours: list[NDArray[np.float32]] = []
    for _ in range(_ROUNDS):
        points = random.uniform(region.low, region.high, (2 * most, 3)).astype(np.float32)
        inside, colour = _inside_masks(points, views)
        kept.append(points[inside])
        colours.append(colour[inside])
        if sum(map(len, kept)) >= most:
            break
    if sum(map(len, kept)) < min(most, 100):  # contradictory masks leave nothing: begin anywhere
        points = random.uniform(region.low, region.high, (most, 3)).astype(np.float32)
        return points, np.full((most, 3), 0.5, np.float32)
    return np.concatenate(kept)[:most], np.concatenate(colours)[:most]


def _inside_masks(points: NDArray[np.float32], views: Sequence[View]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Whether points (n, 3) lie inside of all masks and in enough pictures, and their mean colours (n, 3)."""
    outside = np.zeros(len(points), bool)
    seen = np.zeros(len(points), np.int64)
    total = np.zeros((len(points), 3))
    for view in views:
        pixels, depth = view.camera.project(points)
        place = np.floor(np.clip(pixels, -1e6, 1e6)).astype(np.int64)
        in_picture = (depth > 0) & (place >= 0).all(1) & (place < (view.camera.width, view.camera.height)).all(1)
        column, row = place[in_picture].T
        seen += in_picture
        total[in_picture] += view.colour[row, column]
        if view.alpha is not None:
            outside[in_picture] |= view.alpha[row, column] < _INSIDE
    enough = seen >= max(1, round(_SEEN_SHARE * len(views)))
    return enough & ~outside, (total / np.maximum(seen, 1)[:, None]).astype(np.float32)
