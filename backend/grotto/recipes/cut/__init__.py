"""The recipe `cut`, and its stages."""

from .collect import make_element_set
from .find import find_mural_elements
from .recipe import RECIPE
from .train import train_on_sets

__all__ = ["RECIPE", "find_mural_elements", "make_element_set", "train_on_sets"]
