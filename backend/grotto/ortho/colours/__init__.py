"""Pictures that differ in colour from the others: without any, or of another state of the wall."""

from .grey import grey_favours, is_grey
from .states import colour_states, note_states, photo_differences

__all__ = ["colour_states", "grey_favours", "is_grey", "note_states", "photo_differences"]
