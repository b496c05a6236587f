"""The user's photos: found, checked and read. Their files are only ever read."""

from .photo import Photo, PhotoSet, Skipped
from .reading import read_image, read_mask

__all__ = ["Photo", "PhotoSet", "Skipped", "read_image", "read_mask"]
