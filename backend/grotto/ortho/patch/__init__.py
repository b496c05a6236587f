"""Patches of a finished wall behind a picture that lies on it."""

from .patch import PatchHeights, draw_patch, heights_around, missing_share, paste

__all__ = ["PatchHeights", "draw_patch", "heights_around", "missing_share", "paste"]
