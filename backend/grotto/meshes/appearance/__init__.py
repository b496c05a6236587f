"""Textures and highlights fitted to pictures through the renderer."""

from .specular import SpecularFit, fit_specular, write_specular
from .texture_fit import Look, adjoint, fit_texture

__all__ = ["Look", "SpecularFit", "adjoint", "fit_specular", "fit_texture", "write_specular"]
