"""Photos that a document of cameras lists by name: these and no others, however alike they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..contract import Progress
from ..contract.options import PhotoOptions
from .finding import Found, find_pictures
from .gathering import inspect_all, read_headers
from .mask_files import MaskFile, split_masks
from .mask_reading import is_black_and_white
from .photo import Photo, Skipped
from .photo_set import faults_of, photo_of


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What became of the listed photos."""

    photos: dict[str, Photo]  # by the name that was asked for
    skipped: list[Skipped]
    warnings: list[Skipped]


def read_listed_photos(
    source: Path, wanted: Mapping[str, Path], masks: Mapping[str, Path], options: PhotoOptions, report: Progress
) -> Listed:
    """Check the photos `wanted` (files by name) that lie below `source`; of those without one in `masks`, find the masks there.

    Pictures there that are not wanted are named in a note. Unlike photos of a folder, equal pictures are all kept: each has a
    camera of its own. Raises bad input where `source` is no folder that can be read.
    """
    source = source.resolve()
    report(0.0, "looking for photos")
    found, unread = find_pictures(source)
    split = split_masks(found, source, is_black_and_white)
    for remark in split.remarks:
        report.note(remark)
    listed = {path.resolve() for path in (*wanted.values(), *masks.values())}
    others = [picture.name for picture in split.photos if picture.path.resolve() not in listed]
    if others:
        some = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        report.note(f"{len(others)} pictures in {source.name} have no camera in the document and are not used: {some}")
    by_path = {picture.path: picture for picture in found}
    names: dict[str, str] = {}  # as asked for, by the name below the source
    files: list[Found] = []
    skipped: list[Skipped] = []
    reasons = {file.name: file.reason for file in unread}
    for name, path in wanted.items():
        picture = by_path.get(path.resolve(), by_path.get(path))
        if picture is None:
            below = path.resolve().relative_to(source).as_posix() if path.resolve().is_relative_to(source) else path.name
            skipped.append(Skipped(name=name, reason=reasons.get(below, "it is no picture that can be read")))
            continue
        names[picture.name] = name
        files.append(picture)
    named = {below: MaskFile(masks[name]) for below, name in names.items() if name in masks}
    headers, unopened = read_headers(files, options, report)
    inspected, broken = inspect_all(headers, {**split.masks, **named}, report)
    skipped += [Skipped(name=names[file.name], reason=file.reason) for file in (*unopened, *broken)]
    warnings = [Skipped(name=names[file.name], reason=file.reason) for file in faults_of(inspected)]
    photos = {}
    for item in inspected:
        name = names[item.found.name]
        photos[name] = replace(photo_of(item), name=name)
    return Listed(photos=photos, skipped=skipped, warnings=warnings)
