"""Stages that two recipes or more use."""

from ..assets import AssetList
from .asset import ASSET, ScanAsset
from .elements_file import LIST_FILE
from .fits import FIELD, SPLATS, spz_of
from .scores import SCORES, Scores
from .segmenter import Segmenter, models_used, resolve_segmenter
from .surface import REFINE, SURFACE, ScanMesh

__all__ = [
    "ASSET",
    "FIELD",
    "LIST_FILE",
    "REFINE",
    "SCORES",
    "SPLATS",
    "SURFACE",
    "AssetList",
    "ScanAsset",
    "ScanMesh",
    "Scores",
    "Segmenter",
    "models_used",
    "resolve_segmenter",
    "spz_of",
]
