"""Textures and highlights fitted to pictures through the renderer."""

from .specular import SpecularFit, fit_specular, read_specular, render_specular, write_specular
from .texture_fit import fit_texture

__all__ = ["SpecularFit", "fit_specular", "fit_texture", "read_specular", "render_specular", "write_specular"]
