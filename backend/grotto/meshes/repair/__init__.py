"""Meshes made closed, manifold and consistent, and checks that they are."""

from .repair import repair
from .validity import MeshFacts, degenerate, is_manifold, mesh_facts

__all__ = ["MeshFacts", "degenerate", "is_manifold", "mesh_facts", "repair"]
