"""The folders that belong to a document of cameras: what it names is looked for there, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...photos import files_below

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif")
PHOTO_FOLDERS = ("images", "photos", "input", ".")
_MODEL_NAMES = ("sparse", "colmap", "model")  # folders that hold a COLMAP model and no photos
_LOOKED_AT = 20_000  # files, until a folder is taken for one without pictures


@dataclass(frozen=True)
class SetFolders:
    """The folder of the set, and the folders of photos beside it where it holds none itself."""

    folder: Path
    beside: tuple[Path, ...]

    def hold(self, path: Path) -> bool:
        """Whether a path without `..` lies in them as it is written: what a link in them leads to belongs to them."""
        return any(path.is_relative_to(folder) for folder in (self.folder, *self.beside))


def folders_of(document: Path) -> SetFolders:
    """The folders of the set of a document, transforms.json or the folder of a COLMAP model.

    The set is the document's folder, or that above the folders that only hold a COLMAP model. A set without any picture, as one
    that was exported into a folder of its own, has its photos in `images`, `photos` or `input` beside it.
    """
    folder = document if document.is_dir() else document.parent
    pictures = _holds_pictures(folder)
    while document.is_dir() and not pictures and (folder.name.isdecimal() or folder.name.casefold() in _MODEL_NAMES):
        folder = folder.parent
        pictures = _holds_pictures(folder)
    beside = () if pictures else tuple(folder.parent / name for name in PHOTO_FOLDERS[:-1])
    return SetFolders(folder, beside)


def _holds_pictures(folder: Path) -> bool:
    """Whether any file below is named like a picture."""
    return any(path.suffix.casefold() in PICTURE_ENDINGS for path in islice(files_below(folder), _LOOKED_AT))
