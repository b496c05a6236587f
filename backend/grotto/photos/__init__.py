"""The user's photos: found, checked and read. Their files are only ever read."""

from .finding import natural_key
from .listed import Listed, read_listed_photos
from .photo import Photo, PhotoSet, Skipped
from .photo_set import forecast_read_photos, read_photos
from .reading import read_image, read_mask, read_opacity
from .scan_photos import PlacedLens, ScanPhotos
from .single import Picture, picture_size, read_picture
from .summary import photo_set_text

__all__ = [
    "Listed", "Photo", "PhotoSet", "Picture", "PlacedLens", "ScanPhotos", "Skipped", "forecast_read_photos", "natural_key",
    "photo_set_text", "picture_size", "read_image", "read_listed_photos", "read_mask", "read_opacity", "read_photos",
    "read_picture",
]  # fmt: skip
