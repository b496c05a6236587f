"""Which files on this machine are the photos that a document of cameras names. A document reaches no farther than its set."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...contract import ProblemError
from ...formats import is_regular
from ...photos import files_below, picture_size
from .set_folders import PHOTO_FOLDERS, PICTURE_ENDINGS, SetFolders

_ADDED = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG", ".webp", ".tif", ".tiff")  # tried where a name has no extension


@dataclass(frozen=True)
class FoundFiles:
    """Files by the names of a document, which may have been written on another computer."""

    files: dict[str, Path]  # by the document's names; absent where there is none
    moved: tuple[str, ...]  # names of files that are not where the document says
    unclear: dict[str, list[Path]]  # names that several files have, or several names of one file; no file is taken
    outside: tuple[str, ...]  # names that lead out of the set's folders, and of which no file was found in them


def find_files(root: Path, folders: SetFolders, names: Sequence[str]) -> FoundFiles:
    """The files where the document says, below `root`, with an extension added where it leaves it out.

    Names that lead out of the set's folders, as written, are not followed. Absolute paths of another computer, and all paths
    where fewer than half of the files are in their places, are found by their names, below the set's folder or in the folders of
    photos beside it: that with most of the folders that the document names, of these the one with most pixels.
    """
    places = {name: _places(root, name) for name in names}
    inside = {name: [path for path in paths if folders.hold(path)] for name, paths in places.items()}
    files = {name: file for name, paths in inside.items() if (file := _first_there(paths)) is not None}
    misplaced = 2 * len(files) < len(names)
    lost = [name for name in names if name not in files and (misplaced or _is_absolute(name))]
    unclear, moved = _by_name(lost, folders) if lost else ({}, {})
    found = files | moved
    outside = [name for name in places if name not in found and not inside[name] and not _is_absolute(name)]
    outside += [name for name in places if name not in found and _is_absolute(name) and _first_there(places[name])]
    return FoundFiles(found, tuple(moved), unclear, tuple(outside))


def _places(root: Path, name: str) -> list[Path]:
    """Where a name may be meant to lie, `..` resolved as it is written."""
    spelled = dict.fromkeys((name, name.strip()))
    return [Path(os.path.normpath(f"{root / plain}{ending}")) for plain in map(_slashed, spelled) for ending in ("", *_ADDED)]


def _first_there(paths: Iterable[Path]) -> Path | None:
    """The first that exists, whatever it is; folders do not count."""
    return next((path for path in paths if _is_there(path)), None)


def _is_there(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):  # also a name that no disk takes
        return False


def _slashed(name: str) -> str:
    return name.replace("\\", "/").replace("\0", "")


def _is_absolute(name: str) -> bool:
    plain = _slashed(name).strip()
    return plain.startswith("/") or plain[1:2] == ":"


def _by_name(names: Sequence[str], folders: SetFolders) -> tuple[dict[str, list[Path]], dict[str, Path]]:
    """Names of which it is not clear which file they mean, and the files of the others."""
    unclear: dict[str, list[Path]] = {}
    moved: dict[str, Path] = {}
    below = _by_stem([folders.folder])
    beside: dict[str, list[Path]] | None = None
    for name in names:
        best = _best(name, below)
        if not best:
            beside = _by_stem(folders.beside) if beside is None else beside
            best = _best(name, beside)
        if len(best) > 1:
            unclear[name] = best
        elif best:
            moved[name] = best[0]
    counts = Counter(moved.values())
    for name, file in moved.items():
        if counts[file] > 1:
            unclear[name] = [file]
    return unclear, {name: file for name, file in moved.items() if name not in unclear}


def _best(name: str, files: dict[str, list[Path]]) -> list[Path]:
    """The files of this name that fit it equally well."""
    parts = [part.casefold() for part in PurePosixPath(_slashed(name).strip()).parts if part not in (".", "..", "/")]
    if not parts:
        return []
    wanted = PurePosixPath(parts[-1])
    known = wanted.suffix in PICTURE_ENDINGS
    stem = wanted.stem if known else wanted.name
    same = [path for path in files.get(stem, []) if not known or path.suffix.casefold() == wanted.suffix]
    shared = {path: _shared_end(parts[:-1], path) for path in same}
    best = [path for path in same if shared[path] == max(shared.values())]
    if len(best) > 1:
        sizes = {path: _pixels(path) for path in best}
        best = [path for path in best if sizes[path] == max(sizes.values())]
    return best


def _by_stem(folders: Iterable[Path]) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for folder in folders:
        for path in sorted(files_below(folder)):
            if path.suffix.casefold() in PICTURE_ENDINGS:
                files.setdefault(path.stem.casefold(), []).append(path)
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


def photo_root(model: Path, folders: SetFolders, photos: Sequence[str]) -> Path:
    """The folder below which most photos of a COLMAP model lie: images beside it, or in a folder above it within the set."""
    above = [folder for folder in (model, *model.parents) if folder.is_relative_to(folders.folder)]
    roots = [*(folder / name for folder in above for name in PHOTO_FOLDERS), *folders.beside]
    some = photos[:: max(1, len(photos) // 50)]
    return max(roots, key=lambda root: sum(is_regular(root / _slashed(name)) for name in some))
