"""Nested dissection (George 1973): an order of elimination that keeps the factors of a mesh's matrices small.

The vertices are halved along their longest extent, again and again; those of one half that touch the other are eliminated
last. Splitting by position suffices for surfaces, and is much faster than a minimum-degree order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_LEAF = 64  # vertices that are not cut further


def dissection_order(places: NDArray[np.floating], matrix: sparse.csr_matrix) -> NDArray[np.int64]:
    """(v,) vertices in the order of elimination, for places (v, 3) and a symmetric (v, v) matrix."""
    side = np.zeros(len(places), np.int8)
    found: list[NDArray[np.int64]] = []
    waiting = [(np.arange(len(places)), False)]
    while waiting:
        part, last = waiting.pop()
        if last or len(part) <= _LEAF:
            found.append(part)
            continue
        here = places[part]
        along = here[:, int(np.ptp(here, axis=0).argmax())]
        order = np.argpartition(along, len(part) // 2)
        one, other = part[order[: len(part) // 2]], part[order[len(part) // 2 :]]
        side[other] = 1
        rows = matrix[one]
        touching = np.zeros(len(one), bool)
        touching[np.repeat(np.arange(len(one)), np.diff(rows.indptr))[side[rows.indices] == 1]] = True
        side[other] = 0
        # Taken from the end: both halves come before what parts them.
        waiting += [(one[touching], True), (one[~touching], False), (other, False)]
    return np.concatenate(found) if found else np.zeros(0, np.int64)
