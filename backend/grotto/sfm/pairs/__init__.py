"""Which photos show the same, and their matches."""

from .choosing import COARSE_FEATURES, Pairs, choose_pairs, forecast_pairs, mutual_matches, read_coarse_features
from .layout import overlap, solve_layout
from .matching import Matches, VerifiedPair, forecast_matches, match_pairs, verify_pairs
from .retrieval import likely_pairs

__all__ = [
    "COARSE_FEATURES",
    "Matches",
    "Pairs",
    "VerifiedPair",
    "choose_pairs",
    "forecast_matches",
    "forecast_pairs",
    "likely_pairs",
    "match_pairs",
    "mutual_matches",
    "overlap",
    "read_coarse_features",
    "solve_layout",
    "verify_pairs",
]
