"""The stage `mosaic_pairs`: which pictures of a flat wall show the same, and by which homography."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import MatchOptions
from ...formats import Artefact
from ...photos import PhotoSet, left_out_clause
from ..pairs import likely_pairs
from .candidates import Candidate, Search, accepted, candidates
from .features import SHARE, MosaicFeatures, Points, points_of
from .graph import Link, components
from .homography import Floats, scale_of
from .likeness import ALIKE_SHARE, compare
from .matching import FINE_PX, LEAST_CANDIDATE, MOST_ALTERNATIVES, Agreed, Side, alternatives, spread_px
from .pixels import KEPT, GreyPictures, mirrored_pyramid

FEW = 30  # pictures of which all pairs are compared
ALIKE = 16  # pictures of most similar signature that each of many is compared with
SIGNATURE_POINTS = 1500
STRONGEST = 3000  # points of a picture that are compared at first
HELD = 60  # matches that hold a picture: one with fewer is looked at with all its points
MIRROR_TRIALS = 12  # pictures that a picture without a pair is held against in a mirror
LAST_RATIO, LEAST_LAST, LAST_ALTERNATIVES = 0.92, 4, 8  # of the last search, for pictures that hang with no others
MOST_LAST = 600  # pairs in it
LEAST_EPIPOLAR = 15  # matches, to look for an epipolar geometry among them
MATCH_SPREAD_PX = 0.5  # standard deviation of a small feature's place, px of the coarser picture


@dataclass(frozen=True, kw_only=True)
class MosaicPair:
    """Two positions in the photo set whose matches agree on a homography, and whose pixels are alike there.

    Where a wall repeats itself, one pair of pictures has several.
    """

    first: int
    second: int
    inliers: int
    matched: int  # before the geometry
    epipolar: int  # matches that agree on an epipolar geometry, which needs no flat wall
    alike: float  # of the overlap's windows; see `alike_level`
    windows: int
    first_from_second: tuple[tuple[float, ...], ...]  # px


@dataclass(frozen=True, kw_only=True)
class MosaicPairs(Artefact):
    """Pairs with their homographies; rows of matched points in `rows.npz`."""

    rows: str
    pairs: tuple[MosaicPair, ...]
    compared: int
    unlike: tuple[tuple[int, int, float], ...]  # pairs that match and are alike nowhere enough: positions, and best share alike
    alike_level: float  # correlation from which windows of these pictures count as alike
    mirrored: tuple[str, ...]  # pictures without a pair that have one in a mirror

    @property
    def flat_share(self) -> float:
        """Of the matches that agree on an epipolar geometry, the share that also agrees on a homography."""
        epipolar = sum(max(pair.epipolar, pair.inliers) for pair in self.pairs)
        return sum(pair.inliers for pair in self.pairs) / max(epipolar, 1)

    def read_rows(self) -> list[NDArray[np.int64]]:
        """Of each pair, the matched points (m, 2)."""
        with np.load(self.folder / self.rows) as file:
            return [file[f"pair{number}"].astype(np.int64) for number in range(len(self.pairs))]


def forecast_mosaic_pairs(photos: PhotoSet, features: MosaicFeatures, options: MatchOptions) -> int:
    """Bytes: all descriptors, a block of likenesses, and the grey pictures that are kept."""
    grey = 1.4 * max(photo.width * photo.height / part**2 for photo, part in zip(photos.photos, features.reduced, strict=True))
    kept = int(min(KEPT, len(photos.photos)) * grey)
    return sum(features.counts) * 128 * 4 + 2048 * max(features.counts) * 16 + kept + 300_000_000


def match_mosaic_pairs(
    photos: PhotoSet, features: MosaicFeatures, options: MatchOptions, folder: Path, report: Progress
) -> MosaicPairs:
    """Compare pictures and keep the homographies at which their pixels are alike. Raises bad input where there is none.

    At first by their strongest points; pictures that few matches hold by all points; and pictures that are still apart from
    the largest group once more, by points that are less distinct. Pixels judge what is found.
    """
    sides, pictures = read_sides(photos, features), GreyPictures(photos, features.reduced)
    found: dict[tuple[int, int], list[Candidate]] = {}
    compared = 0
    searches = (
        (_first_pairs, Search(options.match_ratio, STRONGEST, LEAST_CANDIDATE, MOST_ALTERNATIVES)),
        (_loose_pairs, Search(options.match_ratio, 0, LEAST_CANDIDATE, MOST_ALTERNATIVES)),
        (_pairs_between, Search(max(LAST_RATIO, options.match_ratio), 0, LEAST_LAST, LAST_ALTERNATIVES)),
    )
    for turn, (choose, search) in enumerate(searches):
        chosen = choose(sides, accepted(found)[0])
        for number, (first, second) in enumerate(chosen):
            names = f"{photos.photos[first].name} and {photos.photos[second].name}"
            report(0.95 * (turn + number / len(chosen)) / len(searches), f"comparing {names}")
            compared += 1
            found.setdefault((first, second), []).extend(candidates(first, second, sides, pictures, search))
    kept, level = accepted(found)
    lonely = [index for index in range(len(sides)) if not any(index in pair for pair in kept)]
    mirrored = tuple(
        photos.photos[index].name for index in lonely if _fits_mirrored(index, sides, pictures, kept, level, options, report)
    )
    for name in mirrored:
        report.note(f"{name} is mirrored: turn it over (left for right) and run again; it is left out")
    if not kept:
        raise bad_input(
            f"no two pictures show the same part of one flat wall{left_out_clause(photos)}",
            "add a picture that shows both of what others show in part",
        )
    flat = [(pair, candidate) for pair, some in sorted(kept.items()) for candidate in some]
    arrays: dict[str, Any] = {f"pair{number}": candidate.agreed.rows for number, (_, candidate) in enumerate(flat)}
    np.savez(folder / "rows.npz", **arrays)
    report(1.0, f"{len(kept)} of {compared} pairs agree")
    return MosaicPairs(
        folder=folder,
        rows="rows.npz",
        pairs=tuple(_summary(*pair, candidate, level, sides) for pair, candidate in flat),
        compared=compared,
        unlike=_unlike(found, kept, level),
        alike_level=level,
        mirrored=mirrored,
    )


def _unlike(
    found: dict[tuple[int, int], list[Candidate]], kept: dict[tuple[int, int], list[Candidate]], level: float
) -> tuple[tuple[int, int, float], ...]:
    return tuple(
        (*pair, round(max(one.share(level) for one in some), 3))
        for pair, some in sorted(found.items())
        if some and pair not in kept
    )


def read_sides(photos: PhotoSet, features: MosaicFeatures) -> list[Side]:
    """Points and sizes of all pictures."""
    return [
        Side(features.read(index), photo.width, photo.height, features.reduced[index])
        for index, photo in enumerate(photos.photos)
    ]


def half_diagonal(side: Side) -> float:
    """Px of the unit in which links and bundles measure a picture."""
    return float(np.hypot(side.width, side.height)) / 2


def px_from_unit(side: Side) -> Floats:
    """The map (3, 3) from half diagonals about the middle to px."""
    unit = half_diagonal(side)
    return np.array([[unit, 0, side.width / 2], [0, unit, side.height / 2], [0, 0, 1]])


def link_of(first: int, second: int, agreed: Agreed, sides: list[Side], alike: float, windows: int) -> Link:
    """A pair in the units of its pictures; `alike` is the share of its windows that are alike."""
    one, other = sides[first], sides[second]
    to_one, to_other = px_from_unit(one), px_from_unit(other)
    rows = agreed.rows
    spread = spread_px(one, other, agreed.first_from_second, rows) * MATCH_SPREAD_PX
    return Link(
        first=first,
        second=second,
        first_from_second=np.linalg.inv(to_one) @ agreed.first_from_second @ to_other,
        first_place=(one.points.place[rows[:, 0]] - to_one[:2, 2]) / to_one[0, 0],
        second_place=(other.points.place[rows[:, 1]] - to_other[:2, 2]) / to_other[0, 0],
        first_spread=spread / to_one[0, 0],
        weight=float(len(rows)) * alike**2,
        alike=alike,
        windows=windows,
    )


def _first_pairs(sides: list[Side], kept: dict[tuple[int, int], list[Candidate]]) -> list[tuple[int, int]]:
    """Of few pictures all pairs, of many those with like signatures."""
    if len(sides) <= FEW:
        return list(combinations(range(len(sides)), 2))
    return likely_pairs([_even_choice(side.points) for side in sides], reach=1, alike=ALIKE)


def _loose_pairs(sides: list[Side], kept: dict[tuple[int, int], list[Candidate]]) -> list[tuple[int, int]]:
    """Pictures that few matches hold, with all others that they have no pair with."""
    held = np.zeros(len(sides))
    for pair, some in kept.items():
        held[list(pair)] += len(some[0].agreed.rows)
    loose = np.flatnonzero(held < HELD).tolist()
    return sorted({(min(i, j), max(i, j)) for i in loose for j in range(len(sides)) if i != j} - set(kept))


def _pairs_between(sides: list[Side], kept: dict[tuple[int, int], list[Candidate]]) -> list[tuple[int, int]]:
    """Pictures outside the largest group, with all of other groups; of large sets those in which most points were found."""
    group = components(len(sides), list(kept))
    outside = np.flatnonzero(group != 0).tolist()
    every = {(min(i, j), max(i, j)) for i in outside for j in range(len(sides)) if group[i] != group[j]}
    return sorted(every, key=lambda pair: (-min(len(sides[i].points.place) for i in pair), pair))[:MOST_LAST]


def _even_choice(points: Points) -> NDArray[np.float32]:
    """Descriptors of points of all sizes."""
    order = np.argsort(points.size, kind="stable")
    return points.descriptors[order[np.linspace(0, len(order) - 1, min(len(order), SIGNATURE_POINTS)).astype(int)]]


def _summary(first: int, second: int, candidate: Candidate, level: float, sides: list[Side]) -> MosaicPair:
    agreed = candidate.agreed
    return MosaicPair(
        first=first,
        second=second,
        inliers=len(agreed.rows),
        matched=len(agreed.candidates),
        epipolar=_epipolar_inliers(sides[first], sides[second], agreed),
        alike=candidate.share(level),
        windows=len(candidate.likeness.correlations),
        first_from_second=tuple(tuple(float(value) for value in row) for row in agreed.first_from_second),
    )


def _epipolar_inliers(first: Side, second: Side, agreed: Agreed) -> int:
    """Matches that obey the fundamental matrix on which most agree, to the homography's own tolerance."""
    rows = agreed.candidates
    if len(rows) < LEAST_EPIPOLAR:
        return len(agreed.rows)
    scale = scale_of(agreed.first_from_second, (second.width / 2, second.height / 2))
    unit = max(scale * second.reduced, first.reduced)
    p, q = first.points.place[rows[:, 0]] / unit, second.points.place[rows[:, 1]] * scale / unit
    cv2.setRNGSeed(0)
    _, inliers = cv2.findFundamentalMat(p, q, cv2.USAC_MAGSAC, FINE_PX, 0.999, 2000)
    return len(agreed.rows) if inliers is None else int((np.asarray(inliers) > 0).sum())


def _fits_mirrored(
    index: int,
    sides: list[Side],
    pictures: GreyPictures,
    kept: dict[tuple[int, int], list[Candidate]],
    level: float,
    options: MatchOptions,
    report: Progress,
) -> bool:
    """Whether the picture's mirror image has a pair among the pictures with most pairs."""
    side, turned = sides[index], mirrored_pyramid(pictures[index])
    points = points_of(turned.levels[0], turned.keep, side.reduced, round(SHARE * 12288))
    flipped = Side(points, side.width, side.height, side.reduced)
    degree = [sum(other in pair for pair in kept) for other in range(len(sides))]
    for other in sorted((i for i in range(len(sides)) if i != index), key=lambda i: -degree[i])[:MIRROR_TRIALS]:
        report.check()
        for agreed in alternatives(flipped, sides[other], options.match_ratio):
            likeness = compare(turned, pictures[other], agreed.first_from_second)
            if likeness is not None and likeness.share(level) >= ALIKE_SHARE:
                return True
    return False
