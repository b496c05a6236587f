"""Cameras and renderers: differentiable pictures of meshes and volumes."""
