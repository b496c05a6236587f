"""Scenes and users that benches need."""

from .adverse import CLEAN, CONDITIONS, Adverse, spoiled
from .carved_die import EULER, carved_die, carved_die_tensor, points_on_die
from .made_elements import made_element
from .pasted_element import SIDE_PX, STYLES, Element, Pasted, element_of, paste
from .pasted_mural import MURAL_STYLES, Colour, Laid, mural_of
from .scripted_user import next_stroke

__all__ = [
    "CLEAN",
    "CONDITIONS",
    "EULER",
    "MURAL_STYLES",
    "SIDE_PX",
    "STYLES",
    "Adverse",
    "Colour",
    "Element",
    "Laid",
    "Pasted",
    "carved_die",
    "carved_die_tensor",
    "element_of",
    "made_element",
    "mural_of",
    "next_stroke",
    "paste",
    "points_on_die",
    "spoiled",
]
