"""Pictures of one flat wall, of any sizes and scales, in one plane: a mosaic without cameras."""

from .bundle import Matches, Solution, matches_of, solve_bundle
from .features import MosaicFeatures, Points, extract_mosaic_features, forecast_mosaic_features, points_of
from .frame import MosaicFrame, PlacedPicture, set_mosaic_frame
from .graph import Layout, Link, components, misfit, robust_layout
from .homography import fit_affine, fit_homography, inverse, is_plausible, transfer
from .lens import distort, undistort
from .matching import Agreed, Side, agree
from .mosaic import LeftOut, Mosaic, MosaicPicture, find_mosaic, forecast_mosaic
from .pairs import MosaicPair, MosaicPairs, forecast_mosaic_pairs, match_mosaic_pairs
from .upright import Lines, by_corners, level_by_lines, own_axes

__all__ = [
    "Agreed",
    "Layout",
    "LeftOut",
    "Lines",
    "Link",
    "Matches",
    "Mosaic",
    "MosaicFeatures",
    "MosaicFrame",
    "MosaicPair",
    "MosaicPairs",
    "MosaicPicture",
    "PlacedPicture",
    "Points",
    "Side",
    "Solution",
    "agree",
    "by_corners",
    "components",
    "distort",
    "extract_mosaic_features",
    "find_mosaic",
    "fit_affine",
    "fit_homography",
    "forecast_mosaic",
    "forecast_mosaic_features",
    "forecast_mosaic_pairs",
    "inverse",
    "is_plausible",
    "level_by_lines",
    "match_mosaic_pairs",
    "matches_of",
    "misfit",
    "own_axes",
    "points_of",
    "robust_layout",
    "set_mosaic_frame",
    "solve_bundle",
    "transfer",
    "undistort",
]
