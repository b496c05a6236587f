"""Which pictures are masks, and of which photo."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from .finding import Found

_FOLDERS = ("masks", "mask")
_EXTENSIONS = (".png", ".tif", ".tiff", ".webp", ".jpg", ".jpeg")


def split_masks(found: list[Found], source: Path) -> tuple[list[Found], dict[str, Path]]:
    """The photos among the pictures found, and the mask's file by the photo's name.

    Beside a photo NAME.jpg, its mask is NAME_mask.png, NAME.mask.png or NAME.jpg.png. In a folder `masks` beside the
    photo, in or beside the source or between, it has the photo's name with or without the photo's extension, below
    the photo's own sub-folders or, where no other photo is named alike, directly. A folder `masks` of which no file
    belongs to a photo is a folder of photos like any other.
    """
    within = {picture.name.casefold(): picture.path for picture in found}
    inside = [picture for picture in found if _in_mask_folder(picture.name)]
    outside = [picture for picture in found if not _in_mask_folder(picture.name)]
    beside = _files_beside(source)
    masks: dict[str, Path] = {}
    used: set[Path] = set()
    alone = _alone(outside)
    for photo in outside:
        path = PurePosixPath(photo.name.casefold())
        names = [*_beside_photo(path), *_in_folders(path, alone)]
        mask = next((within[name] for name in names if name in within), None)
        if mask is None:
            names = [*_in_folders(path, alone, above=True)]
            mask = next((beside[name] for name in names if name in beside), None)
        if mask is not None and mask != photo.path:
            masks[photo.name] = mask
            used.add(mask)
    mask_folders = {_mask_folder(picture.name) for picture in inside if picture.path in used}
    photos = [
        picture
        for picture in found
        if picture.path not in used and (picture in outside or _mask_folder(picture.name) not in mask_folders)
    ]
    kept = {photo.name for photo in photos}
    return photos, {name: mask for name, mask in masks.items() if name in kept}


def _in_mask_folder(name: str) -> bool:
    return any(part.casefold() in _FOLDERS for part in PurePosixPath(name).parts[:-1])


def _mask_folder(name: str) -> str:
    parts = PurePosixPath(name.casefold()).parts
    return "/".join(parts[: next(i for i, part in enumerate(parts) if part in _FOLDERS) + 1])


def _alone(photos: list[Found]) -> set[str]:
    stems = [PurePosixPath(photo.name.casefold()).stem for photo in photos]
    return {stem for stem in stems if stems.count(stem) == 1}


def _beside_photo(photo: PurePosixPath) -> list[str]:
    return [str(photo.with_name(name + ".png")) for name in (photo.stem + "_mask", photo.stem + ".mask", photo.name)]


def _in_folders(photo: PurePosixPath, alone: set[str], above: bool = False) -> list[str]:
    """Names, relative to the source or (above) to its parent, under which a mask folder would hold the photo's mask."""
    starts = [PurePosixPath(".")] if above else list(photo.parents)
    names = []
    for start in starts:
        below = photo.parent.relative_to(start)
        places = [below] if below == PurePosixPath(".") or photo.stem not in alone else [below, PurePosixPath(".")]
        for folder in _FOLDERS:
            for place in places:
                for name in (photo.name, photo.stem, photo.stem + "_mask", photo.stem + ".mask"):
                    names += [str(start / folder / place / (name + extension)) for extension in _EXTENSIONS]
    return names


def _files_beside(source: Path) -> dict[str, Path]:
    """Files of the mask folders beside the source, by their name relative to the source's parent."""
    files: dict[str, Path] = {}
    if source.name.casefold() in _FOLDERS:
        return files
    for folder in sorted(source.parent.iterdir()) if source.parent != source else []:
        if folder.name.casefold() in _FOLDERS and folder.is_dir():
            for path in folder.rglob("*"):
                files[path.relative_to(source.parent).as_posix().casefold()] = path
    return files
