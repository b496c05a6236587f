"""What people call a job."""

from __future__ import annotations

from .recipes import PICTURE_SUFFIXES, VIDEO_SUFFIXES

PLAIN_FOLDERS = ("photos", "images", "pictures", "input", "jpg", "jpeg", "dcim")  # say nothing; the folder above does


def name_of_input(path: str) -> str:
    """The name of the folder of photos, or of the folder above where its own name says nothing. "" for no path.

    The name of a video or a picture without its suffix; a file that describes cameras is called after its folder.
    """
    *above, last = ["", *path.replace("\\", "/").rstrip("/").split("/")]
    if last.lower().endswith(".json") and above[-1]:
        *above, last = above
    if last.lower().endswith((*VIDEO_SUFFIXES, *PICTURE_SUFFIXES)):
        return last.rpartition(".")[0]
    return above[-1] if last.lower() in PLAIN_FOLDERS and above[-1] else last
