"""The last look at a layout: every picture against all that it covers, by pixels, whether points matched there or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from .graph import Link
from .homography import Floats
from .likeness import ALIKE_SHARE, LEVELS
from .links import likeness_in_place, overlapping_pairs
from .matching import Side
from .pixels import GreyPictures

UNLIKE_SHARE = 0.5  # of the windows alike: a pair with less shows two places
LEAST_JUDGED = 40  # windows, for a pair to speak against a picture


@dataclass(frozen=True)
class Witness:
    """A pair of pictures where the layout puts them."""

    first: int
    second: int
    windows: int
    share: float  # alike


def witnesses(
    sides: list[Side],
    pictures: GreyPictures,
    layout: tuple[Floats, NDArray[np.int64]],
    links: list[Link],
    report: Progress,
) -> list[Witness]:
    """All pairs of the largest component that share enough to be judged: its links, and pairs where no points matched.

    `layout` is the place (n, 3, 3) and the component (n,) of each picture.
    """
    places, component = layout
    found = [Witness(link.first, link.second, link.windows, link.alike) for link in links]
    known = {(link.first, link.second) for link in links}
    chosen = [pair for pair in overlapping_pairs(sides, places, component) if component[pair[0]] == 0 and pair not in known]
    for number, (first, second) in enumerate(chosen):
        report(number / len(chosen), f"looking at pair {number + 1} of {len(chosen)}")
        likeness = likeness_in_place(sides, pictures, places, first, second)
        if likeness is not None:
            found.append(Witness(first, second, len(likeness.correlations), likeness.share(LEVELS[0])))
    return found


def out_of_place(found: list[Witness]) -> dict[int, float]:
    """Pictures unlike what they cover, each with the share of its windows that are alike; one after the other, the worst first.

    Of an unlike pair the picture goes that is less like all others that it covers.
    """
    gone: dict[int, float] = {}
    while True:
        left = [one for one in found if one.first not in gone and one.second not in gone]
        against = [one for one in left if one.share < UNLIKE_SHARE and one.windows >= LEAST_JUDGED]
        if not against:
            return gone
        suspects = sorted({index for one in against for index in (one.first, one.second)})
        shares = {index: share_of(index, left) for index in suspects}
        worst = min(suspects, key=lambda index: (shares[index], index))
        if len(left) == 1 or shares[worst] >= ALIKE_SHARE:
            return gone
        gone[worst] = shares[worst]


def share_of(index: int, found: list[Witness]) -> float:
    """The mean share of the pairs of a picture, each by the root of its windows: one wide pair does not silence the others."""
    own = [one for one in found if index in (one.first, one.second)]
    weight = np.sqrt([one.windows for one in own])
    return float(np.average([one.share for one in own], weights=weight))
