"""Generators: models that invent what a picture does not show. None is a default, and none brings its weights along."""

from .outside import Left, OutsideSettings, generate_mesh, read_result, run_model
from .zero123plus import Frame, Networks, SixViews, SixViewsOptions, load_networks, six_views, split_sheet

__all__ = [
    "Frame", "Left", "Networks", "OutsideSettings", "SixViews", "SixViewsOptions", "generate_mesh", "load_networks",
    "read_result", "run_model", "six_views", "split_sheet",
]  # fmt: skip
