"""What the user's input of a scan is: photos, a video, or a document of cameras with its photos."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..contract import Action, bad_input
from ..formats import GivenCamera, is_colmap_model, read_colmap_cameras, read_foreign_transforms

TRANSFORMS = ("transforms.json", "transforms_train.json")
_MODEL_FOLDERS = (".", "sparse/0", "sparse", "colmap/sparse/0", "model")
_PHOTO_FOLDERS = ("images", "photos", "input", ".")
_EXTENSIONS = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".webp", ".tif", ".tiff")  # tried where a name has none
_VIDEOS = {".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp", ".wmv"}


@dataclass(frozen=True, kw_only=True)
class ScanSource:
    """Where a scan's pictures are, and its cameras where they are given."""

    pictures: Path  # the folder in which all of them lie; of a video, its file
    document: Path | None  # transforms.json or the folder of a COLMAP model; None: the cameras are to be found
    video: bool


@dataclass(frozen=True, kw_only=True)
class ListedFrame:
    """One frame of a document of cameras."""

    camera: GivenCamera
    name: str  # the photo's, for the user: relative to the document's photos, POSIX
    file: Path | None  # None: it is not there


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
        document = next((source / name for name in _MODEL_FOLDERS if is_colmap_model(source / name)), None)
    if document is not None:
        return _with_cameras(document)
    return ScanSource(pictures=source, document=None, video=False)


def frames_of(document: Path) -> list[ListedFrame]:
    """Every frame of a document of cameras with its photo's file, in the document's order; each photo once.

    Raises bad input where the document cannot be read, or a camera in it is not finite.
    """
    if document.is_dir():
        cameras = read_colmap_cameras(document)
        root = _photo_root(document, [camera.photo for camera in cameras])
    else:
        cameras = read_foreign_transforms(document)
        root = document.parent
    frames: dict[str, ListedFrame] = {}
    for camera in cameras:
        file = _file_of(root, camera.photo)
        name = _name_of(root, camera.photo, file)
        frames.setdefault(name, ListedFrame(camera=camera, name=name, file=file))
    return list(frames.values())


def _with_cameras(document: Path) -> ScanSource:
    frames = frames_of(document)
    folders = {frame.file.parent for frame in frames if frame.file is not None}
    if not folders:
        names = ", ".join(frame.name for frame in frames[:3]) + (" ..." if len(frames) > 3 else "")
        raise bad_input(
            f"none of the {len(frames)} photos that {document.name} names is present ({names})",
            "put the photos where the document says, relative to itself",
            Action.CHOOSE_FOLDER,
        )
    return ScanSource(pictures=Path(os.path.commonpath(folders)), document=document, video=False)


def _file_of(root: Path, photo: str) -> Path | None:
    plain = photo.replace("\\", "/")
    for ending in ("", *_EXTENSIONS):
        path = root / (plain + ending)
        if path.is_file():
            return path.resolve()
    return None


def _name_of(root: Path, photo: str, file: Path | None) -> str:
    if file is not None and file.is_relative_to(root.resolve()):
        return file.relative_to(root.resolve()).as_posix()
    parts = [part for part in PurePosixPath(photo.replace("\\", "/")).parts if part not in (".", "..", "/")]
    return "/".join([*parts[:-1], file.name if file is not None else parts[-1]])


def _photo_root(model: Path, photos: list[str]) -> Path:
    """The folder below which most photos of a COLMAP model lie: images beside it, or any folder up to three above."""
    above = [model, *list(model.parents)[:3]]
    roots = [folder / name for folder in above for name in _PHOTO_FOLDERS]
    some = photos[:: max(1, len(photos) // 50)]
    return max(roots, key=lambda root: sum((root / name).is_file() for name in some))
