"""Lenses: how certain each focal length is, and which photos were taken with which."""

from .bundle import Bundle, Floats, Whole, linearise, moved, read_bundle, with_lenses, write_bundle
from .enumeration import OBSERVABLE, FocalCurve, enumerate_focal, stretched
from .normal import Prior
from .regroup import regroup
from .solving import Solved, solve
from .telling import LEAST_RATIO, free_each, is_strained, lenses_differ, merge_alike, split_by_gaps, split_lens

__all__ = [
    "LEAST_RATIO",
    "OBSERVABLE",
    "Bundle",
    "Floats",
    "FocalCurve",
    "Prior",
    "Solved",
    "Whole",
    "enumerate_focal",
    "free_each",
    "is_strained",
    "lenses_differ",
    "linearise",
    "merge_alike",
    "moved",
    "read_bundle",
    "regroup",
    "solve",
    "split_by_gaps",
    "split_lens",
    "stretched",
    "with_lenses",
    "write_bundle",
]
