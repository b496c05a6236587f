"""What recipes read of the user's files."""

from .pictures import pictures_read

__all__ = ["pictures_read"]
