"""From a solid to the closed triangle mesh that is an object's truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from .implicit import Array, Solid, gradient

_BLOCK = 8  # cells along a block's side
_STEEPEST = 1.6  # first-order distances may be too long by this


def surface_mesh(solid: Solid, middle: tuple[float, float, float], reach: float, cells: int) -> tuple[Array, NDArray[np.int32]]:
    """Vertices (v, 3) and faces (f, 3) of a solid inside the cube that reaches
    `reach` from its middle to each side, with `cells` along a side.

    Only blocks near the surface are evaluated. Vertices are brought onto the surface by a Newton step, so curves are
    smoother than the grid. Faces are counter-clockwise from outside.
    """
    blocks = -(-cells // _BLOCK)
    step = 2 * reach / (blocks * _BLOCK)
    lowest = np.asarray(middle, np.float32) - np.float32(reach)
    values = _sparse_values(solid, lowest, blocks, step)
    raw_vertices, raw_faces, _, _ = marching_cubes(values, 0.0, gradient_direction="descent")  # type: ignore[no-untyped-call]
    vertices = (raw_vertices * step + lowest).astype(np.float32)
    # Never past a neighbour, so that faces stay unfolded.
    shift = np.clip(solid(vertices), -0.25 * step, 0.25 * step)
    vertices = vertices - shift[:, None] * gradient(solid, vertices, 0.25 * step)
    return vertices.astype(np.float32), raw_faces.astype(np.int32)


def _sparse_values(solid: Solid, lowest: Array, blocks: int, step: float) -> Array:
    """(n, n, n) distances at the grid's corners; far from the surface, those of the block's middle."""
    count = blocks * _BLOCK + 1
    middles = (np.arange(blocks) + 0.5) * _BLOCK * step
    centres = np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), -1).reshape(-1, 3).astype(np.float32)
    coarse = solid(centres + lowest)
    values = np.full((count, count, count), np.float32(step * count))
    half_diagonal = 0.5 * np.sqrt(3) * _BLOCK * step
    shape = (blocks, blocks, blocks)
    near = np.flatnonzero(np.abs(coarse) < _STEEPEST * half_diagonal)
    for block in np.flatnonzero(coarse <= -_STEEPEST * half_diagonal):
        i, j, k = (index * _BLOCK for index in np.unravel_index(block, shape))
        values[i : i + _BLOCK + 1, j : j + _BLOCK + 1, k : k + _BLOCK + 1] = coarse[block]
    ladder = np.arange(_BLOCK + 1)
    corner = np.stack(np.meshgrid(ladder, ladder, ladder, indexing="ij"), -1).reshape(-1, 3)
    origins = np.stack(np.unravel_index(near, shape), axis=1) * _BLOCK
    nodes = (origins[:, None] + corner[None]).reshape(-1, 3)
    values[nodes[:, 0], nodes[:, 1], nodes[:, 2]] = solid((nodes * step + lowest).astype(np.float32))
    return values
