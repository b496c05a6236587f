"""Training of the attention matcher on walls of the product's own painter."""

from .shard import ShardSize, find_view_points
from .shell import train_matcher_command
from .train import TrainedMatcher, TrainingSize, train_matcher
from .truth import Truth, find_truth, overlap_of
from .view_map import VIEW_HEIGHT, VIEW_WIDTH, ViewMap, draw_view_map
from .view_picture import draw_view, spoil

__all__ = [
    "VIEW_HEIGHT",
    "VIEW_WIDTH",
    "ShardSize",
    "TrainedMatcher",
    "TrainingSize",
    "Truth",
    "ViewMap",
    "draw_view",
    "draw_view_map",
    "find_truth",
    "find_view_points",
    "overlap_of",
    "spoil",
    "train_matcher",
    "train_matcher_command",
]
