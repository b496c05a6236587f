"""Radiance and distance fields, and their fits to pictures."""

from .artefact import RadianceField
from .field import DensityGrid, Field, density_grid, render_field, sample_values
from .fit import choose_kind, fit_field, fit_plain
from .load import fitting_device, load_field
from .voxels import scene_steps

__all__ = [
    "DensityGrid",
    "Field",
    "RadianceField",
    "choose_kind",
    "density_grid",
    "fit_field",
    "fit_plain",
    "fitting_device",
    "load_field",
    "render_field",
    "sample_values",
    "scene_steps",
]
