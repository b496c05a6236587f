"""Names of jobs."""

from __future__ import annotations

from .recipes import PICTURE_SUFFIXES, VIDEO_SUFFIXES

GENERIC_FOLDERS = (
    "photos",
    "images",
    "pictures",
    "input",
    "jpg",
    "jpeg",
    "dcim",
)  # these do not describe the subject; the folder above does


def name_of_input(path: str) -> str:
    """Return the name of a folder of photos, or of the folder above if its own name is generic. "" for no path.

    A video or a picture gives its name without suffix; a file of cameras gives the name of its folder.
    """
    *above, last = ["", *path.replace("\\", "/").rstrip("/").split("/")]
    if last.lower().endswith(".json") and above[-1]:
        *above, last = above
    if last.lower().endswith((*VIDEO_SUFFIXES, *PICTURE_SUFFIXES)):
        return last.rpartition(".")[0]
    return above[-1] if last.lower() in GENERIC_FOLDERS and above[-1] else last
