"""The recipe `scan`."""

from .field_budget import within_budget
from .recipe import RECIPE

__all__ = ["RECIPE", "within_budget"]
