"""Features and matches of a scan: the wall's, but given cameras need none of them."""

from __future__ import annotations

from pathlib import Path

from ...contract import Progress, bad_input
from ...contract.options import FeatureOptions, MatchOptions
from ...photos import ScanPhotos, left_out_clause
from ..features import Features, extract_features, find_features
from ..pairs import Matches, Pairs, verify_pairs


def extract_scan_features(photos: ScanPhotos, options: FeatureOptions, folder: Path, report: Progress) -> Features:
    """SIFT points of every photo. Raises bad input where there is hardly any detail and cameras are to be found from it."""
    if photos.are_placed:
        return find_features(photos, options, folder, report)
    return extract_features(photos, options, folder, report)


def match_scan_pairs(
    features: Features, pairs: Pairs, photos: ScanPhotos, options: MatchOptions, folder: Path, report: Progress
) -> Matches:
    """The verified matches. Raises bad input where there are none and cameras are to be found from them.

    The geometry of a pair is found from its matches alone even where cameras are given, so that it can contradict them.
    """
    made = verify_pairs(features, pairs, photos, options, folder, report)
    if not made.pairs and not photos.are_placed:
        raise bad_input(
            f"no two photos show the same part of the subject{left_out_clause(photos)}",
            "take photos all about it that overlap by half or more, each a few steps from the one before",
        )
    return made
