"""Pictures of one flat wall, of any sizes and scales, in one plane: a mosaic without cameras."""

from .audit import Witness, out_of_place
from .bundle import Matches, Solution, matches_of, solve_bundle
from .features import MosaicFeatures, Points, extract_mosaic_features, forecast_mosaic_features, points_of
from .frame import MosaicFrame, PlacedPicture, set_mosaic_frame
from .graph import Layout, Link, components, misfit, robust_layout
from .homography import fit_affine, fit_homography, inverse, is_plausible, transfer
from .lens import distort, undistort
from .likeness import Likeness, alike_level, compare
from .matching import Agreed, Side, alternatives
from .mosaic import find_mosaic, forecast_mosaic
from .pairs import MosaicPair, MosaicPairs, forecast_mosaic_pairs, match_mosaic_pairs
from .pixels import Pyramid, pyramid
from .placed import LeftOut, Mosaic, MosaicPicture
from .upright import Lines, by_corners, level_by_lines, own_axes
from .words import doubt_lone

__all__ = [
    "Agreed",
    "Layout",
    "LeftOut",
    "Likeness",
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
    "Pyramid",
    "Side",
    "Solution",
    "Witness",
    "alike_level",
    "alternatives",
    "by_corners",
    "compare",
    "components",
    "distort",
    "doubt_lone",
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
    "out_of_place",
    "own_axes",
    "points_of",
    "pyramid",
    "robust_layout",
    "set_mosaic_frame",
    "solve_bundle",
    "transfer",
    "undistort",
]
