"""Generators: models that invent what a picture does not show. None is a default, and none brings its weights along."""

from .depth import load_depth, network_size, relative_depth

__all__ = ["load_depth", "network_size", "relative_depth"]
