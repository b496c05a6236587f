"""Processes that end with the one that started them."""

from .watch import start_watched

__all__ = ["start_watched"]
