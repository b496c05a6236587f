"""Stages that two recipes or more use."""

from ..assets import AssetList
from .asset import ASSET, ScanAsset
from .backdrop import BACKDROP, Backdrop
from .elements_file import LIST_FILE
from .fits import FIELD, GPU_CONTEXT, SPLATS, gpu_of_weights, spz_of
from .scores import SCORES, Scores
from .segmenter import Segmenter, models_used, resolve_segmenter
from .subject import SUBJECT, SubjectViews
from .surface import REFINE, SURFACE, ScanMesh

__all__ = [
    "ASSET",
    "BACKDROP",
    "FIELD",
    "GPU_CONTEXT",
    "LIST_FILE",
    "REFINE",
    "SCORES",
    "SPLATS",
    "SUBJECT",
    "SURFACE",
    "AssetList",
    "Backdrop",
    "ScanAsset",
    "ScanMesh",
    "Scores",
    "Segmenter",
    "SubjectViews",
    "gpu_of_weights",
    "models_used",
    "resolve_segmenter",
    "spz_of",
]
