"""The cut recipe measured."""

from .bench import BENCH, Proposal, overlap
from .table import MuralScore, cut_table

__all__ = ["BENCH", "MuralScore", "Proposal", "cut_table", "overlap"]
