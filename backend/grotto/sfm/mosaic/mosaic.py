"""The stage `mosaic`: every picture of a flat wall in one plane, by the pairs that agree with one another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...formats import Artefact
from ...photos import PhotoSet
from .bundle import Solution, matches_of, solve_bundle
from .features import MosaicFeatures
from .graph import AGREES, Link, components, misfit, robust_layout
from .homography import Floats, inverse, is_plausible, transfer
from .matching import Agreed, Side, guided
from .pairs import MosaicPairs, half_diagonal, link_of, px_from_unit, read_sides

GUIDED_REACH = (12.0, 3.0)  # tolerances: after the layout by a tree, and after the first bundle
LEAST_SHARED = 0.02  # of a picture's area: less is not looked at
ADJUSTED_AGREES = 0.012  # of the smaller picture's half diagonal: misfit of an honest pair once all is adjusted
ADJUSTED_PX = 3.0  # px, on top of that
LEAST_BRIDGE = 12  # matches of a pair that alone holds two parts together
OUTLIER = 5.0  # standard deviations


@dataclass(frozen=True, kw_only=True)
class MosaicPicture:
    """A picture in the plane of the mosaic. Coordinates of a picture: half diagonals from its middle, y down."""

    index: int  # in the photo set
    name: str
    picture_from_plane: tuple[tuple[float, ...], ...]  # (3, 3), depth positive on the picture, without the lens term
    radial: float  # k of COLMAP's SIMPLE_RADIAL with half the diagonal for a focal length
    links: int  # pairs that hold it

    @property
    def matrix(self) -> Floats:
        """`picture_from_plane` as an array."""
        return np.array(self.picture_from_plane)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A picture that the mosaic is without, and why, in words."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Mosaic(Artefact):
    """The largest group of pictures that hang together. The plane is that of the picture with most matches, its own units."""

    pictures: tuple[MosaicPicture, ...]
    left_out: tuple[LeftOut, ...]
    parts: tuple[tuple[str, ...], ...]  # all groups of two pictures or more, the largest first
    pairs: int  # that agree
    dropped: int  # that match, yet contradict the others
    residual_px: float  # median miss of a match, px of the coarser picture
    flat_share: float  # see `MosaicPairs`


def forecast_mosaic(photos: PhotoSet, features: MosaicFeatures, pairs: MosaicPairs) -> int:
    """Bytes: all points, a block of distances, and the normal equations."""
    unknowns = 9 * len(photos.photos)
    return sum(features.counts) * 128 * 4 + 512 * max(features.counts) * 64 + 4 * 8 * unknowns**2 + 300_000_000


def find_mosaic(photos: PhotoSet, features: MosaicFeatures, pairs: MosaicPairs, folder: Path, report: Progress) -> Mosaic:
    """Choose the pairs that agree, match again where they put each picture, and adjust all homographies together.

    Raises bad input where no two pictures hang together.
    """
    sides = read_sides(photos, features)
    links = _read_links(pairs, sides)
    layout = robust_layout(len(sides), links)
    report(0.1, "matching again where the layout puts each picture")
    places, component = layout.root_from_picture, layout.component
    first: list[Link] = []
    for number, reach in enumerate(GUIDED_REACH):
        found = _guided_links(sides, places, component, reach, report, 0.1 + 0.4 * number)
        honest = [link for link in links if _agrees(link, places, component, AGREES)]
        merged = _merged(honest, found)
        first, places = _consistent(merged, _adjusted(merged, places, component), sides)
        component = components(len(sides), [(link.first, link.second) for link in first])
    members = np.flatnonzero(component == 0)
    if len(members) < 2:
        raise bad_input(
            "no two pictures hang together as one flat wall",
            "add a picture that shows both of what others show in part",
        )
    own = [link for link in first if component[link.first] == 0]
    solution, own, px = _final(own, places, members, sides)
    degree = np.bincount(np.array([(link.first, link.second) for link in own]).ravel(), minlength=len(sides))
    pictures = tuple(
        MosaicPicture(
            index=int(index),
            name=photos.photos[index].name,
            picture_from_plane=tuple(tuple(float(v) for v in row) for row in _upright_depth(solution.picture_from_wall[number])),
            radial=float(solution.radial[number]),
            links=int(degree[index]),
        )
        for number, index in enumerate(members)
    )
    parts = tuple(
        tuple(photos.photos[i].name for i in np.flatnonzero(component == label))
        for label in range(int(component.max()) + 1)
        if (component == label).sum() > 1
    )
    left_out = _left_out(photos, pairs, links, component)
    dropped = _contradicting(links, places, component)
    _say(report, parts, left_out, dropped)
    _doubt_lone(report, pictures, own)
    report(1.0, f"{len(pictures)} of {len(sides)} pictures, {px:.2f} px")
    return Mosaic(
        folder=folder,
        pictures=pictures,
        left_out=left_out,
        parts=parts,
        pairs=len(own),
        dropped=dropped,
        residual_px=px,
        flat_share=pairs.flat_share,
    )


def _read_links(pairs: MosaicPairs, sides: list[Side]) -> list[Link]:
    rows = pairs.read_rows()
    return [
        link_of(pair.first, pair.second, Agreed(np.array(pair.first_from_second), own, own), sides)
        for pair, own in zip(pairs.pairs, rows, strict=True)
    ]


def _guided_links(
    sides: list[Side], places: Floats, component: NDArray[np.int64], reach: float, report: Progress, start: float
) -> list[Link]:
    """Pairs of pictures that share some of their area in the layout, matched where it puts them."""
    every = [
        (i, j)
        for i, j in combinations(range(len(sides)), 2)
        if component[i] == component[j] and _shared(places, sides, i, j) > LEAST_SHARED
    ]
    found = []
    for number, (i, j) in enumerate(every):
        report(start + 0.35 * number / len(every), f"pair {number + 1} of {len(every)}")
        between = px_from_unit(sides[i]) @ np.linalg.inv(places[i]) @ places[j] @ np.linalg.inv(px_from_unit(sides[j]))
        if not is_plausible(between, sides[j].outline):
            continue
        agreed = guided(sides[i], sides[j], between, reach)
        if agreed is not None:
            found.append(link_of(i, j, agreed, sides))
    return found


def _shared(places: Floats, sides: list[Side], first: int, second: int) -> float:
    """The part of the smaller picture's area that lies in the other one."""
    best = 0.0
    for i, j in ((first, second), (second, first)):
        u, v = np.meshgrid(np.linspace(0.03, 0.97, 16), np.linspace(0.03, 0.97, 16))
        grid = (np.column_stack([u.ravel(), v.ravel()]) - 0.5) * (sides[j].width, sides[j].height) / half_diagonal(sides[j])
        seen = transfer(np.linalg.inv(places[i]) @ places[j], grid) * half_diagonal(sides[i])
        inside = (np.abs(seen) < np.array([sides[i].width, sides[i].height]) / 2).all(axis=1)
        best = max(best, float(inside.mean()))
    return best


def _agrees(link: Link, places: Floats, component: NDArray[np.int64], tolerance: float) -> bool:
    """Whether a pair of one component fits the places."""
    if component[link.first] != component[link.second]:
        return False
    return misfit(link, np.linalg.inv(places[link.first]) @ places[link.second]) < tolerance


def _contradicting(links: list[Link], places: Floats, component: NDArray[np.int64]) -> int:
    """How many pairs between pictures of the mosaic do not fit it."""
    inside = [link for link in links if component[link.first] == 0 and component[link.second] == 0]
    return sum(not _agrees(link, places, component, AGREES) for link in inside)


def _merged(before: list[Link], found: list[Link]) -> list[Link]:
    """Of each pair the link with more matches."""
    best = {(link.first, link.second): link for link in before}
    for link in found:
        known = best.get((link.first, link.second))
        if known is None or link.weight >= known.weight:
            best[link.first, link.second] = link
    return [best[key] for key in sorted(best)]


def _adjusted(links: list[Link], places: Floats, component: NDArray[np.int64]) -> Floats:
    """All components adjusted, each about its picture with most matches: root_from_picture (n, 3, 3)."""
    adjusted = places.copy()
    for label in range(int(component.max()) + 1):
        members = np.flatnonzero(component == label)
        own = [link for link in links if component[link.first] == label]
        if own:
            adjusted[members] = np.linalg.inv(_solve(own, places, members).picture_from_wall)
    return adjusted


def _solve(links: list[Link], places: Floats, members: NDArray[np.int64], radial: Floats | None = None) -> Solution:
    number = {int(index): position for position, index in enumerate(members)}
    renamed = [_renamed(link, number[link.first], number[link.second]) for link in links]
    weight = np.zeros(len(members))
    for link in renamed:
        weight[[link.first, link.second]] += link.weight
    held = int(np.argmax(weight))
    start = inverse(inverse(places[members[held]]) @ places[members])
    return solve_bundle(start, matches_of(renamed), held, radial)


def _renamed(link: Link, first: int, second: int) -> Link:
    return Link(first, second, link.first_from_second, link.first_place, link.second_place, link.first_spread, link.weight)


def _consistent(links: list[Link], places: Floats, sides: list[Side]) -> tuple[list[Link], Floats]:
    """The links that agree with what all give together, and the places; a lone weak link between two parts is none."""
    kept = []
    for link in links:
        unit = sides[link.first].reduced / half_diagonal(sides[link.first]) / link.size
        limit = ADJUSTED_AGREES + ADJUSTED_PX * unit
        if misfit(link, np.linalg.inv(places[link.first]) @ places[link.second]) < limit:
            kept.append(link)
    for _ in range(len(kept)):
        weak = _weak_bridge(kept, len(sides))
        if weak is None:
            break
        kept.remove(weak)
    return kept, places


def _weak_bridge(links: list[Link], count: int) -> Link | None:
    """A link of few matches without which its pictures would be in two parts; the weakest first."""
    whole = int(components(count, [(link.first, link.second) for link in links]).max())
    for link in sorted(links, key=lambda link: link.weight):
        if link.weight >= LEAST_BRIDGE:
            return None
        rest = [(other.first, other.second) for other in links if other is not link]
        if int(components(count, rest).max()) > whole:
            return link
    return None


def _final(
    links: list[Link], places: Floats, members: NDArray[np.int64], sides: list[Side]
) -> tuple[Solution, list[Link], float]:
    """The bundle without outliers, and the median miss in px of the coarser picture."""
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
    start[members] = np.linalg.inv(solution.picture_from_wall)
    solution = _solve(kept, start, members, solution.radial)
    matches = matches_of(kept)
    px = solution.misses * matches.spread
    unit = np.array([half_diagonal(side) / side.reduced for side in sides])
    return solution, kept, float(np.median(px * unit[matches.at]))


def _thinned(link: Link, rows: NDArray[np.int64]) -> Link:
    return Link(
        link.first,
        link.second,
        link.first_from_second,
        link.first_place[rows],
        link.second_place[rows],
        link.first_spread[rows],
        float(len(rows)),
    )


def _upright_depth(picture_from_plane: Floats) -> Floats:
    """The same map with a positive depth at the picture's middle."""
    plane = np.linalg.inv(picture_from_plane)[:, 2]
    depth = picture_from_plane[2] @ (plane / plane[2])
    return np.asarray(picture_from_plane * np.sign(depth), np.float64)


def _left_out(photos: PhotoSet, pairs: MosaicPairs, links: list[Link], component: NDArray[np.int64]) -> tuple[LeftOut, ...]:
    found = []
    for index, photo in enumerate(photos.photos):
        if component[index] == 0:
            continue
        others = [i for i in np.flatnonzero(component == component[index]) if i != index]
        matched = any(index in (link.first, link.second) for link in links)
        if photo.name in pairs.mirrored:
            reason = "it is mirrored"
        elif others:
            names = ", ".join(photos.photos[i].name for i in others[:3])
            reason = f"it overlaps {names}{' and others' if len(others) > 3 else ''}, but no picture of the mosaic"
        elif matched:
            reason = "its likeness to other pictures contradicts how all others fit together"
        else:
            reason = "no other picture shows the same place"
        found.append(LeftOut(name=photo.name, reason=reason))
    return tuple(found)


def _doubt_lone(report: Progress, pictures: tuple[MosaicPicture, ...], links: list[Link]) -> None:
    """Name the pictures that hang on one pair alone: nothing contradicts a look-alike there."""
    if len(pictures) < 3:
        return
    for picture in pictures:
        if picture.links == 1:
            held = next(int(link.weight) for link in links if picture.index in (link.first, link.second))
            report.note(
                f"{picture.name} is held by one pair of {held} matches alone, which could be a look-alike's: compare its place "
                "with the picture, and leave it out if it is wrong"
            )


def _say(report: Progress, parts: tuple[tuple[str, ...], ...], left_out: tuple[LeftOut, ...], dropped: int) -> None:
    if len(parts) > 1:
        sizes = ", ".join(str(len(part)) for part in parts)
        report.note(
            f"the pictures fall into {len(parts)} parts of {sizes} pictures that nothing joins: the mosaic is the largest; "
            "a picture that shows some of both would join them"
        )
    for picture in left_out[:20]:
        report.note(f"{picture.name} is not in the mosaic: {picture.reason}")
    if dropped:
        report.note(f"{dropped} pairs look alike but contradict the others, and were not used")
