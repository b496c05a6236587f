"""Alignment of point sets by similarities."""

from .similarity import Complex, PairSimilarity, fit_similarity, vote_similarity

__all__ = ["Complex", "PairSimilarity", "fit_similarity", "vote_similarity"]
