"""The homographies that a pair of pictures may have, and which of them pixels accept."""

from __future__ import annotations

from dataclasses import dataclass

from .likeness import ALIKE_SHARE, LEVELS, Likeness, alike_level, compare
from .matching import Agreed, Side, alternatives, guided
from .pixels import GreyPictures

SURE_MATCHES, SURE_SHARE = 40, 0.9  # of a pair beyond doubt, and the windows alike in it
NEAR_REACH = 1.5  # tolerances, about a map that pixels have mended
ALIKE_LOSS = 0.02  # of the share alike, by which matching again may make a map worse


@dataclass(frozen=True)
class Candidate:
    """One homography of a pair, and what its pixels say."""

    agreed: Agreed
    likeness: Likeness
    distinct: int  # matches that no other point of the pictures rivals

    def share(self, level: float) -> float:
        """Of its windows, those alike; of a pair beyond doubt by the lower level: an old print is less like a photo of today."""
        sure = self.distinct >= SURE_MATCHES and self.likeness.share(LEVELS[0]) > SURE_SHARE
        return self.likeness.share(LEVELS[0] if sure else level)


@dataclass(frozen=True)
class Search:
    """How a pair is matched; see `alternatives`."""

    ratio: float
    most: int
    least: int
    count: int


def candidates(first: int, second: int, sides: list[Side], pictures: GreyPictures, search: Search) -> list[Candidate]:
    """The homographies of a pair, until one is beyond doubt; each matched again where its pixels put it."""
    found = []
    one, other = sides[first], sides[second]
    for agreed in alternatives(one, other, search.ratio, search.most, search.least, search.count):
        distinct = len(agreed.rows)
        likeness = compare(pictures[first], pictures[second], agreed.first_from_second)
        if likeness is None or likeness.share(LEVELS[0]) < ALIKE_SHARE:
            found += [] if likeness is None else [Candidate(agreed, likeness, distinct)]
            continue
        if distinct < SURE_MATCHES:
            again = guided(one, other, likeness.first_from_second, NEAR_REACH)
            if again is not None and len(again.rows) > len(agreed.rows):
                better = compare(pictures[first], pictures[second], again.first_from_second)
                if better is not None and better.share(LEVELS[1]) >= likeness.share(LEVELS[1]) - ALIKE_LOSS:
                    agreed, likeness = Agreed(again.first_from_second, again.rows, agreed.candidates), better
        found.append(Candidate(agreed, likeness, distinct))
        if distinct >= SURE_MATCHES and likeness.share(LEVELS[0]) > SURE_SHARE:
            break
    return found


def accepted(found: dict[tuple[int, int], list[Candidate]]) -> tuple[dict[tuple[int, int], list[Candidate]], float]:
    """The candidates that are alike nearly everywhere, and the correlation from which windows count as alike.

    The level is what the better half of pairs, by matches, have: prints of one negative are more alike than a photo of 1907
    and one of today.
    """
    every = [(one.distinct, number, one) for number, some in enumerate(found.values()) for one in some]
    likely = [one for _, _, one in sorted(every, key=lambda entry: -entry[0]) if one.likeness.share(LEVELS[0]) > SURE_SHARE]
    level = alike_level([one.likeness for one in likely[: (len(likely) + 1) // 2]])
    kept = {pair: [one for one in some if one.share(level) >= ALIKE_SHARE] for pair, some in found.items()}
    return {pair: some for pair, some in kept.items() if some}, level
