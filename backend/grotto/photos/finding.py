"""Which files of the user's folder are photos: found by content, sub-folders included."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..contract import Action, ProblemError, bad_input
from ..formats import NotRegularError, in_kernel_folder, is_regular, why_not_regular
from .files import format_of, head_of
from .photo import Skipped

_READ_HERE = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif", ".hif", ".avif"}
_OTHER_PICTURES = {".gif", ".bmp", ".psd", ".psb", ".jp2", ".j2k", ".jxl", ".exr", ".hdr", ".tga"}
_RAW = {
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mos", ".mrw", ".nef", ".nrw",
    ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
}  # fmt: skip
_OURS = ("request.json", "artefact.json")  # a folder with one of these is a job's or a stage's
_HIDDEN_MASKS = {".mask", ".masks"}  # where RealityCapture looks for masks
_ARCHIVES = {".zip", ".7z", ".rar", ".tar", ".tgz", ".gz"}
_NOT_THE_USERS = {"__macosx", "@eadir"}  # left by an archiver and by network drives


@dataclass(frozen=True)
class Found:
    name: str  # relative to the source, POSIX
    path: Path


def find_pictures(source: Path) -> tuple[list[Found], list[Skipped]]:
    """Every picture below `source` in natural order of names, masks included, and what is only named like a picture.

    Hidden files and folders (except RealityCapture's .mask), folders of earlier jobs and files that are no pictures are passed
    over in silence; pipes, devices and sockets are named and never opened. Raises bad input where `source` is no folder that
    can be read.
    """
    source = source.resolve()
    _require_folder(source)
    found: list[Found] = []
    skipped: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        folder = Path(error.filename).relative_to(source).as_posix()
        skipped.append(Skipped(name=_printable(folder), reason=f"the folder cannot be read ({error.strerror})"))

    for path in files_below(source, unreadable):
        name = path.relative_to(source).as_posix()
        reason = why_not_a_picture(path, name)
        if reason is None:
            found.append(Found(name, path))
        elif reason:
            skipped.append(Skipped(name=_printable(name), reason=reason))
    found.sort(key=lambda picture: natural_key(picture.name))
    skipped = _without_developed_raws(skipped, found)
    return found, sorted(skipped, key=lambda file: natural_key(file.name))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts names as people do: photo2 before photo10, upper and lower case alike."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _require_folder(source: Path) -> None:
    choose = "choose the folder that holds the photos"
    if not source.exists():
        raise bad_input(f"there is no folder {source}", choose, Action.CHOOSE_FOLDER)
    if not source.is_dir():
        raise bad_input(f"{source} is a file, not a folder of photos", choose, Action.CHOOSE_FOLDER)
    try:
        next(os.scandir(source), None)
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Path, error: OSError) -> ProblemError:
    why = error.strerror or "unknown reason"
    return bad_input(f"the folder {source} cannot be read ({why})", "give yourself the right to read it", Action.CHOOSE_FOLDER)


def files_below(source: Path, unreadable: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Every file below a folder that may be the user's, through links; folders of jobs and hidden names are left out."""
    seen: set[str] = set()
    for folder, folders, files in os.walk(source, followlinks=True, onerror=unreadable):
        real = os.path.realpath(folder)
        ours = Path(folder) != source and any(name in files for name in _OURS)
        if ours or real in seen or in_kernel_folder(Path(real)):  # a link may lead back to where we have been, or anywhere
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if _is_the_users(name.casefold())]
        yield from (Path(folder, name) for name in files if not name.startswith("."))


def places_behind_links(source: Path, files: Iterable[Path]) -> list[tuple[Path, int]]:
    """The folders outside of `source` in which files lie that links in it lead to, with how many files each has."""
    root = source.resolve()
    outside = Counter(real.parent for file in files if not (real := file.resolve()).is_relative_to(root))
    return sorted(outside.items())


def _is_the_users(folder: str) -> bool:
    return folder not in _NOT_THE_USERS and (not folder.startswith(".") or folder in _HIDDEN_MASKS)


def why_not_a_picture(path: Path, name: str) -> str | None:
    """None for a picture; else the reason for the user, or "" where the file does not pretend to be a picture."""
    extension = path.suffix.casefold()
    try:
        why = why_not_regular(path)
    except OSError as error:
        return f"it cannot be read ({error.strerror})" if extension in _READ_HERE else ""
    if why:
        return why
    if extension in _RAW:
        return "it is a camera's raw file: develop it to TIFF or JPEG first"
    if extension in _OTHER_PICTURES:
        return "this kind of picture is not read: save it as JPEG, PNG or TIFF"
    if extension in _ARCHIVES:
        return "it is an archive: unpack it where its pictures are to be used"
    try:
        head = head_of(path)
    except NotRegularError as error:
        return str(error)
    except OSError as error:
        return f"it cannot be read ({error.strerror})" if extension in _READ_HERE else ""
    if format_of(head):
        return None if _printable(name) == name else "its name holds characters that other tools cannot read: rename it"
    if extension not in _READ_HERE:
        return ""
    if not head:
        return "the file is empty"
    return "it is no picture, although it is named like one"


def named_like_a_picture(path: Path) -> bool:
    """Whether a regular file has the ending of a kind of picture that is read; nothing is opened."""
    return path.suffix.casefold() in _READ_HERE and is_regular(path)


def _printable(name: str) -> str:
    text = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(character if character.isprintable() else "?" for character in text)


def _without_developed_raws(skipped: list[Skipped], found: list[Found]) -> list[Skipped]:
    """Raw files of which a developed photo lies beside them need no word."""
    developed = {PurePosixPath(picture.name.casefold()).with_suffix("") for picture in found}
    names = [PurePosixPath(file.name.casefold()) for file in skipped]
    return [
        file
        for file, name in zip(skipped, names, strict=True)
        if name.suffix not in _RAW or name.with_suffix("") not in developed
    ]
