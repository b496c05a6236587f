"""Documents of cameras by other programs: which photos they name, where these lie, and the frame in which they are kept."""

from .document import CameraDocument, ListedFrame, document_in, other_cameras, placed, read_document
from .given_frame import near_the_origin, place_cameras

__all__ = [
    "CameraDocument",
    "ListedFrame",
    "document_in",
    "near_the_origin",
    "other_cameras",
    "place_cameras",
    "placed",
    "read_document",
]
