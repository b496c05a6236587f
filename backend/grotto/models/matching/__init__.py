"""The attention-guided matcher of the mural paper: the network, its weights, and matches between two pictures."""

from .assignment import dual_softmax, sinkhorn
from .design import PAPER, MatcherDesign
from .gate import spatial_interaction
from .matching import COVERAGE, STRICT, ScoredMatches, match_points
from .network import LoopScores, Matcher
from .points import Detector, MatchPoints, PointBatch, batch_of, largest_rows, points_from_colmap
from .scoring import Judged, accuracy_and_recall, judge, recall_at, together
from .weights import CARD, SHIPPED, WEIGHTS, LoadedMatcher, load_matcher, new_matcher, write_matcher

__all__ = [
    "CARD",
    "COVERAGE",
    "PAPER",
    "SHIPPED",
    "STRICT",
    "WEIGHTS",
    "Detector",
    "Judged",
    "LoadedMatcher",
    "LoopScores",
    "MatchPoints",
    "Matcher",
    "MatcherDesign",
    "PointBatch",
    "ScoredMatches",
    "accuracy_and_recall",
    "batch_of",
    "dual_softmax",
    "judge",
    "largest_rows",
    "load_matcher",
    "match_points",
    "new_matcher",
    "points_from_colmap",
    "recall_at",
    "sinkhorn",
    "spatial_interaction",
    "together",
    "write_matcher",
]
