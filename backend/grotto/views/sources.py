"""What the user's input of a scan is: photos, a video, or a document of cameras with its photos."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..contract import Action, bad_input
from ..formats import is_colmap_model
from .documents import MODEL_FOLDERS, TRANSFORMS, frames_of

_VIDEOS = {".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp", ".wmv"}


@dataclass(frozen=True, kw_only=True)
class ScanSource:
    """Where a scan's pictures are, and its cameras where they are given."""

    pictures: Path  # the folder in which all of them lie; of a video, its file
    document: Path | None  # transforms.json or the folder of a COLMAP model; None: the cameras are to be found
    video: bool


def find_source(source: Path) -> ScanSource:
    """Look what `source` is; only names and documents are read.

    A folder with transforms.json (or transforms_train.json) or a COLMAP model has given cameras; every other folder holds
    photos, and a file is a video unless it is a document. Raises bad input where it is none of these, or where no photo of
    the document is present.
    """
    source = source.resolve()
    if source.is_file():
        if source.suffix.casefold() == ".json":
            return _with_cameras(source)
        if source.suffix.casefold() in _VIDEOS:
            return ScanSource(pictures=source, document=None, video=True)
        raise bad_input(
            f"the file {source.name} is neither a video nor a transforms.json", "choose a folder of photos", Action.CHOOSE_FOLDER
        )
    document = next((source / name for name in TRANSFORMS if (source / name).is_file()), None)
    if document is None:
        document = next((source / name for name in MODEL_FOLDERS if is_colmap_model(source / name)), None)
    if document is not None:
        return _with_cameras(document)
    return ScanSource(pictures=source, document=None, video=False)


def _with_cameras(document: Path) -> ScanSource:
    frames = frames_of(document)
    folders = {frame.file.parent for frame in frames if frame.file is not None}
    if not folders:
        names = ", ".join(frame.name for frame in frames[:3]) + (" ..." if len(frames) > 3 else "")
        folder = document if document.is_dir() else document.parent
        raise bad_input(
            f"none of the {len(frames)} photos that {document.name} names is present ({names})",
            f"put the photos below {folder}, under the names that {document.name} gives them",
            Action.CHOOSE_FOLDER,
        )
    return ScanSource(pictures=Path(os.path.commonpath(folders)), document=document, video=False)
