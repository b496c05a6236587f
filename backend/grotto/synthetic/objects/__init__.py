"""Procedural objects for turntables: each file a recipe; and the brushes that they are painted with."""

from .light import linear_of_values, values_of_linear
from .made import OBJECTS, MadeObject, make_object
from .paint import IVORY, OCHRE, PALE_BLUE, UMBER, noise, over, step

__all__ = [
    "IVORY",
    "OBJECTS",
    "OCHRE",
    "PALE_BLUE",
    "UMBER",
    "MadeObject",
    "linear_of_values",
    "make_object",
    "noise",
    "over",
    "step",
    "values_of_linear",
]
