"""Documents of cameras with the files that they name: photos, masks, and what of a document is not used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...formats import (
    GivenCamera,
    is_colmap_model,
    read_colmap_cameras,
    read_foreign_transforms,
    remarks_on_colmap,
    remarks_on_transforms,
)
from .frame_files import PHOTO_FOLDERS, FoundFiles, find_files

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


@dataclass(frozen=True, kw_only=True)
class CameraDocument:
    """The frames of a document of cameras, each photo once, and what of it was found elsewhere or is not used."""

    frames: list[ListedFrame]
    remarks: list[str]  # sentences for the user


def frames_of(document: Path) -> list[ListedFrame]:
    """Every frame of a document of cameras with its photo's file, in the document's order; each photo once.

    Raises bad input where the document cannot be read, or a camera in it is not finite.
    """
    return read_document(document).frames


def read_document(document: Path) -> CameraDocument:
    """The frames of a document of cameras, and remarks on it. Raises what `frames_of` does."""
    if document.is_dir():
        cameras, remarks = read_colmap_cameras(document), remarks_on_colmap(document)
        root = _photo_root(document, [camera.photo.strip() for camera in cameras])
    else:
        cameras, remarks = read_foreign_transforms(document), remarks_on_transforms(document)
        root = document.parent
    photos = find_files(root, document, [camera.photo for camera in cameras])
    masks = find_files(root, document, [camera.mask for camera in cameras if camera.mask])
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
        frames[name] = ListedFrame(camera=camera, name=name, file=file, mask=mask)
    remarks += [*_moved(photos, "photos"), *_moved(masks, "masks")]
    if again:
        remarks.append(f"{len(again)} photos are listed more than once, and their first camera is used: {_some(again)}")
    if unmasked:
        remarks.append(f"{len(unmasked)} masks that {document.name} names are not there and leave nothing out: {_some(unmasked)}")
    return CameraDocument(frames=list(frames.values()), remarks=remarks + _beside(document))


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


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _name_of(root: Path, photo: str, file: Path | None) -> str:
    if file is not None and file.is_relative_to(root.resolve()):
        return file.relative_to(root.resolve()).as_posix()
    parts = [part for part in PurePosixPath(photo.strip().replace("\\", "/")).parts if part not in (".", "..", "/")]
    return "/".join([*parts[:-1], file.name if file is not None else parts[-1]])


def _photo_root(model: Path, photos: list[str]) -> Path:
    """The folder below which most photos of a COLMAP model lie: images beside it, or any folder up to three above."""
    above = [model, *list(model.parents)[:3]]
    roots = [folder / name for folder in above for name in PHOTO_FOLDERS]
    some = photos[:: max(1, len(photos) // 50)]
    return max(roots, key=lambda root: sum((root / name).is_file() for name in some))
