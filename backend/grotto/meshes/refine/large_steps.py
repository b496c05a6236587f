"""Large steps for meshes: gradients are smoothed by (I + lambda L)^-1, so that shapes move as a whole and do not crumple.

Nicolet, Jacobson and Jakob, Large Steps in Inverse Rendering of Geometry, 2021: the optimised variable is
u = (I + lambda L) x (equation 9), the vertices are x = (I + lambda L)^-1 u, L the combinatorial Laplacian, and the steps are
Adam's with one scale for all coordinates (section 3.3). The factors of the matrix are made once for each topology.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg
from torch import Tensor

from .dissection import dissection_order

SMOOTHING = 15.0  # lambda; the paper's examples use 10 to 50


def laplacian(faces: NDArray[np.integer], count: int) -> sparse.csc_matrix:
    """(count, count): degrees on the diagonal, -1 for each edge."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    joined = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsc()
    joined.data[:] = 1.0  # an edge counts once, however many faces share it
    return sparse.diags(np.asarray(joined.sum(1)).ravel()).tocsc() - joined


def system(faces: NDArray[np.integer], count: int, smoothing: float = SMOOTHING) -> sparse.csr_matrix:
    """I + lambda L, (count, count)."""
    return (sparse.identity(count, format="csr") + smoothing * laplacian(faces, count)).tocsr()


class LargeSteps:
    """Turns vertices (v, 3) into the smooth variable and back, for one topology."""

    def __init__(self, vertices: NDArray[np.floating], faces: NDArray[np.integer], smoothing: float = SMOOTHING) -> None:
        self.matrix = system(faces, len(vertices), smoothing)
        self._order = dissection_order(vertices, self.matrix)
        # Symmetric and positive: pivots stay on the diagonal, and the order is already a good one.
        self._factors = linalg.splu(
            self.matrix[self._order][:, self._order].tocsc(),
            permc_spec="NATURAL",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def variable(self, vertices: Tensor) -> Tensor:
        """u (v, 3) of vertices (v, 3)."""
        return self._back(self.matrix @ vertices.detach().double().cpu().numpy(), vertices)

    def vertices(self, variable: Tensor) -> Tensor:
        """Vertices (v, 3) of u (v, 3), differentiable."""
        return _solve(variable, self)

    def solve(self, values: Tensor) -> Tensor:
        """(I + lambda L)^-1 values (v, 3), on the device of the values."""
        given = values.detach().double().cpu().numpy()
        found = np.empty_like(given)
        found[self._order] = self._factors.solve(given[self._order])
        return self._back(found, values)

    def _back(self, values: NDArray[np.float64], like: Tensor) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(like)


class _Solve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, variable: Tensor, steps: LargeSteps) -> Tensor:
        ctx.steps = steps
        return steps.solve(variable)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.steps.solve(gradients[0]), None  # the matrix is symmetric


_solve: Callable[[Tensor, LargeSteps], Tensor] = _Solve.apply


@dataclass
class UniformAdam:
    """Adam (Kingma and Ba 2015) whose second moment is the largest of all coordinates: no direction is turned."""

    mean: Tensor
    square: Tensor
    count: int = 0

    @classmethod
    def like(cls, variable: Tensor) -> UniformAdam:
        """A fresh one for a variable of this shape."""
        return cls(torch.zeros_like(variable), torch.zeros_like(variable))

    def step(self, variable: Tensor, gradient: Tensor, rate: float) -> Tensor:
        """The variable after one step of at most about `rate`, in the variable's units."""
        self.count += 1
        self.mean.mul_(_FIRST).add_(gradient, alpha=1 - _FIRST)
        self.square.mul_(_SECOND).addcmul_(gradient, gradient, value=1 - _SECOND)
        mean = self.mean / (1 - _FIRST**self.count)
        scale = (self.square.max() / (1 - _SECOND**self.count)).sqrt()
        return variable - rate * mean / (scale + 1e-30)


_FIRST, _SECOND = 0.9, 0.999
