"""Stages that two recipes or more use."""

from .asset import ASSET, ScanAsset
from .backdrop import BACKDROP, Backdrop
from .fits import FIELD, SPLATS, spz_of
from .scores import SCORES, Scores
from .subject import SUBJECT, SubjectViews
from .surface import REFINE, SURFACE, ScanMesh

__all__ = [
    "ASSET",
    "BACKDROP",
    "FIELD",
    "REFINE",
    "SCORES",
    "SPLATS",
    "SUBJECT",
    "SURFACE",
    "Backdrop",
    "ScanAsset",
    "ScanMesh",
    "Scores",
    "SubjectViews",
    "spz_of",
]
