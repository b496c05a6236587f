"""The neural core measured: speeds, extractors, fields, six views."""

from .curve import BENCH as CURVE
from .extractors import BENCH as EXTRACTORS
from .fields import BENCH as FIELDS
from .ice import BENCH as ICE
from .six_view_asset import CELLS, FACES, PADDING, six_view_asset
from .six_view_table import SixViewScore, margin_db, six_view_table
from .six_views import BENCH as SIX_VIEWS
from .six_views import METHODS, REGION, SixViewSet, rig_views, wanted_fits
from .six_views import run as run_six_views
from .speed import BENCH as SPEED
from .speed import Speed, Task, measure, mesh_task, speed_table

BENCHES = (SPEED, EXTRACTORS, FIELDS, CURVE, SIX_VIEWS, ICE)

__all__ = [
    "BENCHES",
    "CELLS",
    "FACES",
    "METHODS",
    "PADDING",
    "REGION",
    "SixViewScore",
    "SixViewSet",
    "Speed",
    "Task",
    "margin_db",
    "measure",
    "mesh_task",
    "rig_views",
    "run_six_views",
    "six_view_asset",
    "six_view_table",
    "speed_table",
    "wanted_fits",
]
