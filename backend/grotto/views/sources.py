"""What the user's input of a scan is: photos, a video, or a document of cameras with its photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..contract import Action, bad_input
from .documents import ListedFrame, document_in, placed, read_document

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
    document = document_of(source)
    if document is not None:
        return _with_cameras(document)
    source = source.resolve()
    if not source.is_file():
        return ScanSource(pictures=source, document=None, video=False)
    if source.suffix.casefold() in _VIDEOS:
        return ScanSource(pictures=source, document=None, video=True)
    raise bad_input(
        f"the file {source.name} is neither a video nor a transforms.json", "choose a folder of photos", Action.CHOOSE_FOLDER
    )


def document_of(source: Path) -> Path | None:
    """The document of cameras that an input is or holds; None for photos, a video, and whatever else."""
    source = placed(source)
    if source.is_file():
        return source if source.suffix.casefold() == ".json" else None
    return document_in(source)


def _outside(frames: list[ListedFrame]) -> str:
    count = sum(frame.outside for frame in frames)
    return f" in its folder, and {count} of them lead out of it, which is not followed" if count else ""


def _with_cameras(document: Path) -> ScanSource:
    read = read_document(document)
    frames = read.frames
    if not any(frame.file is not None for frame in frames):
        names = ", ".join(frame.name for frame in frames[:3]) + (" ..." if len(frames) > 3 else "")
        folder = document if document.is_dir() else document.parent
        raise bad_input(
            f"none of the {len(frames)} photos that {document.name} names is present{_outside(frames)} ({names})",
            f"put the photos below {folder}, under the names that {document.name} gives them",
            Action.CHOOSE_FOLDER,
        )
    return ScanSource(pictures=read.pictures, document=document, video=False)
