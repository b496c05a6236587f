"""The visual hull: the intersection of a subject's silhouette cones (Laurentini 1994)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .lattice import Lattice
from .view import View

_MASK_LEVEL = 0.05  # of alpha: thin parts that fill a pixel only partly belong to the subject


def visual_hull(views: Sequence[View], lattice: Lattice, *, dilation_px: float = 0.0, spared: int = 0) -> NDArray[np.bool_]:
    """Which nodes of a lattice (nx, ny, nz) may belong to the subject.

    A view refutes a node that it sees beside the mask. A node outside a picture or behind a camera is not refuted by
    that view. Masks are widened by `dilation_px` of the view's own pixels first, and `spared` views may be wrong about
    a node (1: seen by n - 1 views suffices). Views without alpha refute nothing. The hull comes out one node thicker all
    round, so that values on its rim take part in the interpolation at its surface.
    """
    refuted = np.zeros(lattice.counts, np.uint8)
    axes = [lattice.lowest[axis] + lattice.step * np.arange(lattice.counts[axis]) for axis in range(3)]
    for view in views:
        if view.alpha is None:
            continue
        mask = widened(view.alpha > _MASK_LEVEL, dilation_px)
        for row, x in enumerate(axes[0]):
            nodes = np.stack(np.meshgrid([x], axes[1], axes[2], indexing="ij"), axis=-1).reshape(-1, 3)
            pixels, depth = view.camera.project(nodes)
            place = np.floor(np.clip(pixels, -1e6, 1e6)).astype(np.int64)
            column, line = place[:, 0], place[:, 1]
            known = (depth > 0) & (column >= 0) & (line >= 0) & (column < view.camera.width) & (line < view.camera.height)
            beside = np.zeros(len(nodes), bool)
            beside[known] = ~mask[line[known], column[known]]
            refuted[row] += beside.reshape(refuted.shape[1:])
    return thicker(refuted <= spared)


def widened(mask: NDArray[np.bool_], dilation_px: float) -> NDArray[np.bool_]:
    """A mask (height, width) grown by a distance in px, or itself at 0."""
    if dilation_px <= 0:
        return mask
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= dilation_px, np.bool_)


def thicker(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(nx, ny, nz) with all 26 neighbours of each true node added."""
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(solid, np.ones((3, 3, 3), bool)), np.bool_)


def thinner(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(nx, ny, nz): what `thicker` was made of, or a little more."""
    from scipy.ndimage import binary_erosion

    return np.asarray(binary_erosion(solid, np.ones((3, 3, 3), bool)), np.bool_)
