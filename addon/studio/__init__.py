"""A studio for results: lights, backdrop, view camera and pictures. It stays in the scene, in a collection of its own."""

from .render import render_parts, render_turntable, render_view
from .subject import light_subject
from .wall import light_wall

__all__ = ["light_subject", "light_wall", "render_parts", "render_turntable", "render_view"]
