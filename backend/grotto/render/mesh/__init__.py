"""Pictures of finished meshes, textures and layers, without torch; `differentiable` draws meshes with gradients."""

from .layered import FlatLayer, flat_layer, layer_strip, render_layers
from .picture import render_parts, render_textured, texture_values
from .turntable import turntable_camera, turntable_strip

__all__ = [
    "FlatLayer",
    "flat_layer",
    "layer_strip",
    "render_layers",
    "render_parts",
    "render_textured",
    "texture_values",
    "turntable_camera",
    "turntable_strip",
]
