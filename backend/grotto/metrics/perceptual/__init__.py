"""Distances of pictures in the features of trained networks. A room of its own, as it loads torch."""

from .lpips import load_lpips

__all__ = ["load_lpips"]
