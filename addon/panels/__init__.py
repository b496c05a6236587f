"""The panels of the sidebar's tab, and the header of the image editor."""

from typing import Any

from .create import GROTTO_PT_create
from .elements import GROTTO_UL_elements
from .job_rows import GrottoJobRow, sync
from .jobs import GROTTO_PT_jobs, GROTTO_UL_jobs
from .problem import GROTTO_PT_problem
from .result import GROTTO_PT_result
from .status import GROTTO_PT_status, draw_status_bar
from .strokes import GROTTO_PT_strokes, draw_header

CLASSES: tuple[type[Any], ...] = (
    GrottoJobRow,
    GROTTO_UL_elements,
    GROTTO_UL_jobs,
    GROTTO_PT_status,
    GROTTO_PT_problem,
    GROTTO_PT_result,
    GROTTO_PT_create,
    GROTTO_PT_jobs,
    GROTTO_PT_strokes,
)

__all__ = ["CLASSES", "GrottoJobRow", "draw_header", "draw_status_bar", "sync"]
