"""Depth estimated from one picture."""

from .depth_anything import load_depth, network_size, relative_depth

__all__ = ["load_depth", "network_size", "relative_depth"]
