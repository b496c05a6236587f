"""A mesh from depth maps of many views, by a truncated signed distance on a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...contract import Progress, Silent, bad_input
from ...formats import Mesh
from ...scene import Camera, Region, Rendered
from .depth_view import DepthView, depth_view
from .marching_cubes import in_known_cells, triangles
from .tsdf import integrate, paint, settle

_SLAB_VOXELS = 40_000_000  # 13 bytes each
_LEAST = 2e-3  # truncations; no vertex comes nearer to a voxel's middle
_TOLERANCE = 1.5  # voxels between a vertex and a view's surface, for the view to have seen it


def fuse_depths(
    cameras: Sequence[Camera],
    renders: Sequence[Rendered],
    region: Region,
    resolution: int,
    *,
    truncation_voxels: float = 3.0,
    least_opacity: float = 0.5,
    solid: bool | None = None,
    trust: Sequence[NDArray[np.float32]] | None = None,
    report: Progress | None = None,
) -> Mesh:
    """The surface that rendered depths agree on, with colours and `seen`, faces towards the views.

    `resolution` is the number of voxels along the region's longest side. With `solid` (None: where the region is bounded)
    pixels without opacity carve, what lies behind surfaces in every view is filled, and the result is closed; filled
    parts are not `seen`. Otherwise there is no surface where nothing was seen: the result is open, and pixels without
    opacity say nothing. Depths are along the camera's z; normals of the views, where given, decide slant and weight;
    `trust` (height, width) of each view multiplies its pixels' weights.
    Raises a bad-input problem where no view shows a surface inside the region.
    """
    if len(cameras) != len(renders) or not cameras:
        raise ValueError(f"{len(cameras)} cameras and {len(renders)} renders")
    if resolution < 2 or not (region.size > 0).all():
        raise ValueError(f"a region of {region.size} with {resolution} voxels")
    report = report or Silent()
    solid = region.bounded if solid is None else solid
    step = float(region.size.max()) / resolution
    truncation = truncation_voxels * step
    views = [
        depth_view(camera, one, truncation, least_opacity, None if trust is None else trust[number])
        for number, (camera, one) in enumerate(zip(cameras, renders, strict=True))
    ]
    vertices, faces = _surface(views, region, step, truncation, solid, report)
    if len(faces):
        colours, seen = _painted(views, vertices, _TOLERANCE * step, report)
        if not solid:
            faces = faces[(seen > 0)[faces].any(axis=1)]
    if not len(faces) or not seen.any():
        raise bad_input("no view shows a surface inside the region", "enlarge the region, or look at the rendered views")
    used, place = np.unique(faces, return_inverse=True)
    report(1.0)
    return Mesh(
        vertices=vertices[used].astype(np.float32),
        faces=place.reshape(-1, 3).astype(np.int32),
        colours=colours[used],
        seen=seen[used],
    )


def _surface(
    views: Sequence[DepthView], region: Region, step: float, truncation: float, solid: bool, report: Progress
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and faces, slab by slab along x so that memory is bounded; slabs share a plane and are joined there."""
    counts = np.ceil(region.size / step - 1e-6).astype(int) + 1
    thick = int(min(counts[0], max(2, _SLAB_VOXELS // int(counts[1] * counts[2]))))
    starts = range(0, max(int(counts[0]) - 1, 1), thick - 1)
    parts: list[NDArray[np.float64]] = []
    corners: list[NDArray[np.int64]] = []
    offset = 0
    for number, start in enumerate(starts):
        end = min(start + thick, int(counts[0]))
        lowest = region.low + np.array([start * step, 0, 0])
        done = number / len(starts), 1 / len(starts)
        values, unknown = _fused(views, np.array([*lowest, step]), (end - start, *counts[1:]), truncation, solid, report, done)
        if solid:
            ends = (int(start == 0), int(end == counts[0]))
            values = np.pad(values, (ends, (1, 1), (1, 1)), constant_values=-1.0)
            lowest = lowest - step * np.array([ends[0], 1, 1])
        if not ((values > 0).any() and (values < 0).any()):
            continue
        found, faces = triangles(values, _LEAST)
        if not solid:
            faces = faces[in_known_cells(found, faces, unknown)]
        parts.append(found * step + lowest)
        corners.append(faces.astype(np.int64) + offset)
        offset += len(found)
    if not parts:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    planes = [region.lowest[0] + start * step for start in starts[1:]]
    return _joined(np.concatenate(parts), np.concatenate(corners), planes, step)


def _fused(
    views: Sequence[DepthView],
    place: NDArray[np.float64],
    shape: tuple[int, ...],
    truncation: float,
    solid: bool,
    report: Progress,
    done: tuple[float, float],
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    total, weight, free = (np.zeros(shape, np.float32) for _ in range(3))
    hidden = np.zeros(shape, np.uint8)
    for number, view in enumerate(views):
        report(0.9 * (done[0] + done[1] * number / len(views)), "fusing depths")
        integrate(
            total, weight, free, hidden, place, view.camera, view.state, view.inverse_depth, view.slant, view.weight,
            truncation, solid,
        )  # fmt: skip
    settle(total, weight, free, hidden, solid)
    return total, hidden


def _joined(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], planes: list[float], step: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices of two slabs in the plane that they share become one."""
    target = np.arange(len(vertices))
    for plane in planes:
        inside = np.flatnonzero(np.abs(vertices[:, 0] - plane) < 0.5 * _LEAST * step)
        _, lead, place = np.unique(np.round(vertices[inside] / (1e-4 * step)), axis=0, return_index=True, return_inverse=True)
        target[inside] = inside[lead[place.reshape(-1)]]
    return vertices, target[faces]


def _painted(
    views: Sequence[DepthView], vertices: NDArray[np.float64], tolerance: float, report: Progress
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours (n, 3) and seen (n,); what no view saw has the colour of the nearest vertex that one did."""
    colour, weight = np.zeros((len(vertices), 3)), np.zeros(len(vertices))
    for number, view in enumerate(views):
        report(0.9 + 0.1 * number / len(views), "colouring the mesh")
        paint(
            colour, weight, vertices, tolerance, view.camera, view.state, view.inverse_depth, view.slant, view.weight,
            view.colour,
        )  # fmt: skip
    seen = weight > 0
    colour[seen] /= weight[seen, None]
    if seen.any() and not seen.all():
        colour[~seen] = colour[seen][cKDTree(vertices[seen]).query(vertices[~seen])[1]]
    return np.clip(colour, 0, 1).astype(np.float32), seen.astype(np.float32)
