"""Volume rendering with fixed samples: one sparse matrix product renders all rays of all pictures.

Where the cameras do not move, neither do the samples. Each ray is sampled once, only in cells that have a live node; the
trilinear weights of all samples are a sparse matrix (samples x live nodes). A step of a fit evaluates its field once per live
node, multiplies, and composites; the gradient is one product with the transpose, which is kept beside the matrix.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...scene import Camera, Lattice, corner_weights, ray_box_distances

_MOST_AT_ONCE = 1 << 21  # samples looked at together while rays are laid


@dataclass(frozen=True, kw_only=True)
class FixedSamples:
    """All rays of some pictures that meet a live cell, with their samples in front-to-back order."""

    interpolation: Tensor  # sparse CSR (m, n) float32: samples from live nodes
    transposed: Tensor  # sparse CSR (n, m)
    offsets: Tensor  # (r + 1,) int64: samples of ray i are offsets[i] to offsets[i + 1]
    distances: Tensor  # (m,) along unit directions, world units
    step: float  # world length between samples
    picture: Tensor  # (r,) int64: which camera
    pixel: Tensor  # (r,) int64: flat index in its picture
    count_pixels: int  # of all pictures together

    def at_samples(self, nodes: Tensor) -> Tensor:
        """Values (n, c) of live nodes, interpolated at all samples (m, c)."""
        return _Product.apply(nodes, self.interpolation, self.transposed)  # type: ignore[no-untyped-call]

    def only(self, kept: Tensor) -> tuple[FixedSamples, Tensor]:
        """The same rays with some of their samples (m,) bool, and which of the nodes (n,) bool these still need.

        Node values for the result are those of the needed nodes, in order.
        """
        held = torch.zeros(self.interpolation.shape[1], dtype=torch.bool, device=kept.device)
        held[self.interpolation.col_indices()[_elements(self.interpolation, kept)].long()] = True
        before = torch.cat([torch.zeros(1, dtype=torch.int64, device=kept.device), kept.cumsum(0)])
        return (
            replace(
                self,
                interpolation=_sub_matrix(self.interpolation, kept, held),
                transposed=_sub_matrix(self.transposed, held, kept),
                offsets=before[self.offsets],
                distances=self.distances[kept],
            ),
            held,
        )


def lay_samples(
    cameras: Sequence[Camera], lattice: Lattice, live: NDArray[np.bool_], *, step: float, device: torch.device
) -> FixedSamples:
    """Lay the rays of all pixels of the cameras through the live nodes (nx, ny, nz); a sample each `step` world units."""
    flat_live = torch.from_numpy(live.reshape(-1)).to(device)
    offsets = torch.tensor(lattice.corner_offsets(), device=device)
    rank = torch.cumsum(flat_live, 0) - 1
    box = torch.as_tensor(_live_box(lattice, live), dtype=torch.float32, device=device)
    rows: list[_Rows] = []
    for number, camera in enumerate(cameras):
        directions = torch.from_numpy(camera.directions().reshape(-1, 3)).to(device)
        directions = torch.nn.functional.normalize(directions, dim=1)
        origin = torch.as_tensor(camera.position, dtype=torch.float32, device=device)
        near, far = ray_box_distances(origin, directions, box)
        most = int(torch.ceil((far - near).amax() / step)) if len(near) else 0
        for rays in torch.split(torch.nonzero(far > near)[:, 0], max(1, _MOST_AT_ONCE // max(1, most))):
            along = near[rays, None] + step * (torch.arange(most, device=device) + 0.5)
            ray, turn = torch.nonzero(along < far[rays, None], as_tuple=True)
            distance = along[ray, turn]
            cell, place, inside = lattice.cells(origin + directions[rays[ray]] * distance[:, None])
            corners = cell[:, None] + offsets
            alive = flat_live[corners]
            kept = torch.nonzero(inside & alive.any(1))[:, 0]
            weights = corner_weights(place[kept]) * alive[kept]
            rows.append(_Rows(number, rays[ray[kept]], distance[kept], rank[corners[kept]], weights))
    return _assemble(rows, int(flat_live.sum()), step, sum(camera.width * camera.height for camera in cameras))


@dataclass(frozen=True)
class _Rows:
    """Samples of some rays of one picture. Dead corners have weight 0."""

    picture: int
    pixel: Tensor  # (m,) of the sample's ray
    distance: Tensor  # (m,)
    node: Tensor  # (m, 8) rank among live nodes
    weight: Tensor  # (m, 8)


def _assemble(rows: list[_Rows], nodes: int, step: float, count_pixels: int) -> FixedSamples:
    weight = torch.cat([part.weight for part in rows])
    node = torch.cat([part.node for part in rows])
    held = weight > 0
    counts = held.sum(1)
    device = weight.device
    zero = torch.zeros(1, dtype=torch.int64, device=device)
    starts = torch.cat([zero, counts.cumsum(0)])
    matrix = _csr(starts, node[held], weight[held], (len(weight), nodes))
    sample = torch.repeat_interleave(torch.arange(len(weight), device=device), counts)
    order = torch.argsort(node[held], stable=True)
    per_node = torch.bincount(node[held], minlength=nodes)
    transposed = _csr(torch.cat([zero, per_node.cumsum(0)]), sample[order], weight[held][order], (nodes, len(weight)))
    pixel = torch.cat([part.pixel for part in rows])
    picture = torch.cat([torch.full_like(part.pixel, part.picture) for part in rows])
    first = torch.ones_like(pixel, dtype=torch.bool)
    first[1:] = (pixel[1:] != pixel[:-1]) | (picture[1:] != picture[:-1])
    begins = torch.nonzero(first)[:, 0]
    return FixedSamples(
        interpolation=matrix,
        transposed=transposed,
        offsets=torch.cat([begins, torch.tensor([len(pixel)], device=device)]),
        distances=torch.cat([part.distance for part in rows]),
        step=step,
        picture=picture[begins],
        pixel=pixel[begins],
        count_pixels=count_pixels,
    )


def _csr(starts: Tensor, columns: Tensor, values: Tensor, size: tuple[int, int]) -> Tensor:
    """Indices of 32 bits: quicker products. Torch's warning that the layout is young is kept back: nobody can act on it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support")
        return torch.sparse_csr_tensor(starts.int(), columns.int(), values, size=size, check_invariants=False)


def _elements(matrix: Tensor, rows: Tensor) -> Tensor:
    """Which stored elements (e,) bool of a CSR matrix lie in some of its rows (r,) bool."""
    starts = matrix.crow_indices()
    return torch.repeat_interleave(rows, starts[1:] - starts[:-1])


def _sub_matrix(matrix: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The rows and columns, both bool, of a CSR matrix."""
    old = matrix.col_indices().long()
    kept = _elements(matrix, rows) & columns[old]
    before = torch.cat([torch.zeros(1, dtype=torch.int64, device=kept.device), kept.cumsum(0)])
    per_row = (before[matrix.crow_indices()[1:].long()] - before[matrix.crow_indices()[:-1].long()])[rows]
    starts = torch.cat([torch.zeros(1, dtype=torch.int64, device=kept.device), per_row.cumsum(0)])
    rank = columns.cumsum(0) - 1
    return _csr(starts, rank[old[kept]], matrix.values()[kept], (len(per_row), int(columns.sum())))


class _Product(torch.autograd.Function):
    """matrix @ nodes; torch's own backward would make the transpose anew at each step."""

    @staticmethod
    def forward(ctx: Any, nodes: Tensor, matrix: Tensor, transposed: Tensor) -> Tensor:
        ctx.transposed = transposed
        return matrix @ nodes

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return ctx.transposed @ gradients[0].contiguous(), None, None


def _live_box(lattice: Lattice, live: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(2, 3) the box of all cells that have a live node."""
    box = lattice.box
    for axis in range(3):
        held = np.flatnonzero(live.any(axis=tuple(other for other in range(3) if other != axis)))
        if len(held) == 0:
            return np.stack([box[0], box[0]])
        low, high = max(0, held[0] - 1), min(lattice.counts[axis] - 1, held[-1] + 1)
        box[:, axis] = lattice.lowest[axis] + lattice.step * np.array([low, high])
    return box
