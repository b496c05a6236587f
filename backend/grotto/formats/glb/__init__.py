"""Textured meshes as binary glTF 2.0.

Our frames are z-up; glTF is y-up. Writing turns (x, y, z) into (x, z, -y) and reading turns back, which is also what
Blender's importer does, so a mesh arrives in Blender in our frame.
"""

from .reading import read_glb, read_glb_nodes, read_glb_parts
from .textured_mesh import BLEND, MASK, GlbNode, TexturedMesh
from .writing import write_glb, write_glb_nodes, write_glb_parts

__all__ = [
    "BLEND",
    "MASK",
    "GlbNode",
    "TexturedMesh",
    "read_glb",
    "read_glb_nodes",
    "read_glb_parts",
    "write_glb",
    "write_glb_nodes",
    "write_glb_parts",
]
