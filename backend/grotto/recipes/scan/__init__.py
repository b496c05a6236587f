"""The recipe `scan`."""

from .recipe import RECIPE

__all__ = ["RECIPE"]
