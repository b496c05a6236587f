"""What every fit to pictures shares."""

from .shortage import shortage_told

__all__ = ["shortage_told"]
