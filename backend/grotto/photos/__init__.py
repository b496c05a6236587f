"""The user's photos: found, checked and read. Their files are only ever read."""

from .files import Exif, adobe_to_srgb, decode, profile_fits, turned
from .finding import find_pictures, natural_key
from .focal import focal_from_exif
from .inspection import BYTES_PER_PIXEL, Header, inspect, read_header, too_large
from .listed import read_listed_photos
from .mask_files import files_of_masks_beside
from .photo import Photo, PhotoSet, Skipped
from .photo_set import camera_group, forecast_read_photos, read_photos
from .quality import exposure_fault, sharpness
from .reading import read_image, read_mask, read_opacity
from .scan_photos import PlacedLens, ScanPhotos
from .single import picture_size, read_picture
from .summary import left_out_clause, photo_set_text

__all__ = [
    "BYTES_PER_PIXEL",
    "Exif",
    "Header",
    "Photo",
    "PhotoSet",
    "PlacedLens",
    "ScanPhotos",
    "Skipped",
    "adobe_to_srgb",
    "camera_group",
    "decode",
    "exposure_fault",
    "files_of_masks_beside",
    "find_pictures",
    "focal_from_exif",
    "forecast_read_photos",
    "inspect",
    "left_out_clause",
    "natural_key",
    "photo_set_text",
    "picture_size",
    "profile_fits",
    "read_header",
    "read_image",
    "read_listed_photos",
    "read_mask",
    "read_opacity",
    "read_photos",
    "read_picture",
    "sharpness",
    "too_large",
    "turned",
]
