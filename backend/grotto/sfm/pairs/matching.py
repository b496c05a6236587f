"""Matching the chosen pairs, checking their geometry, and dropping those that contradict the rest."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Progress, bad_input
from ...contract.options import MatchOptions
from ...formats import Artefact
from ...photos import PhotoSet, left_out_clause
from ..align import PairSimilarity, fit_similarity
from ..cancellable import run_cancellable
from ..features import DATABASE, Features, database_name
from .choosing import Pairs
from .guided import READ_AT_ONCE, forget_weak, write_guided_matches
from .layout import solve_layout
from .point_matcher import PointMatcher, PointsOfPhotos, write_matches
from .projective import Floats, Pair, agreeing_pairs, homography
from .repetition import MOST, ExactRepetition, repeated_pairs, repeated_share
from .verification import verify_matches

BATCH = 48  # pairs between two looks at progress
STRICT_TOLERANCE = 0.012  # of the photo's longer side, once thousands of matches fix each pair's shift


@dataclass(frozen=True, kw_only=True)
class VerifiedPair:
    """A pair whose matches obey one geometry."""

    first: int  # positions in the photo set
    second: int
    inliers: int
    similarity_px: float  # RMS by which its matches miss one similarity: next to nothing means flat and frontal


@dataclass(frozen=True, kw_only=True)
class Matches(Artefact):
    """The database with the verified matches, and a summary of them."""

    database: str
    pairs: tuple[VerifiedPair, ...]
    dropped: int  # pairs that matched, yet contradict the layout of all others
    compared: int


def forecast_matches(features: Features, pairs: Pairs, photos: PhotoSet, options: MatchOptions) -> int:
    """Bytes: COLMAP's feature cache, and two distance tables at a time."""
    largest = max(features.keypoints)
    return int(sum(sorted(features.keypoints)[-100:]) * 160 + 2 * largest**2 * 4) + 300_000_000


def match_pairs(
    features: Features,
    pairs: Pairs,
    photos: PhotoSet,
    options: MatchOptions,
    folder: Path,
    report: Progress,
    matcher: PointMatcher | None = None,
) -> Matches:
    """`verify_pairs`. Raises bad input where no pair matches, and `ExactRepetition` where most show what comes again elsewhere.

    Where the user vouches for the order of the photos (pairing by sequence), or fewer pairs show such places, a note says so.
    """
    made = verify_pairs(features, pairs, photos, options, folder, report, matcher)
    if not made.pairs:
        raise bad_input(
            f"no two photos show the same part of the wall{left_out_clause(photos)}",
            "take photos that overlap by half or more, from places apart",
        )
    if made.dropped:
        report.note(f"{made.dropped} pairs look alike but do not fit the layout, and were left out")
    _check_repetition(made, photos, pairs.way == "sequence", report)
    return made


def _check_repetition(made: Matches, photos: PhotoSet, vouched: bool, report: Progress) -> None:
    inliers = {(pair.first, pair.second): pair.inliers for pair in made.pairs}
    with pycolmap.Database.open(str(made.folder / made.database)) as database:
        points = PointsOfPhotos(database, photos.photos, READ_AT_ONCE)

        def share(pair: Pair) -> float:
            report.check()
            a, b = (places @ np.array([1, 1j]) for places in _matched_places(database, *pair))
            return repeated_share(points.of(pair[0]), points.of(pair[1]), *fit_similarity(b, a))

        doubtful = repeated_pairs(inliers, share)
        if not doubtful:
            return
    strongest = max(doubtful, key=lambda pair: inliers[pair])
    example = " and ".join(photos.photos[position].name for position in strongest)
    most = len(doubtful) > MOST * len(inliers)
    found = (
        f"{'the wall repeats itself' if most else 'parts of the wall repeat themselves'} exactly: what {len(doubtful)} of "
        f"{len(inliers)} pairs of photos share is as like another place as its own (for one {example})"
    )
    if vouched or not most:
        report.note(f"{found}; photos may stand a whole motif from where they belong: look the wall over before you use it")
        return
    raise ExactRepetition(
        bad_input(
            f"{found}, so nothing tells where the photos belong",
            "fix unlike marks, such as slips of paper with numbers, to the wall so that each photo shows one or two, and "
            "take the photos again; where each photo shows less than one motif and they were taken in order, "
            "--pairing sequence takes them as neighbours",
        ).problem
    )


def verify_pairs(
    features: Features,
    pairs: Pairs,
    photos: PhotoSet,
    options: MatchOptions,
    folder: Path,
    report: Progress,
    matcher: PointMatcher | None = None,
) -> Matches:
    """Match with Lowe's ratio and cross check, verify by two-view geometry as COLMAP does, keep what agrees with the layout.

    Points are sought where the layout puts them (`guided_matches`). A pair that the layout does not tie, or of which few matches
    obey one geometry then, is matched in the whole photo. Where the photos are shifted copies of a flat wall, the largest points
    of each are sought, which hold a plane as firmly as all.
    matcher: takes the place of ratio and cross check; points that it leaves out then follow its matches (`with_followers`).

    The watermark test is off: a pure shift near the border is what a rail capture of a flat wall looks like.
    """
    path = folder / DATABASE
    shutil.copyfile(features.folder / features.database, path)
    for start in range(0, len(pairs.pairs), BATCH):
        report(start / len(pairs.pairs), f"pair {start + 1} of {len(pairs.pairs)}")
        batch = pairs.pairs[start : start + BATCH]
        if matcher is not None:
            write_matches(path, batch, photos.photos, matcher, options.match_ratio, report)
            verify_matches(path, batch, options.least_inliers, report)
            continue
        guided = write_guided_matches(path, batch, pairs, photos.photos, options.match_ratio, report)
        verify_matches(path, tuple(guided), options.least_inliers, report)
        found = guided.keys() - forget_weak(path, guided, options.least_inliers)
        left = [pair for pair in batch if pair not in found]
        if left:
            _match_batch(path, left, options, report)
    with pycolmap.Database.open(str(path)) as database:
        verified, similarities = _read_verified(database, options)
        kept = [True] * len(verified)
        if pairs.way == "layout":
            tolerance = _tolerance(similarities, pairs, photos)
            kept = _consistent(len(photos.photos), similarities, photos, tolerance)
            kept = _with_projective(len(photos.photos), database, verified, kept, 2 * tolerance)
        for pair, keep in zip(verified, kept, strict=True):
            if not keep:
                database.delete_matches(pair.first + 1, pair.second + 1)
                database.delete_two_view_geometry(pair.first + 1, pair.second + 1)
        _drop_unverified(database, {(pair.first, pair.second) for pair, keep in zip(verified, kept, strict=True) if keep})
    good = tuple(pair for pair, keep in zip(verified, kept, strict=True) if keep)
    report(1.0, f"{len(good)} pairs agree")
    return Matches(folder=folder, database=DATABASE, pairs=good, dropped=len(verified) - len(good), compared=len(pairs.pairs))


def _match_batch(path: Path, pairs: Sequence[tuple[int, int]], options: MatchOptions, report: Progress) -> None:
    """Match the pairs by comparing all their points, and find their two-view geometries."""
    listing = path.with_name("pairs.txt")
    lines = [f"{database_name(first + 1)} {database_name(second + 1)}\n" for first, second in pairs]
    listing.write_text("".join(lines), encoding="utf-8")
    matching = pycolmap.FeatureMatchingOptions(use_gpu=False)
    matching.sift.max_ratio = options.match_ratio
    verification = pycolmap.TwoViewGeometryOptions(detect_watermark=False, min_num_inliers=options.least_inliers)
    verification.ransac.random_seed = 0
    pairing = pycolmap.ImportedPairingOptions(match_list_path=str(listing), block_size=BATCH)

    def match(token: pycolmap.CancellationToken) -> None:
        pycolmap.match_image_pairs(path, matching, pairing, verification, pycolmap.Device.cpu, token)

    run_cancellable(match, report)
    listing.unlink()


def _read_verified(database: pycolmap.Database, options: MatchOptions) -> tuple[list[VerifiedPair], list[PairSimilarity]]:
    keypoints: dict[int, np.ndarray] = {}

    def places(image_id: int, rows: np.ndarray) -> np.ndarray:
        if image_id not in keypoints:
            keypoints[image_id] = np.asarray(database.read_keypoints(image_id))[:, :2].astype(np.float64)
        return keypoints[image_id][rows] @ np.array([1, 1j])

    verified: list[VerifiedPair] = []
    similarities: list[PairSimilarity] = []
    pair_ids, geometries = database.read_two_view_geometries()
    for pair_id, geometry in zip(pair_ids, geometries, strict=True):
        matches = np.asarray(geometry.inlier_matches)
        if len(matches) < options.least_inliers:
            continue
        first, second = sorted(pycolmap.pair_id_to_image_pair(pair_id))
        a, b = places(first, matches[:, 0]), places(second, matches[:, 1])
        turn, shift = fit_similarity(b, a)
        miss = np.abs(turn * b + shift - a)
        rms = float(np.sqrt(np.mean(miss**2)))
        verified.append(VerifiedPair(first=first - 1, second=second - 1, inliers=len(matches), similarity_px=rms))
        similarities.append(PairSimilarity(first - 1, second - 1, turn, shift, len(matches), float(np.median(miss))))
    return verified, similarities


def _tolerance(similarities: list[PairSimilarity], pairs: Pairs, photos: PhotoSet) -> float:
    """Pixels by which a true pair may miss the layout: more in a deep scene, where the pairs' own matches scatter."""
    size = float(np.median([max(photo.width, photo.height) for photo in photos.photos]))
    scatter = float(np.median([pair.spread for pair in similarities])) if similarities else 0.0
    return float(np.clip(6 * scatter, STRICT_TOLERANCE * size, 4 * pairs.tolerance_px))


def _consistent(count: int, similarities: list[PairSimilarity], photos: PhotoSet, tolerance: float) -> list[bool]:
    """Which pairs agree with the layout that all verified pairs give together."""
    size = float(np.median([max(photo.width, photo.height) for photo in photos.photos]))
    layout = solve_layout(count, similarities, size, tolerance)
    # between components that only single links join there is nothing that could contradict them
    return [bool(agrees) for agrees in layout.agrees]


def _with_projective(
    count: int, database: pycolmap.Database, verified: list[VerifiedPair], kept: list[bool], tolerance_px: float
) -> list[bool]:
    """`kept`, and those beside them that agree with them by way of homographies."""
    doubtful = {(pair.first, pair.second) for pair, keep in zip(verified, kept, strict=True) if not keep}
    if not doubtful:
        return kept
    trusted: dict[Pair, tuple[Floats, int]] = {}
    places: dict[Pair, tuple[Floats, Floats]] = {}
    for pair in verified:
        key = pair.first, pair.second
        matched = _matched_places(database, *key)
        if key in doubtful:
            places[key] = matched
        elif (found := homography(*matched, tolerance_px)) is not None:
            trusted[key] = found, pair.inliers
    agreeing = agreeing_pairs(count, trusted, places, tolerance_px)
    return [keep or (pair.first, pair.second) in agreeing for pair, keep in zip(verified, kept, strict=True)]


def _matched_places(database: pycolmap.Database, first: int, second: int) -> tuple[Floats, Floats]:
    """Places (n, 2) of a pair's verified matches in both photos, in pixels."""
    matches = np.asarray(database.read_two_view_geometry(first + 1, second + 1).inlier_matches)
    return (
        np.asarray(database.read_keypoints(first + 1), np.float64)[matches[:, 0], :2],
        np.asarray(database.read_keypoints(second + 1), np.float64)[matches[:, 1], :2],
    )


def _drop_unverified(database: pycolmap.Database, kept: set[tuple[int, int]]) -> None:
    """Forget raw matches without verified geometry: they would come back as candidates for the next stage."""
    pair_ids, _ = database.read_all_matches()
    for pair_id in pair_ids:
        first, second = sorted(pycolmap.pair_id_to_image_pair(pair_id))
        if (first - 1, second - 1) not in kept:
            database.delete_matches(first, second)
            database.delete_two_view_geometry(first, second)
