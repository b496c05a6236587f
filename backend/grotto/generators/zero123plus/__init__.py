"""Zero123++: six views round the object on one picture (Shi et al., 2310.15110)."""

from .condition import Frame
from .decoding import split_sheet
from .loading import Networks, load_networks
from .six_views import SixViews, SixViewsOptions, six_views

__all__ = ["Frame", "Networks", "SixViews", "SixViewsOptions", "load_networks", "six_views", "split_sheet"]
