"""Textures and highlights fitted to pictures through the renderer."""

from .specular import SpecularFit, fit_specular, write_specular
from .texture_fit import fit_texture

__all__ = ["SpecularFit", "fit_specular", "fit_texture", "write_specular"]
