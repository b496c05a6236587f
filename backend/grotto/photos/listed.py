"""Photos that a document of cameras lists by name: these and no others, however alike they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..contract import UNMEASURED, Progress
from ..contract.options import PhotoOptions
from .finding import Found, files_below, named_like_a_picture, natural_key, why_not_a_picture
from .gathering import inspect_all, limit_of_looks, read_headers
from .mask_files import MaskFile, split_masks
from .mask_names import mask_folder
from .mask_reading import is_black_and_white
from .photo import Photo, Skipped
from .photo_set import faults_of, note_links, photo_of


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What became of the listed photos."""

    photos: dict[str, Photo]  # by the name that was asked for
    skipped: list[Skipped]
    warnings: list[Skipped]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which files stand for the listed photos, before any of them is read."""

    files: dict[str, Found]  # by the name that was asked for; their own names are relative to the source
    masks: dict[str, MaskFile]  # by the name below the source
    skipped: list[Skipped]  # by the name that was asked for
    remarks: list[str]  # sentences for the user

    def files_read(self) -> Iterator[tuple[str, Path | None]]:
        """Every file of which the content counts, and what else does, by name alone."""
        yield from ((name, picture.path) for name, picture in self.files.items())
        yield from ((f"mask of {name}, inverted: {mask.inverted}", mask.path) for name, mask in self.masks.items())
        yield from ((f"{file.name}: {file.reason}", None) for file in self.skipped)
        yield from ((remark, None) for remark in self.remarks)


def list_photos(
    source: Path, root: Path, wanted: Mapping[str, Path], masks: Mapping[str, Path], options: PhotoOptions, free_memory: int
) -> Listing:
    """Find the photos `wanted` (files by name), which lie below `source`, and the masks of those without one in `masks`.

    Only the folders that hold such photos are listed, and folders of masks there, above them up to `source`, and beside `source`
    where that is below `root`: whatever else lies between is not looked at.
    """
    reasons = {name: why_not_a_picture(path, name) for name, path in wanted.items()}
    files = {name: Found(_below(path, source), path) for name, path in wanted.items() if reasons[name] is None}
    skipped = [Skipped(name=name, reason=reason or "it is no picture") for name, reason in reasons.items() if reason is not None]
    listed = {picture.path for picture in files.values()}
    given = {path.resolve() for path in masks.values()}
    around = [Found(_below(path, source), path) for path in _around(listed, source) if path not in listed]
    found = sorted([*files.values(), *around], key=lambda picture: natural_key(picture.name))
    limit = limit_of_looks(options, free_memory)
    looks = partial(is_black_and_white, limit=limit)
    split = split_masks(found, source, looks, beside=source != root, photos=frozenset(listed))
    remarks = list(split.remarks)
    others = [picture.name for picture in split.photos if picture.path not in listed and picture.path.resolve() not in given]
    if others:
        some = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        remarks.append(f"{len(others)} pictures in {source.name} have no camera in the document and are not used: {some}")
    named = {picture.name: MaskFile(masks[name]) for name, picture in files.items() if name in masks}
    mine = {picture.name for picture in files.values()}
    kept = {name: mask for name, mask in {**split.masks, **named}.items() if name in mine}
    return Listing(files=files, masks=kept, skipped=skipped, remarks=remarks)


def read_listed_photos(
    source: Path, root: Path, wanted: Mapping[str, Path], masks: Mapping[str, Path], options: PhotoOptions, report: Progress
) -> Listed:
    """Check the photos `wanted`; see `list_photos`.

    Pictures beside them that are not wanted are named in a note. Unlike photos of a folder, equal pictures are all kept: each has
    a camera of its own.
    """
    report(0.0, "looking for photos")
    listing = list_photos(source, root, wanted, masks, options, report.free_memory)
    for remark in listing.remarks:
        report.note(remark)
    below = root if source.is_relative_to(root) else root.parent  # photos beside the document's folder are behind no link
    note_links(below, [picture.path for picture in listing.files.values()], report)
    names = {picture.name: name for name, picture in listing.files.items()}
    headers, unopened = read_headers(list(listing.files.values()), options, report)
    inspected, broken = inspect_all(headers, listing.masks, report)
    skipped = [*listing.skipped, *(Skipped(name=names[file.name], reason=file.reason) for file in (*unopened, *broken))]
    warnings = [Skipped(name=names[file.name], reason=file.reason) for file in faults_of(inspected)]
    photos = {}
    for item in inspected:
        name = names[item.found.name]
        photos[name] = replace(photo_of(item), name=name)
    return Listed(photos=photos, skipped=skipped, warnings=warnings)


def files_of_listed(
    source: Path, root: Path, wanted: Mapping[str, Path], masks: Mapping[str, Path], options: PhotoOptions
) -> Iterator[tuple[str, Path | None]]:
    """Every file that `read_listed_photos` reads, for stamps: see `Listing.files_read`."""
    yield from list_photos(source, root, wanted, masks, options, UNMEASURED).files_read()


def _below(path: Path, source: Path) -> str:
    return path.relative_to(source).as_posix()


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where it may not be listed, though its files may be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _around(listed: set[Path], source: Path) -> Iterator[Path]:
    """What is named like a picture in the folders of the listed photos, and in folders of masks there and above them."""
    own = {path.parent for path in listed}
    above = {folder for place in own for folder in (place, *place.parents) if folder.is_relative_to(source)}
    seen: set[Path] = set()
    for folder in sorted(own | above):
        for path in _entries(folder):
            if path.is_dir():
                inside = files_below(path) if mask_folder(f"{path.name}/x") is not None else iter(())
            else:
                inside = iter((path,) if folder in own else ())
            for file in inside:
                if file not in seen and not file.name.startswith(".") and named_like_a_picture(file):
                    seen.add(file)
                    yield file
