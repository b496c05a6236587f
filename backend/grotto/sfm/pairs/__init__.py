"""Which photos show the same, and their matches."""

from .choosing import COARSE_FEATURES, Pairs, choose_pairs, forecast_pairs, mutual_matches, read_coarse_features
from .guided import guided_matches
from .layout import overlap, solve_layout
from .matching import Matches, VerifiedPair, forecast_matches, match_pairs, verify_pairs
from .point_matcher import PhotoPoints, PointMatcher, with_followers
from .projective import agreeing_pairs, homography
from .repetition import ExactRepetition, repeated_pairs, repeated_share
from .retrieval import likely_pairs
from .scales import photo_scales, read_similarities, with_tied_scales
from .verification import two_view_geometry

__all__ = [
    "COARSE_FEATURES",
    "ExactRepetition",
    "Matches",
    "Pairs",
    "PhotoPoints",
    "PointMatcher",
    "VerifiedPair",
    "agreeing_pairs",
    "choose_pairs",
    "forecast_matches",
    "forecast_pairs",
    "guided_matches",
    "homography",
    "likely_pairs",
    "match_pairs",
    "mutual_matches",
    "overlap",
    "photo_scales",
    "read_coarse_features",
    "read_similarities",
    "repeated_pairs",
    "repeated_share",
    "solve_layout",
    "two_view_geometry",
    "verify_pairs",
    "with_followers",
    "with_tied_scales",
]
