"""The recipe `cut`."""

from .recipe import RECIPE
from .train import train_on_sets

__all__ = ["RECIPE", "train_on_sets"]
