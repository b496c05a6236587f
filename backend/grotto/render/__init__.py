"""Differentiable renderers: meshes in `mesh`, volumes in `volume`."""
