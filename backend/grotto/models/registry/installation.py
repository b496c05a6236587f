"""Install weights: from a folder that the user has, or from their publisher after the user's consent.

Both make the model's folder beside its final place and move it there when every file has been checked, so that a stopped
installation leaves nothing that looks like a model.
"""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from ...contract import Action, Part, ProblemError, Progress, Silent, bad_input, missing_resource
from .entries import Model, ModelFile, megabytes, model_named
from .folder import Installed, Record, find, is_installed, models_folder, size_of, write_record
from .verification import check_hash, hash_of, unlike_published
from .weights_file import broken, check_weights_file

_BLOCK = 8 * 1024 * 1024
_PATIENCE = 10.0  # seconds, for a server's first answer
_PICKLE_OF = {"model.safetensors": "pytorch_model.bin"}  # transformers' names; diffusers changes only the ending


def install_from(name: str, source: Path, report: Progress | None = None) -> Installed:
    """Copy a model's files from a folder with the publisher's layout; weights kept as pickles become safetensors.

    Pickles are read by torch without running what they hold. Raises a bad-input problem where the folder is not there or a file
    is broken, a missing-resource problem where files are absent or the disk is full.
    """
    report = report or Silent()
    model = model_named(name)
    if not source.is_dir():
        raise bad_input(f"there is no folder {source}", "name the folder that holds the model's files", Action.CHOOSE_FOLDER)
    _refuse_second(name)
    found = {file.path: _found_in(source, file) for file in model.files}
    absent = [path for path, place in found.items() if place is None]
    if absent:
        raise missing_resource(f"{source} lacks {', '.join(absent)}", f"name a folder with the files of {name}")
    places = {path: place for path, place in found.items() if place is not None}
    with _new_folder(name, sum(place.stat().st_size for place in places.values())) as folder:
        for index, file in enumerate(model.files):
            part = Part(report, 0.7 * index / len(model.files), 0.7 * (index + 1) / len(model.files))
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
            if places[file.path].suffix == ".bin":
                _as_safetensors(places[file.path], folder / file.path, part)
            else:
                _copy(places[file.path], folder / file.path, part)
        for path in model.optional:
            if (source / path).is_file():
                _copy(source / path, folder / path, Part(report, 0.7, 0.7))
        _check_and_record(model, folder, Part(report, 0.7, 1))
        if unlike := unlike_published(model, size_of(folder)):
            report.note(unlike)
    return find(name)


def download(name: str, *, consent: bool, endpoint: str | None = None, report: Progress | None = None) -> Installed:
    """Fetch a model from its publisher. Nothing is requested before `consent` to its licence and size.

    `endpoint` is another server of the same kind than huggingface.co. Raises a missing-resource problem without consent, without
    huggingface-hub, without a network, and where the publisher has not the files; the problem names the way by hand.
    """
    report = report or Silent()
    model = model_named(name)
    _refuse_second(name)
    if not model.repository:
        raise missing_resource(f"nobody publishes {name} in the form that is read here", f"see `grotto models show {name}`")
    if not consent:
        raise missing_resource(f"{name} was not fetched: {model.terms()}", "agree to licence and size with --yes")
    server = endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=_made(models_folder())) as fetched:
        _room_for(2 * model.size_bytes)  # as fetched, and as kept
        _reach(model, server)
        arrived = _Arrived(model.size_bytes, Part(report, 0, 0.8))
        for path in model.to_fetch:
            arrived.add(0, path)
            _fetch(model, path, Path(fetched), server, arrived)
        return install_from(name, Path(fetched), Part(report, 0.8, 1))


class _Arrived:
    """Counts bytes that arrived over the network, and reports them."""

    def __init__(self, expected_bytes: int, report: Progress) -> None:
        self._expected, self._report, self._bytes = expected_bytes, report, 0

    def add(self, count: int, path: str) -> None:
        self._bytes += count
        self._report(min(1.0, self._bytes / self._expected), f"fetching {path}: {megabytes(self._bytes)}")


def _reach(model: Model, endpoint: str) -> None:
    """Ask once whether the server answers: the library would ask for half a minute. A proxy is left to the library."""
    address = urlsplit(endpoint)
    if getproxies():
        return
    try:
        socket.create_connection((address.hostname or "", address.port or 443), timeout=_PATIENCE).close()
    except OSError as error:
        raise _unreached(model, endpoint) from error


def _unreached(model: Model, endpoint: str) -> ProblemError:
    return missing_resource(f"the server {urlsplit(endpoint).hostname} cannot be reached", _by_hand(model))


def _fetch(model: Model, path: str, folder: Path, endpoint: str, arrived: _Arrived) -> None:
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
        from huggingface_hub.utils import tqdm
    except ImportError as error:
        raise missing_resource("huggingface-hub is not installed", _by_hand(model)) from error

    class Bar(tqdm):
        """The library's progress bar, not drawn: each step is added to `arrived`."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **{**named, "disable": True})  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> None:
            arrived.add(int(n or 0), path)

    try:
        hf_hub_download(model.repository, path, local_dir=folder, endpoint=endpoint, token=False, tqdm_class=Bar)
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise _unreached(model, endpoint) from error
    except EntryNotFoundError as error:
        raise missing_resource(f"{model.repository} has no file {path}", _by_hand(model)) from error
    except (HfHubHTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise missing_resource(f"{path} could not be fetched ({reason})", _by_hand(model)) from error


def _by_hand(model: Model) -> str:
    files = ", ".join(model.to_fetch)
    return (
        f"fetch {files} from huggingface.co/{model.repository} on another machine into one folder, "
        f"then `grotto models install {model.name} --from FOLDER`, which puts them into {models_folder() / model.name}"
    )


def _refuse_second(name: str) -> None:
    if is_installed(name):
        raise bad_input(f"{name} is installed already", f"`grotto models delete {name}` first", Action.NONE)


def _found_in(source: Path, file: ModelFile) -> Path | None:
    """Where the folder keeps a file: under its name, or as the pickle that the publisher has instead."""
    path = source / file.path
    pickled = path.with_name(_PICKLE_OF.get(path.name, path.with_suffix(".bin").name))
    return next((place for place in (path, pickled) if place.is_file()), None)


@contextmanager
def _new_folder(name: str, size_bytes: int) -> Iterator[Path]:
    """A folder that becomes the model's when the block ends well, and vanishes when it does not."""
    _made(models_folder())
    _room_for(size_bytes)
    final = models_folder() / name
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=models_folder()))
    try:
        yield folder
        if final.exists():
            shutil.rmtree(final)  # the remains of one that lacked files: `_refuse_second` has seen that it is none
        folder.rename(final)
        final.chmod(0o755)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise missing_resource(f"{folder} cannot be made ({reason})", "name another place with GROTTO_MODELS") from error
    return folder


def _room_for(size_bytes: int) -> None:
    free = shutil.disk_usage(models_folder()).free
    if free < 1.05 * size_bytes:
        raise missing_resource(
            f"{megabytes(size_bytes)} are needed in {models_folder()}, and {megabytes(free)} are free",
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


def _as_safetensors(source: Path, target: Path, report: Progress) -> None:
    import torch
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
    save_file({key: value.clone().contiguous() for key, value in state.items()}, target, metadata={"format": "pt"})


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
    write_record(folder, Record(model.name, model.rig, hashes))
