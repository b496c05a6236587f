"""Numbers of a JSON document: no words, no truths, nothing that is not finite."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def finite(value: object, what: str) -> float:
    """A finite number. Raises ValueError for anything else, OverflowError for one of hundreds of digits."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{what} is no number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{what} is not finite")
    return number


def matrix_4x4(value: object) -> NDArray[np.float64]:
    """A (4, 4) matrix of finite numbers from its rows. Raises ValueError for anything else."""
    matrix = rows_of_numbers(value)
    if matrix.shape != (4, 4):
        raise ValueError("transform_matrix is not 4 x 4")
    if not np.isfinite(matrix).all():
        raise ValueError("transform_matrix holds a number that is not finite")
    return matrix


def rows_of_numbers(value: object) -> NDArray[np.float64]:
    """(n, m) from n lists of m numbers, which may be infinite or none. Raises ValueError for anything else."""
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise ValueError("a matrix is no list of rows")
    plain = all(isinstance(one, int | float) and not isinstance(one, bool) for row in value for one in row)
    if not plain or len({len(row) for row in value}) != 1:
        raise ValueError("a matrix holds what is no number, or rows of several lengths")
    return np.array(value, np.float64)
