"""What people call a job."""

from __future__ import annotations

PLAIN_FOLDERS = ("photos", "images", "pictures", "input", "jpg", "jpeg", "dcim")  # say nothing; the folder above does


def name_of_input(path: str) -> str:
    """The name of the folder of photos, or of the folder above where its own name says nothing. "" for no path."""
    *above, last = ["", *path.replace("\\", "/").rstrip("/").split("/")]
    return above[-1] if last.lower() in PLAIN_FOLDERS and above[-1] else last
