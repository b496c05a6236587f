"""Documents of cameras with the files that they name: photos, masks, and what of a document is not used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...formats import (
    GivenCamera,
    is_colmap_model,
    is_regular,
    read_colmap_cameras,
    read_foreign_transforms,
    remarks_on_colmap,
    remarks_on_transforms,
)
from .frame_files import FoundFiles, find_files, photo_root
from .set_folders import folders_of

TRANSFORMS = ("transforms.json", "transforms_train.json")
MODEL_FOLDERS = (".", "sparse/0", "sparse", "colmap/sparse/0", "model")
# Cameras of other programs, by the files that hold them; they are named where a folder has no document that is read.
_OTHER_DOCUMENTS = {
    "sfm_data.json": "OpenMVG",
    "sfm_data.bin": "OpenMVG",
    "reconstruction.json": "OpenSfM",
    "bundle.out": "Bundler",
    "poses_bounds.npy": "LLFF",
    "cameras.sfm": "Meshroom",
    "sfm.abc": "Meshroom",
    "cameras.xml": "Metashape",
    "transforms_test.json": "NeRF",
    "transforms_val.json": "NeRF",
}
_OTHER_ENDINGS = {".nvm": "VisualSFM", ".rcproj": "RealityCapture", ".psx": "Metashape", ".p4p": "Pix4D"}


@dataclass(frozen=True, kw_only=True)
class ListedFrame:
    """One frame of a document of cameras."""

    camera: GivenCamera
    name: str  # the photo's, for the user: relative to the document's photos, POSIX
    file: Path | None  # None: it is not there
    mask: Path | None = None  # the mask that the document names
    outside: bool = False  # there is no file because its name leads out of the set


@dataclass(frozen=True, kw_only=True)
class CameraDocument:
    """The frames of a document of cameras, each photo once, and what of it was found elsewhere or is not used."""

    frames: list[ListedFrame]
    remarks: list[str]  # sentences for the user
    folder: Path  # of the set, below which the files lie, or beside it

    @property
    def pictures(self) -> Path:
        """The folder below which all photos lie that are there; the set's where there is none."""
        folders = {frame.file.parent for frame in self.frames if frame.file is not None}
        return Path(os.path.commonpath(folders)) if folders else self.folder


def document_in(folder: Path) -> Path | None:
    """The document of cameras that a folder holds: transforms.json, or the folder of a COLMAP model; None where there is none."""
    document = next((folder / name for name in TRANSFORMS if is_regular(folder / name)), None)
    return document or next((folder / name for name in MODEL_FOLDERS if is_colmap_model(folder / name)), None)


def placed(source: Path) -> Path:
    """The absolute path of a folder, or of a file in its folder; links to the folder are resolved, one to the file is not."""
    return source.resolve() if source.is_dir() else source.parent.resolve() / source.name


def read_document(document: Path) -> CameraDocument:
    """The frames of a document of cameras in its order, with the files of their photos, and remarks on it.

    Raises bad input where the document cannot be read, or a camera in it is not finite.
    """
    document = placed(document)
    folders = folders_of(document)
    if document.is_dir():
        cameras, remarks = read_colmap_cameras(document), remarks_on_colmap(document)
        root = photo_root(document, folders, [camera.photo.strip() for camera in cameras])
    else:
        cameras, remarks = read_foreign_transforms(document), remarks_on_transforms(document)
        root = document.parent
    photos = find_files(root, folders, [camera.photo for camera in cameras])
    masks = find_files(root, folders, [camera.mask for camera in cameras if camera.mask])
    frames: dict[str, ListedFrame] = {}
    again, unmasked = [], []
    for camera in cameras:
        file, mask = photos.files.get(camera.photo), masks.files.get(camera.mask)
        name = _name_of(root, camera.photo, file)
        if name in frames:
            again.append(name)
            continue
        if camera.mask and mask is None:
            unmasked.append(f"{camera.mask} of {name}")
        outside = camera.photo in photos.outside
        frames[name] = ListedFrame(camera=camera, name=name, file=file, mask=mask, outside=outside)
    remarks += [*_moved(photos, "photos"), *_moved(masks, "masks")]
    for found, what in ((photos, "photos"), (masks, "masks")):
        remarks += _outside(found, what, document.name, folders.folder)
    if again:
        remarks.append(f"{len(again)} photos are listed more than once, and their first camera is used: {_some(again)}")
    if unmasked:
        remarks.append(f"{len(unmasked)} masks that {document.name} names are not there and leave nothing out: {_some(unmasked)}")
    return CameraDocument(frames=list(frames.values()), remarks=remarks + _beside(document), folder=folders.folder)


def other_cameras(folder: Path) -> list[str]:
    """Files of cameras in a folder, or directly below it, in a form that is not read; with the program that writes them."""
    here = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    below = [path for place in here if place.is_dir() for path in sorted(place.iterdir())] if len(here) < 200 else []
    found = []
    for path in (*here, *below):
        program = _OTHER_DOCUMENTS.get(path.name.casefold()) or _OTHER_ENDINGS.get(path.suffix.casefold())
        if program and path.is_file():
            found.append(f"{path.relative_to(folder).as_posix()} ({program})")
    return found


def _beside(document: Path) -> list[str]:
    """Further documents of cameras in the folder of one that is used."""
    if document.is_dir():
        return []
    folder = document.parent
    others = [name for name in TRANSFORMS if name != document.name and (folder / name).is_file()]
    others += [f"{name} (COLMAP model)" for name in MODEL_FOLDERS if is_colmap_model(folder / name)]
    others += [name for name in other_cameras(folder) if not name.startswith(document.name)]
    return [f"{document.name} gives the cameras; not used: {', '.join(others)}"] if others else []


def _moved(found: FoundFiles, what: str) -> list[str]:
    said = []
    if found.moved:
        name = found.moved[0]
        place = f"not where the document says ({name})"
        said.append(f"{len(found.moved)} {what} are {place} and were found by their names: {found.files[name]}")
    for name, files in list(found.unclear.items())[:3]:
        said.append(
            f"{name} is not where the document says, and it is not clear which file it is: {_some([str(f) for f in files])}"
        )
    return said


def _outside(found: FoundFiles, what: str, document: str, folder: Path) -> list[str]:
    names = found.outside
    if not names:
        return []
    return [
        f"{len(names)} {what} that {document} names lie outside of {folder} and are not read: {_some(list(names))}; put them into"
        " the folder, under the names that it has for them"
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _name_of(root: Path, photo: str, file: Path | None) -> str:
    if file is not None and file.is_relative_to(root):
        return file.relative_to(root).as_posix()
    parts = [part for part in PurePosixPath(photo.strip().replace("\\", "/")).parts if part not in (".", "..", "/")]
    last = [file.name] if file is not None else parts[-1:] or [photo]
    return "/".join([*parts[:-1], *last])
