"""Solve many symmetric, positive definite, periodic tridiagonal systems, as closed linear splines make them; compiled.

Each is bordered by its last row and factored without pivots, as L D L^T (Golub and Van Loan, Matrix Computations, 4.1.2 and 4.3).
"""

# compiled functions have no annotations
# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def solve_periodic(
    diagonal: NDArray[np.float64], coupling: NDArray[np.float64], right: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n, k) solutions of systems with `sizes` unknowns each, one after the other, all in one list.

    diagonal: (n,); coupling: (n,) of each unknown with the next of its system, of the last with the first; right: (n, k).
    """
    made = right.copy()
    _solve(diagonal.copy(), coupling, made, sizes)
    return made


@njit(cache=True)
def _solve(diagonal, coupling, right, sizes):
    start = 0
    for size in sizes:
        last = start + size - 1
        border = np.zeros(size)  # of each unknown with the last
        if size == 1:
            diagonal[last] += 2 * coupling[last]
        else:
            border[0] += coupling[last]
            border[size - 2] += coupling[last - 1]
        for row in range(start, last):
            at = row - start
            if row < last - 1:
                part = coupling[row] / diagonal[row]
                diagonal[row + 1] -= part * coupling[row]
                border[at + 1] -= part * border[at]
                right[row + 1] -= part * right[row]
            part = border[at] / diagonal[row]
            diagonal[last] -= part * border[at]
            right[last] -= part * right[row]
        right[last] /= diagonal[last]
        for row in range(last - 1, start - 1, -1):
            right[row] -= border[row - start] * right[last]
            if row < last - 1:
                right[row] -= coupling[row] * right[row + 1]
            right[row] /= diagonal[row]
        start += size
