"""A studio for results: lights, backdrop, view camera and pictures, in a collection of their own; and new results in a view."""

from .arrival import show_again, show_result
from .placing import Box, box_around, free_shift, set_beside
from .render import render_parts, render_turntable, render_view
from .subject import light_subject
from .viewport import fit_eye
from .wall import light_wall

__all__ = [
    "Box",
    "box_around",
    "fit_eye",
    "free_shift",
    "light_subject",
    "light_wall",
    "render_parts",
    "render_turntable",
    "render_view",
    "set_beside",
    "show_again",
    "show_result",
]
