"""The stage `photos` of a scan: pictures checked, with their cameras where a document gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..contract import Action, Part, ProblemError, Progress, bad_input
from ..contract.options import PhotoOptions
from ..formats import GivenLens, is_regular
from ..photos import (
    PlacedLens,
    ScanPhotos,
    Skipped,
    files_of_listed,
    forecast_of_files,
    forecast_read_photos,
    natural_key,
    read_listed_photos,
    read_photos,
)
from .documents import CameraDocument, ListedFrame, near_the_origin, other_cameras, place_cameras, read_document

_NAMED = 40  # frames without a photo in one note; the artefact lists all


def forecast_scan_photos(pictures: Path, document: Path | None, options: PhotoOptions) -> int:
    """Bytes of memory at least: those of the smallest photo."""
    if document is None:
        return forecast_read_photos(pictures, options)
    return forecast_of_files([frame.file for frame in read_document(document).frames if frame.file is not None], options)


def read_scan_photos(pictures: Path, document: Path | None, options: PhotoOptions, folder: Path, report: Progress) -> ScanPhotos:
    """The photos below `pictures`: all of them, or those that `document` gives a camera, which is kept as it is.

    With a document, `pictures` is the document: only what it lists is read. Raises bad input where fewer than two can be used,
    and, with the frame's name, where a camera is not finite or belongs to a photo of another shape.
    """
    if document is None:
        found = read_photos(pictures, options, folder, report)
        for name in other_cameras(pictures):
            report.note(f"{name} holds cameras in a form that is not read, so the cameras are found from the photos")
        return ScanPhotos(**vars(found))
    read = read_document(document)
    for remark in read.remarks:
        report.note(remark)
    frames = read.frames
    _note_absent([frame for frame in frames if frame.file is None], len(frames), report)
    wanted, masks = _files_of(read)
    listed = read_listed_photos(read.pictures, read.folder, wanted, masks, options, Part(report, 0.0, 0.95))
    present = sorted((frame for frame in frames if frame.name in listed.photos), key=lambda frame: natural_key(frame.name))
    if len(present) < 2:
        raise _too_few(document, present, listed.skipped)
    found_photos = [listed.photos[frame.name] for frame in present]
    cameras = place_cameras([frame.camera for frame in present], found_photos, report)
    cameras, shift = near_the_origin(cameras, report)
    photos = [replace(p, group=g) for p, g in zip(found_photos, _groups(cameras), strict=True)]
    photos = [replace(p, focal_px=c.lens.params[0], focal_source="given") for p, c in zip(photos, cameras, strict=True)]
    skipped = [*listed.skipped, *(Skipped(name=f.name, reason=_why_absent(f)) for f in frames if f.file is None)]
    for file in listed.skipped:
        report.note(f"{file.name} is left out: {file.reason}")
    for file in listed.warnings:
        report.note(f"{file.name}: {file.reason}")
    report(1.0, f"{len(photos)} photos with given cameras")
    return ScanPhotos(
        folder=folder,
        source=str(read.pictures),
        photos=tuple(photos),
        skipped=tuple(skipped),
        warnings=tuple(listed.warnings),
        order="names",
        cameras=tuple(cameras),
        world_shift=shift,
    )


def document_files(document: Path, options: PhotoOptions) -> Iterator[tuple[str, Path | None]]:
    """Every file that `read_scan_photos` reads for a document, with a name, and names without a file of what else counts.

    Raises what `read_scan_photos` does of a document that cannot be read.
    """
    of_model = ("cameras.bin", "cameras.txt", "images.bin", "images.txt")
    held = [document / name for name in of_model] if document.is_dir() else [document]
    yield from ((file.name, file) for file in held if is_regular(file))
    read = read_document(document)
    yield from ((remark, None) for remark in read.remarks)
    yield from ((f"{frame.name}: {_why_absent(frame)}", None) for frame in read.frames if frame.file is None)
    yield from files_of_listed(read.pictures, read.folder, *_files_of(read), options)


def _files_of(read: CameraDocument) -> tuple[dict[str, Path], dict[str, Path]]:
    """Photos and masks of the frames, by the frames' names."""
    photos = {frame.name: frame.file for frame in read.frames if frame.file is not None}
    return photos, {frame.name: frame.mask for frame in read.frames if frame.mask is not None}


def _why_absent(frame: ListedFrame) -> str:
    return "it lies outside of the folder of its document" if frame.outside else "its photo is not there"


def _groups(cameras: Sequence[PlacedLens]) -> list[str]:
    """The groups of photos with the same lens, and with the same other one where their turn is open."""
    names: dict[tuple[GivenLens, GivenLens | None], str] = {}
    keys = [(camera.lens, camera.other.lens if camera.other else None) for camera in cameras]
    return [names.setdefault(key, f"given camera {len(names) + 1}") for key in keys]


def _note_absent(absent: list[ListedFrame], count: int, report: Progress) -> None:
    if absent:
        names = ", ".join(frame.name for frame in absent[:_NAMED])
        more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        report.note(f"{len(absent)} of {count} frames have no photo and are left out: {names}{more}")


def _too_few(document: Path, present: list[ListedFrame], skipped: list[Skipped]) -> ProblemError:
    why = "; ".join(f"{file.name}: {file.reason}" for file in skipped[:3])
    what = f"only one photo of {document.name} can be used ({present[0].name})" if present else f"no photo of {document.name}"
    cause = (what if present else f"{what} can be used") + (f"; {why}" if why else "")
    return bad_input(cause, "a scan needs at least two photos from places apart", Action.CHOOSE_FOLDER)
