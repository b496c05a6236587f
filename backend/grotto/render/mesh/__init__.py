"""Meshes drawn with gradients: rasterisation, antialiasing, textures."""

from .antialias import antialias
from .edges import Edges, mesh_edges
from .picture import render_mesh, render_parts, render_textured, texture_values
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
    "render_parts",
    "render_textured",
    "sample_raster",
    "sample_texture",
    "texture_level",
    "texture_pyramid",
    "texture_values",
]
