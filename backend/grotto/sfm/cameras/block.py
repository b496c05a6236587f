"""A block of photos of one lens that hang together well: enough to find the focal length, few enough to do so quickly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

MOST = 16  # photos; from nine on the minimum of the cost lies right (made walls)
LEAST = 6


def choose_block(matches: Path, members: Sequence[int]) -> tuple[int, ...]:
    """Positions of at most `MOST` photos among `members` that are tied best; empty where fewer than `LEAST` hang together.

    It begins with the photo of most matches and grows by the one that has most with the block.
    """
    inliers = _inliers(matches, members)
    if len(members) < LEAST:
        return ()
    tied = np.zeros(len(members))
    block = [int(inliers.sum(axis=1).argmax())]
    while len(block) < min(MOST, len(members)):
        tied += inliers[block[-1]]
        tied[block] = -1.0
        best = int(tied.argmax())
        if tied[best] <= 0:
            break
        block.append(best)
    return tuple(sorted(members[row] for row in block)) if len(block) >= LEAST else ()


def _inliers(matches: Path, members: Sequence[int]) -> NDArray[np.float64]:
    """(k, k) verified matches between members."""
    row = {position: index for index, position in enumerate(members)}
    table = np.zeros((len(members), len(members)))
    with pycolmap.Database.open(str(matches)) as database:
        for pair_id, count in zip(*database.read_two_view_geometry_num_inliers(), strict=True):
            first, second = (image_id - 1 for image_id in pycolmap.pair_id_to_image_pair(pair_id))
            if first in row and second in row:
                table[row[first], row[second]] = table[row[second], row[first]] = count
    return table
