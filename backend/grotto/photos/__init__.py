"""The user's photos: found, checked and read. Their files are only ever read."""

from .photo import Photo, PhotoSet, Skipped
from .photo_set import forecast_read_photos, read_photos
from .reading import read_image, read_mask
from .summary import photo_set_text

__all__ = ["Photo", "PhotoSet", "Skipped", "forecast_read_photos", "photo_set_text", "read_image", "read_mask", "read_photos"]
