"""The colours of a PLY file's rows, whatever kind of number they are stored as."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .tables import PlyTable

_NAMES = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))


def colours_of(table: PlyTable) -> NDArray[np.uint8] | None:
    """(n, 3) sRGB; None where there are none.

    Floats are 0 to 1 and clipped to it, numbers of 16 bits 0 to 65535, all others 0 to 255. Raises ValueError for whole numbers
    beyond that, and for numbers that are not finite.
    """
    names = next((names for names in _NAMES if set(names) <= table.columns.keys()), None)
    if names is None:
        return None
    colours = np.empty((table.count, 3), np.uint8)
    for number, name in enumerate(names):
        colours[:, number] = _bytes(table.columns[name], table.kinds[name], name)
    return colours


def _bytes(values: NDArray[np.generic], kind: str, name: str) -> NDArray[np.uint8]:
    if kind == "u1" and values.dtype == np.uint8:
        return values.astype(np.uint8)
    numbers = values.astype(np.float64) * {"f": 255.0, "u2": 255.0 / 65535.0}.get(kind if kind == "u2" else kind[0], 1.0)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} holds a number that is not finite")
    if kind[0] == "f":
        numbers = numbers.clip(0.0, 255.0)
    if len(numbers) and (numbers.min() < 0.0 or numbers.max() > 255.0):
        raise ValueError(f"{name} holds a number beyond 0 to 255")
    return np.rint(numbers).astype(np.uint8)
