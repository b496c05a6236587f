"""Documents of cameras by other programs: which photos they name, where these lie, and the frame in which they are kept."""

from .document import MODEL_FOLDERS, TRANSFORMS, ListedFrame, frames_of, other_cameras, read_document
from .given_frame import near_the_origin, place_cameras

__all__ = [
    "MODEL_FOLDERS",
    "TRANSFORMS",
    "ListedFrame",
    "frames_of",
    "near_the_origin",
    "other_cameras",
    "place_cameras",
    "read_document",
]
