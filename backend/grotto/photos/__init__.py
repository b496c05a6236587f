"""The user's photos: found, checked and read. Their files are only ever read."""

from .files import Exif, Limit, PictureError, adobe_to_srgb, decode, open_picture, profile_fits, turned
from .finding import files_below, find_pictures, natural_key
from .focal import focal_from_exif
from .inspection import BYTES_PER_PIXEL, Header, inspect, read_header, too_large
from .listed import files_of_listed, read_listed_photos
from .mask_files import files_of_masks_beside
from .mask_reading import limit_of_mask
from .photo import Photo, PhotoSet, Skipped
from .photo_set import camera_group, forecast_of_files, forecast_read_photos, read_photos
from .quality import exposure_fault, sharpness
from .reading import read_image, read_mask, read_opacity
from .scan_photos import PlacedLens, ScanPhotos
from .single import embedded_picture, picture_bytes, picture_size, read_picture, stored_picture
from .summary import left_out_clause, photo_set_text

__all__ = [
    "BYTES_PER_PIXEL",
    "Exif",
    "Header",
    "Limit",
    "Photo",
    "PhotoSet",
    "PictureError",
    "PlacedLens",
    "ScanPhotos",
    "Skipped",
    "adobe_to_srgb",
    "camera_group",
    "decode",
    "embedded_picture",
    "exposure_fault",
    "files_below",
    "files_of_listed",
    "files_of_masks_beside",
    "find_pictures",
    "focal_from_exif",
    "forecast_of_files",
    "forecast_read_photos",
    "inspect",
    "left_out_clause",
    "limit_of_mask",
    "natural_key",
    "open_picture",
    "photo_set_text",
    "picture_bytes",
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
    "stored_picture",
    "too_large",
    "turned",
]
