"""The recipe `wall`."""

from .recipe import RECIPE

__all__ = ["RECIPE"]
