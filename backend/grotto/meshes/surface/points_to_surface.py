"""A mesh from points with normals: by moving least squares, by radial basis functions, or by Poisson's equation."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree

from ...contract import bad_input
from ...formats import Mesh, PointCloud, read_mesh_ply
from .marching_cubes import in_known_cells, triangles
from .point_normals import point_normals

_FEWEST = 20
_NEIGHBOURS = 24
_MARGIN = 4  # steps around the points
_WITHIN_REACH = 12  # what is no further from a point than this many of its neighbours are counts as seen
_LEAST = 1e-4  # steps between a vertex and a grid point
_VERTEX = np.dtype([("place", "<f4", 3), ("normal", "<f4", 3)])


def points_to_surface(
    cloud: PointCloud,
    normals: NDArray[np.floating] | None = None,
    *,
    method: Literal["poisson", "mls", "rbf"] = "poisson",
    resolution: int = 128,
    viewpoints: NDArray[np.floating] | None = None,
) -> Mesh:
    """The surface through points, with their colours; `seen` is 0 where the nearest point is far.

    `normals` (n, 3) look outwards; None finds them from neighbours, turned to `viewpoints` (n, 3) or (3,) where given.
    `resolution` is the number of cells along the longest side.
    poisson: carried on across gaps, closed unless one is so large that the surface leaves the box in it (Kazhdan and Hoppe
    2013, as COLMAP has it); for noise and uneven points.
    mls: averages the planes of near points (Kolluri 2005); follows detail, open where there are no points.
    rbf: cubic radial basis functions through points and their offsets (Carr et al. 2001), local; exact on few, clean
    points, and slow: about a minute for 100,000 cells of surface.
    Raises a bad-input problem for fewer than 20 points, points in one plane's line, or no numbers.
    """
    points, colours = _distinct(cloud)
    tree = cKDTree(points)
    around = tree.query(points, k=_WITHIN_REACH + 1)[0]
    spacing = float(np.median(around[:, 4]))  # of an even grid the pitch, of random points that of a grid as dense
    if normals is None:
        views = np.broadcast_to(viewpoints, cloud.points.shape) if viewpoints is not None else None
        facing = point_normals(points, None if views is None else views[_kept(cloud)])
    else:
        facing = np.asarray(normals, np.float64)[_kept(cloud)]
        facing = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
        if not np.isfinite(facing).all():
            raise bad_input("normals of points are no numbers", "leave the normals out, so that they are found")
    if method == "poisson":
        vertices, faces = _poisson(points, facing, resolution)
    else:
        vertices, faces = _band(points, facing, resolution, spacing, method)
    if not len(faces):
        raise bad_input("the points give no surface", "use more points, or another method")
    distance, near = tree.query(vertices, k=4)
    share = 1.0 / np.maximum(distance, 1e-3 * spacing)
    mixed = (colours[near] * share[..., None]).sum(axis=1) / share.sum(axis=1, keepdims=True)
    seen = (distance[:, 0] <= around[near[:, 0], -1]).astype(np.float32)
    return Mesh(vertices=vertices.astype(np.float32), faces=faces, colours=(mixed / 255).astype(np.float32), seen=seen)


def _kept(cloud: PointCloud) -> NDArray[np.int64]:
    """Places of points that are numbers, one for each position."""
    good = np.flatnonzero(np.isfinite(cloud.points).all(axis=1))
    return np.sort(good[np.unique(cloud.points[good], axis=0, return_index=True)[1]])


def _distinct(cloud: PointCloud) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    kept = _kept(cloud)
    points = cloud.points[kept].astype(np.float64)
    if len(points) < _FEWEST:
        raise bad_input(f"{len(points)} points are too few for a surface", f"use {_FEWEST} points or more")
    scale = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    if scale[1] < 1e-6 * scale[0]:
        raise bad_input("the points lie on a line", "use points on a surface")
    return points, cloud.colours[kept].astype(np.float64)


def _poisson(
    points: NDArray[np.float64], normals: NDArray[np.float64], resolution: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    import pycolmap

    centre = points.mean(axis=0)
    rows = np.zeros(len(points), _VERTEX)
    rows["place"], rows["normal"] = points - centre, normals
    names = "".join(f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz"))
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(rows)}\n{names}end_header\n"
    options = pycolmap.PoissonMeshingOptions()
    options.depth = max(3, math.ceil(math.log2(resolution)))
    options.color = False
    options.trim = 0.0
    unsolved = bad_input("Poisson's equation has no solution for these points", "use more points, or another method")
    with tempfile.TemporaryDirectory(prefix="grotto-poisson-") as folder:
        given, made = Path(folder) / "points.ply", Path(folder) / "surface.ply"
        given.write_bytes(header.encode("ascii") + rows.tobytes())
        try:
            pycolmap.poisson_meshing(given, made, options)
        except (RuntimeError, ValueError) as error:
            raise bad_input(
                "Poisson's equation has no solution for these points", "use more points, or another method"
            ) from error
        if not made.is_file():
            raise unsolved
        mesh = read_mesh_ply(made)
    return mesh.vertices.astype(np.float64) + centre, mesh.faces


def _band(
    points: NDArray[np.float64], normals: NDArray[np.float64], resolution: int, spacing: float, method: str
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The surface of values at grid points near to points; cells of which a corner is far have none."""
    low = points.min(axis=0)
    step = float(np.ptp(points, axis=0).max()) / resolution
    origin = low - _MARGIN * step
    shape = np.ceil(np.ptp(points, axis=0) / step).astype(int) + 2 * _MARGIN + 1
    reach = math.sqrt(3.0) * step + spacing
    occupied = np.zeros(shape, bool)
    occupied[tuple(np.rint((points - origin) / step).astype(int).T)] = True
    candidates = np.argwhere(binary_dilation(occupied, iterations=math.ceil(math.sqrt(3.0) * reach / step)))
    places = origin + step * candidates
    count = min(_NEIGHBOURS, len(points))
    distance, near = cKDTree(points).query(places, k=count)
    inside = distance[:, 0] <= reach
    candidates, places, distance, near = candidates[inside], places[inside], distance[inside], near[inside]
    if method == "mls":
        width = max(spacing, 0.5 * step)
        weight = np.exp(-((distance / width) ** 2) + ((distance[:, :1] / width) ** 2))  # of the nearest 1: no underflow
        heights = ((places[:, None] - points[near]) * normals[near]).sum(axis=2)
        found = (weight * heights).sum(axis=1) / weight.sum(axis=1)
    else:
        off = 0.5 * spacing * normals
        centres = np.concatenate([points, points + off, points - off])
        heights = np.repeat([0.0, 0.5 * spacing, -0.5 * spacing], len(points))
        solve = RBFInterpolator(centres, heights, neighbors=min(3 * count, len(centres)), kernel="cubic")
        found = solve(places)
    grid = np.full(shape, -1.0, np.float32)
    unknown = np.ones(shape, np.uint8)
    at = tuple(candidates.T)
    grid[at], unknown[at] = -found / step, 0
    if not ((grid > 0).any() and (grid < 0).any()):
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    vertices, faces = triangles(grid, _LEAST)
    faces = faces[in_known_cells(vertices, faces, unknown)]
    used, place = np.unique(faces, return_inverse=True)
    return vertices[used] * step + origin, place.reshape(-1, 3).astype(np.int32)


def seen_surface(mesh: Mesh) -> Mesh:
    """The faces of a mesh whose vertices are all seen: Poisson's surface also closes where there are no points."""
    return mesh if mesh.seen is None else replace(mesh, faces=mesh.faces[(mesh.seen > 0)[mesh.faces].all(axis=1)])
