"""The neural core measured: speeds, extractors, fields, six views."""

from .six_view_asset import CELLS, FACES, PADDING, six_view_asset
from .six_view_table import SixViewScore, margin_db, six_view_table
from .six_views import SixViewSet, heldout_scores, rig_views, wanted_fits
from .speed import Speed, measure, mesh_task

__all__ = [
    "CELLS",
    "FACES",
    "PADDING",
    "SixViewScore",
    "SixViewSet",
    "Speed",
    "heldout_scores",
    "margin_db",
    "measure",
    "mesh_task",
    "rig_views",
    "six_view_asset",
    "six_view_table",
    "wanted_fits",
]
