"""Generators: models that invent what a picture does not show. None is a default, and none brings its weights along."""

from .zero123plus import Frame, Networks, SixViews, SixViewsOptions, load_networks, six_views, split_sheet

__all__ = ["Frame", "Networks", "SixViews", "SixViewsOptions", "load_networks", "six_views", "split_sheet"]
