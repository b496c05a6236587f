"""Meshes drawn with gradients: rasterisation, antialiasing, textures."""

from .antialias import antialias
from .edges import Edges, mesh_edges
from .layered import FlatLayer, flat_layer, layer_strip, render_layers
from .picture import render_mesh, render_parts, render_textured, texture_values
from .raster import Raster, interpolate, interpolate_seen, rasterise
from .texture import bilinear_taps, half_texture, sample_raster, sample_texture, texture_level, texture_pyramid
from .turntable import turntable_camera, turntable_strip

__all__ = [
    "Edges",
    "FlatLayer",
    "Raster",
    "antialias",
    "bilinear_taps",
    "flat_layer",
    "half_texture",
    "interpolate",
    "interpolate_seen",
    "layer_strip",
    "mesh_edges",
    "rasterise",
    "render_layers",
    "render_mesh",
    "render_parts",
    "render_textured",
    "sample_raster",
    "sample_texture",
    "texture_level",
    "texture_pyramid",
    "texture_values",
    "turntable_camera",
    "turntable_strip",
]
