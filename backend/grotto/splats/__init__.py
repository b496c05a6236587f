"""Gaussian splats: drawn, fitted, turned into meshes."""
