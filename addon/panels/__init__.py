"""The panels of the sidebar's tab, and the header of the image editor."""

from typing import Any

from .create import GROTTO_PT_create
from .elements import GROTTO_UL_elements
from .jobs import GROTTO_PT_jobs
from .problem import GROTTO_PT_problem
from .result import GROTTO_PT_result
from .status import GROTTO_PT_status
from .strokes import GROTTO_PT_strokes, draw_header

CLASSES: tuple[type[Any], ...] = (
    GROTTO_UL_elements,
    GROTTO_PT_status,
    GROTTO_PT_problem,
    GROTTO_PT_create,
    GROTTO_PT_jobs,
    GROTTO_PT_result,
    GROTTO_PT_strokes,
)

__all__ = ["CLASSES", "draw_header"]
