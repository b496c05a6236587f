"""Cameras and renderers: differentiable pictures of meshes and volumes."""

from .antialias import antialias
from .camera import Camera, look_at
from .edges import Edges, mesh_edges
from .hull import thinner, visual_hull
from .lattice import Lattice, corner_weights
from .mesh import Raster, interpolate, interpolate_seen, rasterise
from .occupancy import OccupancyGrid, Packed
from .picture import render_mesh, render_parts, render_textured, texture_values
from .rays import RayPool, Rays
from .region import Region
from .shortage import shortage_told
from .sparse_volume import FixedSamples, lay_samples
from .texture import bilinear_taps, half_texture, sample_raster, sample_texture, texture_level, texture_pyramid
from .view import Rendered, View, write_picture
from .volume import Composite, composite, composite_packed

__all__ = [
    "Camera", "Composite", "Edges", "FixedSamples", "Lattice", "OccupancyGrid", "Packed", "Raster", "RayPool", "Rays",
    "Region", "Rendered", "View", "antialias", "bilinear_taps", "composite", "composite_packed", "corner_weights",
    "half_texture", "interpolate", "interpolate_seen", "lay_samples", "look_at", "mesh_edges", "rasterise", "render_mesh",
    "render_parts", "render_textured", "sample_raster", "sample_texture", "shortage_told", "texture_level",
    "texture_pyramid", "texture_values", "thinner", "visual_hull", "write_picture",
]  # fmt: skip
