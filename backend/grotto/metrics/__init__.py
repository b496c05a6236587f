"""Measures of how near one thing is to another."""

from .patch_shift import patch_shift
from .similarity import Similarity, align_similarity

__all__ = ["Similarity", "align_similarity", "patch_shift"]
