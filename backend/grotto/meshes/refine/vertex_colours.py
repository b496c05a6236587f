"""Vertex colours of a mesh that match the views best: a linear least-squares problem, solved directly.

A pixel's colour is a mean of three vertices' colours by its barycentric coordinates, so the best colours solve
(A'A + w L) c = A'b. The Laplacian L holds vertices that no view shows to the mean of their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg
from torch import Tensor

from ...render.mesh.differentiable import Edges, antialias, interpolate, rasterise
from ...scene import Camera, View
from .dissection import dissection_order
from .large_steps import laplacian

_INNER = 0.99  # alpha from which a pixel shows the subject alone
_TIE = 0.02  # weight w of the Laplacian, in pixels


def fit_vertex_colours(
    vertices: Tensor, faces: Tensor, views: Sequence[View], check: Callable[[], None] = lambda: None
) -> Tensor:
    """Colours (v, 3), 0 to 1, of vertices (v, 3) world, with the least mean squared error over the views.

    `check` is called before each view, and may raise to stop.
    """
    count = len(vertices)
    products = sparse.csr_matrix((count, count))
    sums = np.zeros((count, 3))
    with torch.no_grad():
        for view in views:
            check()
            raster = rasterise(vertices, faces, view.camera)
            pixels = raster.pixels.cpu().numpy()
            trust = np.ones(len(pixels)) if view.alpha is None else (view.alpha.reshape(-1)[pixels] >= _INNER).astype(np.float64)
            corners = faces[raster.faces_seen].cpu().numpy()
            weights = raster.weights.cpu().numpy().astype(np.float64) * trust[:, None]
            starts = np.arange(0, 3 * len(pixels) + 1, 3)
            looks = sparse.csr_matrix((weights.reshape(-1), corners.reshape(-1), starts), shape=(len(pixels), count))
            products = products + looks.T @ looks
            sums += looks.T @ view.colour.reshape(-1, 3)[pixels].astype(np.float64)
    # A little identity makes an island that no view shows grey instead of undetermined.
    ties = laplacian(faces.cpu().numpy(), count)
    matrix = (products + _TIE * ties + 1e-6 * sparse.identity(count)).tocsr()
    order = dissection_order(vertices.cpu().numpy(), matrix)
    factors = linalg.splu(
        matrix[order][:, order].tocsc(), permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    colours = np.empty((count, 3))
    colours[order] = factors.solve((sums + 0.5e-6)[order])
    return torch.from_numpy(np.clip(colours, 0, 1).astype(np.float32)).to(vertices.device)


def shown(vertices: Tensor, faces: Tensor, edges: Edges, colours: Tensor, camera: Camera) -> tuple[Tensor, Tensor]:
    """Antialiased picture (h, w, 3), premultiplied, and opacity (h, w, 1), differentiable in vertices and colours (v, 3)."""
    raster = rasterise(vertices, faces, camera)
    whole = torch.cat([colours, torch.ones_like(colours[:, :1])], 1)
    picture = antialias(interpolate(raster, faces, whole), raster, vertices, faces, edges, camera)
    return picture[..., :3], picture[..., 3:]


def uncovered_colour(vertices: Tensor, faces: Tensor, views: Sequence[View]) -> NDArray[np.float32]:
    """(3,) the background: white for views with alpha, else the mean colour of the pixels that the mesh does not cover."""
    if any(view.alpha is not None for view in views):
        return np.ones(3, np.float32)
    total, count = np.zeros(3), 0
    for view in views:
        with torch.no_grad():
            empty = (rasterise(vertices, faces, view.camera).face < 0).cpu().numpy()
        total += view.colour[empty].sum(0, dtype=np.float64)
        count += int(empty.sum())
    return (total / count).astype(np.float32) if count else np.full(3, 0.5, np.float32)
