"""Pictures that differ in colour from the others."""

from .grey import grey_favours, is_grey

__all__ = ["grey_favours", "is_grey"]
