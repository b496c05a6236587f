"""The stage `matches` of a wall: with the ratio test, or with the attention matcher where the user chose it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Action, Progress, bad_input
from ...contract.options import MatcherOptions, MatchOptions
from ...photos import PhotoSet
from ...sfm.features import Features
from ...sfm.pairs import Matches, Pairs, PhotoPoints, PointMatcher, forecast_matches, match_pairs
from ..weights import GPU_CONTEXT

_BYTES_OF_PAIR = 4 * 24  # of tables of points by points that the network holds at once, float32
_BYTES_OF_TORCH = 400_000_000


def forecast_wall_matches(
    features: Features, pairs: Pairs, photos: PhotoSet, options: MatchOptions, chosen: MatcherOptions
) -> int:
    """Bytes: those of the classical way, and where a network matches its tables."""
    found = forecast_matches(features, pairs, photos, options)
    if chosen.matcher == "attention":
        found += _BYTES_OF_TORCH + _BYTES_OF_PAIR * min(chosen.matcher_points, max(features.keypoints)) ** 2
    return found


def gpu_wall_matches(features: Features, pairs: Pairs, photos: PhotoSet, options: MatchOptions, chosen: MatcherOptions) -> int:
    """Bytes on a GPU: the network's tables; none without it."""
    if chosen.matcher == "sift":
        return 0
    return GPU_CONTEXT + _BYTES_OF_PAIR * min(chosen.matcher_points, max(features.keypoints)) ** 2


def match_wall_pairs(
    features: Features,
    pairs: Pairs,
    photos: PhotoSet,
    options: MatchOptions,
    chosen: MatcherOptions,
    folder: Path,
    report: Progress,
) -> Matches:
    """`match_pairs` with the chosen matcher. Raises what loading the network raises, before anything is matched."""
    if chosen.matcher == "sift":
        return match_pairs(features, pairs, photos, options, folder, report)
    report(0.0, "loading the matcher")
    matcher = attention_matcher(chosen, report)
    return match_pairs(features, pairs, photos, options, folder, report, matcher)


def attention_matcher(chosen: MatcherOptions, report: Progress) -> PointMatcher:
    """The attention matcher as a function of two photos' points."""
    from ...fitting import choose_device  # here, as a wall without a network loads no torch
    from ...models.matching import largest_rows, load_matcher, match_points, points_from_colmap

    network = load_matcher(_folder(chosen), choose_device(report)).network

    def match(first: PhotoPoints, second: PhotoPoints) -> NDArray[np.int64]:
        sides = [points_from_colmap(side.keypoints, side.descriptors, side.width, side.height) for side in (first, second)]
        kept = [largest_rows(side, chosen.matcher_points) for side in sides]
        found = match_points(network, sides[0].chosen(kept[0]), sides[1].chosen(kept[1]))
        rows = found.at_least(chosen.match_probability)
        rows[:, 0], rows[:, 1] = kept[0][rows[:, 0]], kept[1][rows[:, 1]]
        return rows

    return match


def matching_engine(chosen: MatcherOptions) -> str:
    """The matcher that a job used, as its result and its report name it."""
    if chosen.matcher == "sift":
        return "brute force with ratio test (pycolmap, CPU)"
    return f"attention matcher on the {chosen.matcher_points} largest points, others follow by ratio test (torch)"


def matcher_models(chosen: MatcherOptions) -> tuple[dict[str, str], ...]:
    """The weights that a job used, as its result lists them."""
    if chosen.matcher == "sift":
        return ()
    from ...models.matching import WEIGHTS, load_matcher

    loaded = load_matcher(_folder(chosen))
    licence = str(loaded.card.get("licence", "unknown"))
    return ({"name": WEIGHTS, "licence": licence, "sha256": loaded.sha256},)


def _folder(chosen: MatcherOptions) -> Path | None:
    """The folder of the user's own matcher; None for that which ships. Raises bad input where there is none."""
    if not chosen.matcher_folder:
        return None
    folder = Path(chosen.matcher_folder).expanduser().absolute()
    if not folder.is_dir():
        raise bad_input(
            f"there is no folder {folder}", "name what grotto train matcher wrote", Action.CHANGE_OPTIONS, option="matcher_folder"
        )
    return folder
