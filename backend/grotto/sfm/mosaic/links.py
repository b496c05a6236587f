"""The links of a mosaic: read, matched again where a layout puts the pictures, judged by pixels, and brought into line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from .bundle import Solution, matches_of, solve_bundle
from .graph import AGREES, Link, misfit
from .homography import Floats, inverse, is_plausible, transfer
from .likeness import ALIKE_SHARE, Likeness, compare
from .matching import Agreed, Side, guided
from .pairs import MosaicPairs, half_diagonal, link_of, px_from_unit
from .pixels import GreyPictures

LEAST_SHARED = 0.02  # of a picture's area: less is not looked at
ADJUSTED_AGREES = 0.012  # of the smaller picture's half diagonal: misfit of an honest pair once all is adjusted
ADJUSTED_PX = 3.0  # px, on top of that
OUTLIER = 5.0  # standard deviations


def read_links(pairs: MosaicPairs, sides: list[Side]) -> list[Link]:
    """The pairs in the units of their pictures."""
    return [
        link_of(pair.first, pair.second, Agreed(np.array(pair.first_from_second), own, own), sides, pair.alike, pair.windows)
        for pair, own in zip(pairs.pairs, pairs.read_rows(), strict=True)
    ]


def overlapping_pairs(sides: list[Side], places: Floats, component: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs of pictures of one component that share some of their area in the layout."""
    every = combinations(range(len(sides)), 2)
    return [(i, j) for i, j in every if component[i] == component[j] and _shared(places, sides, i, j) > LEAST_SHARED]


def guided_links(
    sides: list[Side],
    pictures: GreyPictures,
    places: Floats,
    chosen: Sequence[tuple[int, int]],
    reach: float,
    level: float,
    report: Progress,
) -> list[Link]:
    """Pairs matched again where the layout puts them, if their pixels are alike there."""
    found = []
    for number, (i, j) in enumerate(chosen):
        report(number / len(chosen), f"pair {number + 1} of {len(chosen)}")
        between = px_between(sides, places, i, j)
        agreed = guided(sides[i], sides[j], between, reach) if is_plausible(between, sides[j].outline) else None
        likeness = None if agreed is None else compare(pictures[i], pictures[j], agreed.first_from_second)
        if agreed is not None and likeness is not None and likeness.share(level) >= ALIKE_SHARE:
            found.append(link_of(i, j, agreed, sides, likeness.share(level), len(likeness.correlations)))
    return found


def likeness_in_place(sides: list[Side], pictures: GreyPictures, places: Floats, first: int, second: int) -> Likeness | None:
    """How alike two pictures are where the layout puts them; None where they share too little."""
    return compare(pictures[first], pictures[second], px_between(sides, places, first, second))


def px_between(sides: list[Side], places: Floats, first: int, second: int) -> Floats:
    """first_from_second (3, 3) in px, by the places of both."""
    between = inverse(places[first]) @ places[second]
    return np.asarray(px_from_unit(sides[first]) @ between @ inverse(px_from_unit(sides[second])), np.float64)


def _shared(places: Floats, sides: list[Side], first: int, second: int) -> float:
    """The part of the smaller picture's area that lies in the other one."""
    best = 0.0
    for i, j in ((first, second), (second, first)):
        u, v = np.meshgrid(np.linspace(0.03, 0.97, 16), np.linspace(0.03, 0.97, 16))
        grid = (np.column_stack([u.ravel(), v.ravel()]) - 0.5) * (sides[j].width, sides[j].height) / half_diagonal(sides[j])
        seen = transfer(inverse(places[i]) @ places[j], grid) * half_diagonal(sides[i])
        inside = (np.abs(seen) < np.array([sides[i].width, sides[i].height]) / 2).all(axis=1)
        best = max(best, float(inside.mean()))
    return best


def agrees(link: Link, places: Floats, component: NDArray[np.int64], tolerance: float = AGREES) -> bool:
    """Whether a pair of one component fits the places."""
    if component[link.first] != component[link.second]:
        return False
    return misfit(link, inverse(places[link.first]) @ places[link.second]) < tolerance


def merged(before: list[Link], found: list[Link]) -> list[Link]:
    """Of each pair the link with more evidence."""
    best: dict[tuple[int, int], Link] = {}
    for link in [*before, *found]:
        known = best.get((link.first, link.second))
        if known is None or link.weight >= known.weight:
            best[link.first, link.second] = link
    return [best[key] for key in sorted(best)]


def consistent(links: list[Link], places: Floats, sides: list[Side]) -> list[Link]:
    """The links that agree with what all give together."""
    kept = []
    for link in links:
        unit = sides[link.first].reduced / half_diagonal(sides[link.first]) / link.size
        if misfit(link, inverse(places[link.first]) @ places[link.second]) < ADJUSTED_AGREES + ADJUSTED_PX * unit:
            kept.append(link)
    return kept


def adjusted(links: list[Link], places: Floats, component: NDArray[np.int64]) -> Floats:
    """All components adjusted, each about its picture with most matches: root_from_picture (n, 3, 3)."""
    result = places.copy()
    for label in range(int(component.max()) + 1):
        members = np.flatnonzero(component == label)
        own = [link for link in links if component[link.first] == label and component[link.second] == label]
        if own:
            result[members] = inverse(_solve(own, places, members).picture_from_wall)
    return result


def final_solution(
    links: list[Link], places: Floats, members: NDArray[np.int64], sides: list[Side]
) -> tuple[Solution, list[Link], float]:
    """The bundle of a component without outliers, its links, and the median miss in px of the coarser picture."""
    solution = _solve(links, places, members)
    matches = matches_of(links)
    kept = []
    for number, link in enumerate(links):
        misses = solution.misses[matches.pair == number]
        chosen = np.unique(np.linspace(0, len(link.first_place) - 1, len(misses)).astype(int))
        good = chosen[misses < OUTLIER]
        if len(good) >= 4:
            kept.append(_thinned(link, good))
    if set(members) - {index for link in kept for index in (link.first, link.second)}:
        kept = links
    start = places.copy()
    start[members] = inverse(solution.picture_from_wall)
    solution = _solve(kept, start, members, solution.radial)
    matches = matches_of(kept)
    px = solution.misses * matches.spread
    unit = np.array([half_diagonal(side) / side.reduced for side in sides])
    return solution, kept, float(np.median(px * unit[matches.at]))


def _solve(links: list[Link], places: Floats, members: NDArray[np.int64], radial: Floats | None = None) -> Solution:
    renamed = _numbered(links, members)
    weight = np.zeros(len(members))
    for link in renamed:
        weight[[link.first, link.second]] += link.weight
    held = int(np.argmax(weight))
    start = inverse(inverse(places[members[held]]) @ places[members])
    return solve_bundle(start, matches_of(renamed), held, radial)


def _numbered(links: list[Link], members: NDArray[np.int64]) -> list[Link]:
    """The links with pictures named by their position among the members."""
    number = {int(index): position for position, index in enumerate(members)}
    return [dataclasses.replace(link, first=number[link.first], second=number[link.second]) for link in links]


def _thinned(link: Link, rows: NDArray[np.int64]) -> Link:
    return dataclasses.replace(
        link,
        first_place=link.first_place[rows],
        second_place=link.second_place[rows],
        first_spread=link.first_spread[rows],
        weight=float(len(rows)),
    )
