"""Renderers: meshes in `mesh`, volumes in `volume`."""

from .compiled import compiled

__all__ = ["compiled"]
