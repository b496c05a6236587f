"""One door to the extractors of a grid's level surface."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ...formats import Mesh
from .dual_contouring import Sample, dual_contour
from .flexicubes import FlexiWeights, flexicubes
from .marching_cubes import surface_of_grid
from .marching_tetrahedra import tetrahedral_grid, tetrahedral_surface

Extractor = Literal["marching_cubes", "dual_contouring", "marching_tetrahedra", "flexicubes"]
GRID_BYTES: dict[Extractor, int] = {"marching_cubes": 24, "dual_contouring": 80, "marching_tetrahedra": 600, "flexicubes": 200}
"""Peak memory of an extraction for each value of the grid."""
_FIELD_DIFFERENCE = 0.1  # of a step, for gradients of fields that count in 32 bits


def level_surface(
    extractor: Extractor,
    values: NDArray[np.float32],
    lowest: NDArray[np.floating],
    step: float,
    level: float,
    *,
    sample: Sample | None = None,
) -> Mesh:
    """Extract the closed surface on which `values` (nx, ny, nz) is `level`, higher inside.

    `lowest` (3,) is the world position of values[0, 0, 0], `step` the distance of neighbours. `sample` gives the field at
    world points (n, 3): dual contouring takes its crossings and normals, the others read the grid alone.
    Raises a bad-input problem where there is no surface or values are not finite.
    """
    if extractor == "marching_cubes":
        return surface_of_grid(values, lowest, step, level)
    if extractor == "dual_contouring":
        return dual_contour(values, lowest, step, level, sample=sample, difference=_FIELD_DIFFERENCE)
    above = torch.from_numpy(values - np.float32(level))
    x, y, z = (float(value) for value in lowest)
    if extractor == "marching_tetrahedra":
        grid = tetrahedral_grid((x, y, z), (values.shape[0], values.shape[1], values.shape[2]), step)
        vertices, faces = tetrahedral_surface(grid, above)
    else:
        weights = FlexiWeights.plain((values.shape[0], values.shape[1], values.shape[2]))
        made = flexicubes(above, weights, (x, y, z), step, fit=False)
        vertices, faces = made.vertices, made.faces
    return Mesh(vertices=vertices.numpy(), faces=faces.numpy().astype(np.int32))
