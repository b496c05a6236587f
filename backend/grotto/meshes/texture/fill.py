"""Colours where no photo looked: carried over the surface, then over the texture's empty parts."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import cg

Array32 = NDArray[np.float32]

_GREY = 0.5  # of what nothing at all is known


def inpaint_surface(faces: NDArray[np.integer], colours: Array32, known: NDArray[np.bool_], guess: Array32 | None) -> Array32:
    """Colours (n, 3) for all vertices: those `known` (n,) as they are, the others carried on over the mesh.

    Without a guess the others are the smoothest that join them (the graph's Laplacian is 0 there). With a guess (n, 3), for
    instance the colours that a field invented, its differences are kept and its level is brought to the known colours, as
    Perez, Gangnet and Blake 2003 do for pictures (equation 4). Parts without a known vertex take the mean of all known.
    """
    result = colours.astype(np.float64)
    if known.all():
        return colours.astype(np.float32)
    base = np.zeros_like(result) if guess is None else guess.astype(np.float64)
    offset = np.where(known[:, None], result - base, 0.0)
    graph = _edges(faces, len(colours))
    part = connected_components(graph, directed=False)[1]
    lit = np.isin(part, np.unique(part[known])) if known.any() else np.zeros(len(known), bool)
    free = np.flatnonzero(~known & lit)
    if len(free):
        laplacian = (diags(np.asarray(graph.sum(1)).reshape(-1)) - graph).tocsr()
        rows = laplacian[free]
        matrix, side = rows[:, free].tocsr(), -(rows[:, np.flatnonzero(known)] @ offset[known])
        scale = diags(1.0 / np.maximum(matrix.diagonal(), 1e-12))
        for channel in range(3):
            start = np.full(len(free), offset[known, channel].mean())
            offset[free, channel] = cg(matrix, side[:, channel], x0=start, rtol=1e-4, maxiter=2000, M=scale)[0]
    dark = ~known & ~lit
    if guess is None:
        offset[dark] = offset[known].mean(0) if known.any() else _GREY
    return np.clip(base + offset, 0, 1).astype(np.float32)


def pad_islands(texture: Array32, inside: NDArray[np.bool_]) -> Array32:
    """The texture (h, w, c) with every texel outside the islands (h, w) in the colour of the nearest one inside.

    So neither bilinear reading nor smaller copies mix in the empty parts.
    """
    if inside.all() or not inside.any():
        return texture
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = np.asarray(labels)
    source = np.zeros(int(numbers.max()) + 1, np.int64)
    within = np.flatnonzero(inside.reshape(-1))
    source[numbers.reshape(-1)[within]] = within
    flat = texture.reshape(len(numbers.reshape(-1)), -1)
    outside = np.flatnonzero(~inside.reshape(-1))
    result = flat.copy()
    result[outside] = flat[source[numbers.reshape(-1)[outside]]]
    return result.reshape(texture.shape)


def _edges(faces: NDArray[np.integer], count: int) -> csr_matrix:
    """(n, n) 1 between vertices that share an edge."""
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    ends = np.concatenate([ends, ends[:, ::-1]])
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    graph.data[:] = 1.0
    return graph
