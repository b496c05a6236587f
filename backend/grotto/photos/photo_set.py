"""The stage `photos`: the user's folder becomes a set of checked photos in capture order."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from statistics import median

from ..contract import UNMEASURED, Action, ProblemError, Progress, bad_input
from ..contract.options import PhotoOptions
from .copies import without_copies
from .duplicates import without_duplicates
from .files import Exif
from .finding import find_pictures, natural_key, places_behind_links
from .focal import focal_from_exif
from .gathering import inspect_all, limit_of_looks, read_headers
from .inspection import Inspected, read_header, too_large
from .mask_files import split_masks
from .mask_reading import is_black_and_white
from .photo import Photo, PhotoSet, Skipped
from .summary import LARGE_SHARE, left_out_words

LEAST_PHOTOS = 2
_PLACES_AT_MOST = 5
_NOTES_AT_MOST = 20  # one by one; the report lists all of them


def read_photos(source: Path, options: PhotoOptions, folder: Path, report: Progress) -> PhotoSet:
    """Find and check the photos below `source`; what cannot be used is named with its reason.

    Raises bad input where `source` is no folder that can be read, or where fewer than two photos can be used.
    """
    source = source.resolve()
    report(0.0, "looking for photos")
    found, skipped = find_pictures(source)
    note_links(source, [picture.path for picture in found], report)
    split = split_masks(found, source, partial(is_black_and_white, limit=limit_of_looks(options, report.free_memory)))
    for remark in split.remarks:
        report.note(remark)
    headers, unopened = read_headers(split.photos, options, report)
    inspected, broken = inspect_all(headers, split.masks, report)
    inspected, twice = without_duplicates(inspected)
    inspected, copies = without_copies(inspected)
    inspected, blurred = _split_blurred(inspected, options)
    skipped += split.skipped + unopened + broken + twice + copies + (blurred if options.skip_blurred else [])
    _require_enough(source, inspected, skipped)
    photos, order = _in_capture_order(inspected)
    photo_set = PhotoSet(
        folder=folder,
        source=str(source),
        photos=tuple(photo_of(photo) for photo in photos),
        skipped=_by_name(skipped),
        warnings=_by_name([*([] if options.skip_blurred else blurred), *faults_of(photos)]),
        order=order,
    )
    _note_skipped(photo_set, report)
    if words := left_out_words(photo_set, LARGE_SHARE):
        report.note(f"{words}; if that is not meant, black and white are exchanged in the masks: black is left out")
    return photo_set


def forecast_read_photos(source: Path, options: PhotoOptions) -> int:
    """Bytes of memory that `read_photos` needs at least: those of the smallest photo.

    Photos beyond the limit do not count, nor do those that do not fit into the free memory: the stage names and skips them.
    """
    found, _ = find_pictures(source)
    looks = partial(is_black_and_white, limit=limit_of_looks(options, UNMEASURED))
    return forecast_of_files([picture.path for picture in split_masks(found, source.resolve(), looks).photos], options)


def forecast_of_files(photos: Iterable[Path], options: PhotoOptions) -> int:
    """Bytes of memory for the smallest of these photos, those left out that are broken or beyond the limit."""
    needs = []
    for path in photos:
        try:
            header = read_header(path)
        except ValueError:
            continue
        if not too_large(header, options.largest_photo_mp, UNMEASURED):
            needs.append(header.bytes_to_read)
    return min(needs, default=0)


def note_links(source: Path, files: Iterable[Path], report: Progress) -> None:
    """Note which pictures lie outside of the folder, behind links in it."""
    for place, count in places_behind_links(source, files)[:_PLACES_AT_MOST]:
        report.note(f"{count} pictures lie outside of {source}, behind a link in it: they are read from {place}")


def camera_group(exif: Exif, width: int, height: int) -> str:
    """The name of the camera that took a photo of this upright size: equal names share one camera.

    Portrait and landscape photos of one camera stand apart: their pixels have other axes.
    """
    make, model = exif.make, exif.model
    named = model if model.casefold().startswith(make.casefold().split(" ")[0]) else f"{make} {model}".strip()
    focal = f"{exif.focal_mm:.1f} mm" if exif.focal_mm else ""
    zoom = f"{exif.focal_35mm:.0f} mm equivalent" if exif.focal_35mm else ""
    return ", ".join(part for part in (named or "camera unknown", exif.lens, focal, zoom, f"{width} x {height}") if part)


def photo_of(photo: Inspected) -> Photo:
    """What later stages need to know of an inspected photo."""
    header = photo.header
    focal_px, focal_source = focal_from_exif(header.exif, header.width, header.height)
    usable_mask = photo.mask and not photo.mask_fault
    return Photo(
        name=photo.found.name,
        path=str(photo.found.path),
        sha256=photo.sha256,
        width=header.width,
        height=header.height,
        group=camera_group(header.exif, header.width, header.height),
        focal_px=focal_px,
        focal_source=focal_source,
        gravity_known=header.orientation > 0,
        sharpness=photo.sharpness,
        mask=photo.mask if usable_mask else "",
        mask_sha256=photo.mask_sha256 if usable_mask else "",
        mask_inverted=bool(usable_mask) and photo.mask_inverted,
        left_out=photo.left_out,
        turn=max(1, header.orientation),
        transparent=photo.transparent,
    )


def _split_blurred(photos: list[Inspected], options: PhotoOptions) -> tuple[list[Inspected], list[Skipped]]:
    """The photos that stay, and the blurred ones; whatever shows nothing at all has no say in what is usual."""
    usual = median([photo.sharpness for photo in photos if not photo.exposure_fault] or [0.0])
    blurred = [
        Skipped(name=photo.found.name, reason=f"blurred: its sharpness is {photo.sharpness / usual:.0%} of what is usual here")
        for photo in photos
        if not photo.exposure_fault and photo.sharpness < options.blur_limit * usual
    ]
    names = {file.name for file in blurred} if options.skip_blurred else set()
    return [photo for photo in photos if photo.found.name not in names], blurred


def faults_of(photos: list[Inspected]) -> list[Skipped]:
    """Photos that are used all the same, and what is wrong with them."""
    return [
        Skipped(name=photo.found.name, reason=fault)
        for photo in photos
        for fault in (photo.exposure_fault, photo.profile_fault, photo.mask_fault)
        if fault
    ]


def _in_capture_order(photos: list[Inspected]) -> tuple[list[Inspected], str]:
    """By EXIF time where every photo has one and they are not all the same; photos of one instant by name."""
    times = [photo.header.exif.taken for photo in photos]
    if all(times) and len(set(times)) > 1:
        return sorted(photos, key=lambda photo: (photo.header.exif.taken, natural_key(photo.found.name))), "capture time"
    return sorted(photos, key=lambda photo: natural_key(photo.found.name)), "names"


def _by_name(files: list[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(files, key=lambda file: natural_key(file.name)))


def _require_enough(source: Path, photos: list[Inspected], skipped: list[Skipped]) -> None:
    if len(photos) >= LEAST_PHOTOS:
        return
    raise _too_few(source, len(photos), skipped)


def _too_few(source: Path, count: int, skipped: list[Skipped]) -> ProblemError:
    others = "; ".join(f"{file.name}: {file.reason}" for file in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    why = f" ({others}{more})" if others else ""
    if count:
        cause = f"the folder {source} holds only one photo that can be used{why}"
        return bad_input(cause, "add at least one more photo that overlaps it", Action.CHOOSE_FOLDER)
    if skipped:
        return bad_input(
            f"no photo in the folder {source} can be used{why}", "choose a folder of whole photos", Action.CHOOSE_FOLDER
        )
    remedy = "choose the folder that holds the photos (JPEG, PNG, TIFF, WebP or HEIC)"
    return bad_input(f"the folder {source} holds no photo", remedy, Action.CHOOSE_FOLDER)


def _note_skipped(photo_set: PhotoSet, report: Progress) -> None:
    lines = [f"{file.name} is left out: {file.reason}" for file in photo_set.skipped]
    lines += [f"{file.name}: {file.reason}" for file in photo_set.warnings]
    for line in lines[:_NOTES_AT_MOST]:
        report.note(line)
    if len(lines) > _NOTES_AT_MOST:
        report.note(f"{len(lines) - _NOTES_AT_MOST} more files have remarks: the report lists them")
    report(1.0, f"{len(photo_set.photos)} photos")
