"""Radiance and distance fields, and how they are fitted to pictures."""

from .few_views import carve
from .field import DensityGrid, Field, density_grid, render_field
from .fit import choose_kind, fit_field, fit_published
from .freed import CHANGE_TV_WEIGHT, LEARNING_RATE, FreedValues
from .grid_encoding import GridEncoding, GridLevels, encode_reference
from .live_fit import LiveFitting, Rates
from .live_voxels import LiveVoxels
from .many_engine import THINNEST, LossWeights, Marched, fit_rays, render_rays
from .many_field import SHIFT
from .many_grid import SparseGrid
from .many_reference import loss_reference, march_reference
from .neus import unbiased_alpha
from .numerical_gradient import levels_at, numerical_gradient
from .positional import encoded_size, positional_encoding
from .sampling import importance, stratified, stretches
from .sdf import sizes_on
from .store import RadianceField, load_field
from .volsdf import VolSdf, laplace_density

__all__ = [
    "CHANGE_TV_WEIGHT",
    "LEARNING_RATE",
    "SHIFT",
    "THINNEST",
    "DensityGrid",
    "Field",
    "FreedValues",
    "GridEncoding",
    "GridLevels",
    "LiveFitting",
    "LiveVoxels",
    "LossWeights",
    "Marched",
    "RadianceField",
    "Rates",
    "SparseGrid",
    "VolSdf",
    "carve",
    "choose_kind",
    "density_grid",
    "encode_reference",
    "encoded_size",
    "fit_field",
    "fit_published",
    "fit_rays",
    "importance",
    "laplace_density",
    "levels_at",
    "load_field",
    "loss_reference",
    "march_reference",
    "numerical_gradient",
    "positional_encoding",
    "render_field",
    "render_rays",
    "sizes_on",
    "stratified",
    "stretches",
    "unbiased_alpha",
]
