"""Gradient and Laplacian of a field by differences (Li 2023, "Neuralangelo", section 3.2).

On a hash grid the analytic gradient at a point depends on the cell around it alone. Differences over a cell or more reach the
neighbours too, so that the field becomes smooth across cells; the distance shrinks with the finest level in use.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def numerical_gradient(function: Callable[[Tensor], Tensor], positions: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """Gradient (n, 3) and Laplacian (n,) of a scalar function at positions (n, 3), by central differences (equation 3).

    The function takes (m, 3) and gives (m,); it is evaluated at seven places per point. Errors are of order epsilon squared.
    """
    count = len(positions)
    shifts = epsilon * torch.eye(3, device=positions.device, dtype=positions.dtype)
    shifts = torch.cat([torch.zeros_like(shifts[:1]), shifts, -shifts])
    values = function((positions + shifts[:, None]).reshape(-1, 3)).reshape(7, count)
    middle, ahead, behind = values[0], values[1:4], values[4:]
    gradient = ((ahead - behind) / (2 * epsilon)).T
    laplacian = (ahead + behind - 2 * middle).sum(0) / epsilon**2
    return gradient, laplacian


def levels_at(progress: float, levels: int, first: int) -> int:
    """Levels in use at a progress of 0 to 1: `first` at the start, all from half of the fit on (equation 5's schedule)."""
    return min(levels, first + int((levels - first + 1) * min(1.0, 2 * progress)))
