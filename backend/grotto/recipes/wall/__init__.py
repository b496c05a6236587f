"""The recipe `wall`."""

from .matching import match_wall_pairs, matching_engine
from .recipe import RECIPE

__all__ = ["RECIPE", "match_wall_pairs", "matching_engine"]
