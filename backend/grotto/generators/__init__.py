"""Generators: models that invent what a picture does not show. None is a default, and none brings its weights along."""

from .depth import DepthModel, load_depth, relative_depth
from .outside import Left, OutsideSettings, generate_mesh, read_result, run_model
from .zero123plus import Frame, Networks, SixViews, SixViewsOptions, load_networks, six_views, split_sheet

__all__ = [
    "DepthModel", "Frame", "Left", "Networks", "OutsideSettings", "SixViews", "SixViewsOptions", "generate_mesh",
    "load_depth", "load_networks", "read_result", "relative_depth", "run_model", "six_views", "split_sheet",
]  # fmt: skip
