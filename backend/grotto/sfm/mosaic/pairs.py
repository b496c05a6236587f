"""The stage `mosaic_pairs`: which pictures of a flat wall show the same, and by which homography."""

from __future__ import annotations

from collections.abc import Iterator
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
from ...photos import PhotoSet, left_out_clause, read_image, read_mask
from ..pairs import likely_pairs
from .features import SHARE, MosaicFeatures, Points, points_of
from .graph import Link
from .homography import Floats, scale_of
from .matching import FINE_PX, Agreed, Side, agree, spread_px

FEW = 30  # pictures of which all pairs are compared
ALIKE = 16  # pictures of most similar signature that each of many is compared with
SIGNATURE_POINTS = 1500
STRONGEST = 3000  # points of a picture that are compared at first
HELD = 60  # matches that hold a picture: one with fewer is looked at with all its points
MIRROR_TRIALS = 12  # pictures that a picture without a pair is held against in a mirror
LEAST_EPIPOLAR = 15  # matches, to look for an epipolar geometry among them
MATCH_SPREAD_PX = 0.5  # standard deviation of a small feature's place, px of the coarser picture


@dataclass(frozen=True, kw_only=True)
class MosaicPair:
    """A pair of positions in the photo set whose matches agree on a homography."""

    first: int
    second: int
    inliers: int
    matched: int  # before the geometry
    epipolar: int  # matches that agree on an epipolar geometry, which needs no flat wall
    first_from_second: tuple[tuple[float, ...], ...]  # px


@dataclass(frozen=True, kw_only=True)
class MosaicPairs(Artefact):
    """Pairs with their homographies; rows of matched points in `rows.npz`."""

    rows: str
    pairs: tuple[MosaicPair, ...]
    compared: int
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
    """Bytes: all descriptors, and a block of likenesses."""
    return sum(features.counts) * 128 * 4 + 2048 * max(features.counts) * 16 + 300_000_000


def match_mosaic_pairs(
    photos: PhotoSet, features: MosaicFeatures, options: MatchOptions, folder: Path, report: Progress
) -> MosaicPairs:
    """Compare pictures and keep pairs with a homography. Raises bad input where there is none."""
    sides = read_sides(photos, features)
    found: dict[tuple[int, int], Agreed] = {}
    pairs: list[MosaicPair] = []
    compared = 0
    for share, (first, second), most in _chosen(sides, found):
        report(0.95 * share, f"comparing {photos.photos[first].name} and {photos.photos[second].name}")
        compared += 1
        agreed = agree(sides[first], sides[second], options.match_ratio, most)
        if agreed is not None:
            found[first, second] = agreed
    lonely = [index for index in range(len(sides)) if not any(index in pair for pair in found)]
    mirrored = tuple(
        photos.photos[index].name for index in lonely if _fits_mirrored(index, photos, sides, found, options, report)
    )
    for name in mirrored:
        report.note(f"{name} is mirrored: turn it over (left for right) and run again; it is left out")
    if not found:
        raise bad_input(
            f"no two pictures show the same part of one flat wall{left_out_clause(photos)}",
            "add a picture that shows both of what others show in part",
        )
    for (first, second), agreed in sorted(found.items()):
        pairs.append(_summary(first, second, agreed, sides))
    arrays: dict[str, Any] = {f"pair{number}": found[pair.first, pair.second].rows for number, pair in enumerate(pairs)}
    np.savez(folder / "rows.npz", **arrays)
    report(1.0, f"{len(pairs)} of {compared} pairs agree")
    return MosaicPairs(folder=folder, rows="rows.npz", pairs=tuple(pairs), compared=compared, mirrored=mirrored)


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


def link_of(first: int, second: int, agreed: Agreed, sides: list[Side]) -> Link:
    """A pair in the units of its pictures."""
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
        weight=float(len(rows)),
    )


def _chosen(sides: list[Side], found: dict[tuple[int, int], Agreed]) -> Iterator[tuple[float, tuple[int, int], int]]:
    """Pairs to compare, each with the share of the work that is done and how many points to compare (0: all).

    Of few pictures all pairs, of many first those with like signatures, by their strongest points. `found` is filled
    meanwhile: pictures that are still held by few matches are then compared with all others, by all their points.
    """
    count = len(sides)
    if count <= FEW:
        every = list(combinations(range(count), 2))
    else:
        every = likely_pairs([_even_choice(side.points) for side in sides], reach=1, alike=ALIKE)
    for number, pair in enumerate(every):
        yield 0.6 * number / len(every), pair, STRONGEST
    held = np.zeros(count)
    for pair, agreed in found.items():
        held[list(pair)] += len(agreed.rows)
    loose = np.flatnonzero(held < HELD)
    rest = sorted({(min(i, j), max(i, j)) for i in loose.tolist() for j in range(count) if i != j} - set(found))
    for number, pair in enumerate(rest):
        yield 0.6 + 0.4 * number / len(rest), pair, 0


def _even_choice(points: Points) -> NDArray[np.float32]:
    """Descriptors of points of all sizes."""
    order = np.argsort(points.size, kind="stable")
    return points.descriptors[order[np.linspace(0, len(order) - 1, min(len(order), SIGNATURE_POINTS)).astype(int)]]


def _summary(first: int, second: int, agreed: Agreed, sides: list[Side]) -> MosaicPair:
    return MosaicPair(
        first=first,
        second=second,
        inliers=len(agreed.rows),
        matched=len(agreed.candidates),
        epipolar=_epipolar_inliers(sides[first], sides[second], agreed),
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
    photos: PhotoSet,
    sides: list[Side],
    found: dict[tuple[int, int], Agreed],
    options: MatchOptions,
    report: Progress,
) -> bool:
    """Whether the picture's mirror image has a pair among the pictures with most pairs."""
    photo, side = photos.photos[index], sides[index]
    longest = round(max(photo.width, photo.height) / side.reduced)
    grey = np.asarray(cv2.cvtColor(read_image(photo, longest), cv2.COLOR_RGB2GRAY), np.uint8)[:, ::-1]
    keep = read_mask(photo, longest)
    mask = None if keep is None else np.ascontiguousarray(keep.astype(np.uint8)[:, ::-1])
    flipped = Side(points_of(np.ascontiguousarray(grey), mask, side.reduced, SHARE * 8192), side.width, side.height, side.reduced)
    degree = [sum(other in pair for pair in found) for other in range(len(sides))]
    for other in sorted((i for i in range(len(sides)) if i != index), key=lambda i: -degree[i])[:MIRROR_TRIALS]:
        report.check()
        if agree(flipped, sides[other], options.match_ratio) is not None:
            return True
    return False
