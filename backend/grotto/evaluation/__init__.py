"""Results measured against truth: what a wall's cameras, height map and orthophoto are worth."""

from .shell import evaluate_command

__all__ = ["evaluate_command"]
