"""Stages that two recipes or more use."""

from .asset import ASSET, ScanAsset
from .elements_file import LIST_FILE
from .fits import FIELD, SPLATS, spz_of
from .outline import outline, outlined_anew
from .scores import SCORES, Scores
from .segmenter import Chosen, chosen_segmenter
from .surface import REFINE, SURFACE, ScanMesh

__all__ = [
    "ASSET",
    "FIELD",
    "LIST_FILE",
    "REFINE",
    "SCORES",
    "SPLATS",
    "SURFACE",
    "Chosen",
    "ScanAsset",
    "ScanMesh",
    "Scores",
    "chosen_segmenter",
    "outline",
    "outlined_anew",
    "spz_of",
]
