"""Meshes drawn with gradients, by torch: rasterisation, antialiasing, textures."""

from .antialias import antialias
from .coloured import render_mesh
from .edges import Edges, mesh_edges
from .raster import Raster, interpolate, interpolate_seen, rasterise
from .texture import bilinear_taps, half_texture, sample_raster, sample_texture, texture_level, texture_pyramid

__all__ = [
    "Edges",
    "Raster",
    "antialias",
    "bilinear_taps",
    "half_texture",
    "interpolate",
    "interpolate_seen",
    "mesh_edges",
    "rasterise",
    "render_mesh",
    "sample_raster",
    "sample_texture",
    "texture_level",
    "texture_pyramid",
]
