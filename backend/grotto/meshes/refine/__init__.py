"""Meshes refined against pictures."""

from .fit import RefinementSetting
from .large_steps import LargeSteps, UniformAdam, laplacian
from .refinement import refine_mesh
from .vertex_colours import fit_vertex_colours

__all__ = ["LargeSteps", "RefinementSetting", "UniformAdam", "fit_vertex_colours", "laplacian", "refine_mesh"]
