"""Meshes refined against pictures."""

from .large_steps import LargeSteps, UniformAdam, laplacian
from .refine_mesh import refine_mesh
from .refinement_fit import RefinementSetting
from .vertex_colours import fit_vertex_colours

__all__ = ["LargeSteps", "RefinementSetting", "UniformAdam", "fit_vertex_colours", "laplacian", "refine_mesh"]
