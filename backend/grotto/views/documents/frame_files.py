"""Which files on this machine are the photos that a document of cameras names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...contract import ProblemError
from ...photos import picture_size

_EXTENSIONS = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".webp", ".tif", ".tiff")  # tried where a name has none
PHOTO_FOLDERS = ("images", "photos", "input", ".")
_MODEL_NAMES = ("sparse", "colmap", "model")  # folders that hold a COLMAP model and no photos
_OURS = ("request.json", "artefact.json")  # a folder with one of these is a job's or a stage's


@dataclass(frozen=True)
class FoundFiles:
    """Files by the names of a document, which may have been written on another computer."""

    files: dict[str, Path]  # by the document's names; absent where there is none
    moved: tuple[str, ...]  # names of files that are not where the document says
    unclear: dict[str, list[Path]]  # names that several files have, or several names of one file; no file is taken


def find_files(root: Path, document: Path, names: Sequence[str]) -> FoundFiles:
    """The files where the document says, below `root`, with an extension added where it leaves it out.

    Absolute paths of another computer, and all paths where fewer than half of the files are in their places, are found by their
    names, below the document's folder or in a folder of photos beside it: that with most of the folders that the document names,
    of these the one with most pixels.
    """
    files = {name: file for name in names if (file := _in_place(root, name)) is not None}
    misplaced = 2 * len(files) < len(names)
    lost = [name for name in names if name not in files and (misplaced or _is_absolute(name))]
    if not lost:
        return FoundFiles(files, (), {})
    folder = _folder_of(document)
    unclear: dict[str, list[Path]] = {}
    moved: dict[str, Path] = {}
    below = _by_stem([folder])
    beside: dict[str, list[Path]] | None = None
    for name in lost:
        best = _best(name, below)
        if not best:
            beside = _by_stem(folder.parent / place for place in PHOTO_FOLDERS[:-1]) if beside is None else beside
            best = _best(name, beside)
        if len(best) > 1:
            unclear[name] = best
        elif best:
            moved[name] = best[0]
    counts = Counter(moved.values())
    for name, file in moved.items():
        if counts[file] > 1:
            unclear[name] = [file]
    kept = {name: file for name, file in moved.items() if name not in unclear}
    return FoundFiles(files | kept, tuple(kept), unclear)


def _in_place(root: Path, name: str) -> Path | None:
    for spelled in dict.fromkeys((name, name.strip())):
        plain = spelled.replace("\\", "/")
        for ending in ("", *_EXTENSIONS):
            path = root / (plain + ending)
            if path.is_file():
                return path.resolve()
    return None


def _is_absolute(name: str) -> bool:
    plain = name.strip().replace("\\", "/")
    return plain.startswith("/") or plain[1:2] == ":"


def _folder_of(document: Path) -> Path:
    """The folder of the whole set: above the folders that only hold a COLMAP model."""
    if not document.is_dir():
        return document.parent
    folder = document
    while folder.name.isdecimal() or folder.name.casefold() in _MODEL_NAMES:
        folder = folder.parent
    return folder


def _best(name: str, files: dict[str, list[Path]]) -> list[Path]:
    """The files of this name that fit it equally well."""
    parts = [part.casefold() for part in PurePosixPath(name.strip().replace("\\", "/")).parts if part not in (".", "..", "/")]
    if not parts:
        return []
    wanted = PurePosixPath(parts[-1])
    known = wanted.suffix in {ending.casefold() for ending in _EXTENSIONS}
    stem = wanted.stem if known else wanted.name
    same = [path for path in files.get(stem, []) if not known or path.suffix.casefold() == wanted.suffix]
    shared = {path: _shared_end(parts[:-1], path) for path in same}
    best = [path for path in same if shared[path] == max(shared.values())]
    if len(best) > 1:
        sizes = {path: _pixels(path) for path in best}
        best = [path for path in best if sizes[path] == max(sizes.values())]
    return best


def _by_stem(folders: Iterable[Path]) -> dict[str, list[Path]]:
    endings = {ending.casefold() for ending in _EXTENSIONS}
    files: dict[str, list[Path]] = {}
    for folder in folders:
        for place, below, names in os.walk(folder):
            if any(name in names for name in _OURS):
                below.clear()
                continue
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                path = Path(place, name)
                if path.suffix.casefold() in endings and not name.startswith("."):
                    files.setdefault(path.stem.casefold(), []).append(path.resolve())
    return files


def _shared_end(folders: Sequence[str], path: Path) -> int:
    """How many folders above the file have the document's names, counted from the file upwards."""
    count = 0
    for theirs, mine in zip(reversed(folders), reversed(path.parts[:-1]), strict=False):
        if theirs != mine.casefold():
            break
        count += 1
    return count


def _pixels(path: Path) -> int:
    try:
        width, height = picture_size(path)
    except ProblemError:
        return 0
    return width * height
