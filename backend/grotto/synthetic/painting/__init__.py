"""Painting and ageing of walls."""

from .paint import paint

__all__ = ["paint"]
