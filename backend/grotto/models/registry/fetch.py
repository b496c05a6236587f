"""Fetch a model from its publisher at one revision: every file is checked against its list, and a stop is no loss.

Files arrive in a folder beside the models, each in its final place, and the folder is renamed when all are there: nothing is
copied, and a stopped download is never taken for a model.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...contract import Part, Progress, Silent, bad_input, missing_resource
from .entries import Model, megabytes, model_named
from .folder import Installed, Record, find, models_folder, write_record
from .hub import MAIN, WAITS_S, ListedFile, Listing, RevisionGone, Server, list_files, server_address
from .installation import make_folder, refuse_second, room_for, unpickled
from .sources import kept_path
from .transfer import PART, disk_problem, fetch_file
from .verification import check_hash, hash_of
from .weights_file import check_weights_file

STATE_FILE = "grotto-fetch.json"


@dataclass
class _State:
    """What is known of a download that may have stopped: its commit, and the sha256 of what arrived whole, by published path."""

    repository: str
    commit: str
    done: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        content = {"repository": self.repository, "commit": self.commit, "done": self.done}
        new = folder / f"{STATE_FILE}.new"
        new.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        new.replace(folder / STATE_FILE)


def download(
    name: str,
    *,
    consent: bool,
    endpoint: str | None = None,
    revision: str = "",
    waits_s: tuple[float, ...] = WAITS_S,
    report: Progress | None = None,
) -> Installed:
    """Fetch a model from its publisher. Nothing is requested before `consent` to its licence and size.

    `endpoint` is another server of the same kind than huggingface.co, `revision` another one than the registry names; `waits_s`
    is waited before another attempt where one brought nothing. A stopped download goes on where it was, at its revision.
    Raises a missing-resource problem, with its remedy, without consent, for every failure of network, server and disk, and where
    what arrives is not what the publisher lists.
    """
    report = report or Silent()
    model = model_named(name)
    refuse_second(name)
    if not model.repository:
        raise missing_resource(f"nobody publishes {name} in the form that is read here", f"see `grotto models show {name}`")
    if not consent:
        raise missing_resource(f"{name} was not fetched: {model.terms()}", "agree to licence and size with --yes")
    server = Server(server_address(endpoint), model.repository, _by_hand(model), waits_s)
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise missing_resource("HF_HUB_OFFLINE forbids to fetch anything", f"unset it, or {server.by_hand}")
    folder = make_folder(partial_folder(name))
    with _alone(folder, name):
        state, listing = _begin(model, server, folder, revision, report)
        files = _listed(model, listing, server)
        _room(files, state, folder)
        try:
            hashes = _arrive(model, server, files, state, folder, report)
        except OSError as error:
            raise disk_problem(error, folder) from error
        (folder / STATE_FILE).unlink()
        write_record(folder, Record(model.name, model.rig, hashes, listing.commit, _as_listed(model, hashes, state)))
        final = models_folder() / name
        if final.exists():
            shutil.rmtree(final)  # the remains of one that lacked files: `refuse_second` has seen that it is none
        folder.rename(final)
    return find(name)


def partial_folder(name: str) -> Path:
    """Where the files of a model arrive."""
    return models_folder() / f".{name}.partial"


def arrived_bytes(name: str) -> int:
    """How much of a download that stopped is there; 0 where none has begun."""
    folder = partial_folder(name)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.name.startswith(STATE_FILE))


def _begin(model: Model, server: Server, folder: Path, revision: str, report: Progress) -> tuple[_State, Listing]:
    """The state of the download and the publisher's list, both at one commit; what is of another commit is thrown away, aloud."""
    held = _read_state(model, folder, report)
    wanted = revision or model.revision or MAIN
    if held is not None and (held.repository != model.repository or (len(wanted) == 40 and held.commit != wanted)):
        report.note(f"what had arrived of {model.name} is of revision {held.commit[:12]} and was thrown away")
        _empty(folder)
        held = None
    if held is not None:
        try:
            return held, list_files(server, held.commit)
        except RevisionGone:
            report.note(
                f"the publisher of {model.name} no longer has revision {held.commit[:12]}: what had arrived was thrown away"
            )
            _empty(folder)
    try:
        listing = list_files(server, wanted)
    except RevisionGone as error:
        other = f"`grotto models install {model.name} --yes --revision {MAIN}` fetches what is there now"
        raise missing_resource(
            f"{model.repository} has no revision {wanted[:12]}: its publisher moved or removed it",
            server.by_hand if wanted == MAIN else f"{other}; or {server.by_hand}",
        ) from error
    if not model.revision:
        report.note(f"no revision of {model.name} is known here; fetched is what its publisher has now, {listing.commit[:12]}")
    state = _State(model.repository, listing.commit)
    state.write(folder)
    return state, listing


def _listed(model: Model, listing: Listing, server: Server) -> dict[str, ListedFile]:
    """The publisher's entries of the files to fetch. Raises a missing resource where one is absent or known to be another."""
    known = {file.path: file.sha256 or file.listed for file in model.files}
    files = {}
    for path in model.to_fetch:
        if path not in listing.files:
            if path in model.optional:
                continue
            raise missing_resource(f"{model.repository} has no file {path} at revision {listing.commit[:12]}", server.by_hand)
        file = files[path] = listing.files[path]
        expected = known.get(path)
        if expected and file.sha256 != expected:
            raise missing_resource(
                f"the publisher of {model.name} has another {path} at revision {listing.commit[:12]} than the one known here",
                f"update Grotto, or {server.by_hand}",
            )
    return files


def _room(files: dict[str, ListedFile], state: _State, folder: Path) -> None:
    """Refuse where what is still to come would not fit: the rest, and a second copy of the largest file that is rewritten."""
    rest = sum(file.size_bytes for path, file in files.items() if path not in state.done)
    rest -= sum(path.stat().st_size for path in folder.rglob(f"*{PART}"))
    rewritten = [file.size_bytes for path, file in files.items() if kept_path(path) != path and path not in state.done]
    room_for(max(0, rest) + max(rewritten, default=0), folder)


def _arrive(
    model: Model, server: Server, files: dict[str, ListedFile], state: _State, folder: Path, report: Progress
) -> dict[str, str]:
    """Fetch what is not yet there; returns the sha256 of each weights file as it is kept."""
    whole = max(1, sum(file.size_bytes for file in files.values()))
    before = 0
    for path, file in files.items():
        offset = before
        before += file.size_bytes

        def arrived(length: int, offset: int = offset, path: str = path) -> None:
            done = offset + length
            report(min(1.0, 0.95 * done / whole), f"fetching {path}: {megabytes(done)} of {megabytes(whole)}")

        arrived(0)
        if path in state.done and (folder / kept_path(path)).is_file():
            continue
        digest = fetch_file(server, state.commit, file, folder / path, arrived, report)
        if kept_path(path) != path:
            unpickled(folder / path, folder / kept_path(path), Part(report, 0.95 * before / whole, 0.95 * before / whole))
        state.done[path] = digest
        state.write(folder)
    hashes = {}
    for kept in (file for file in model.files if file.is_weights):
        check_weights_file(folder / kept.path, kept.path)
        hashes[kept.path] = state.done.get(kept.path) or hash_of(folder / kept.path, Silent())
        check_hash(model.name, kept, hashes[kept.path])
    report(1.0, f"{model.name} is there")
    return hashes


def _as_listed(model: Model, hashes: dict[str, str], state: _State) -> tuple[str, ...]:
    return tuple(file.path for file in model.files if file.is_weights and state.done.get(file.path) == hashes[file.path])


def _by_hand(model: Model) -> str:
    files = ", ".join(model.to_fetch)
    return (
        f"fetch {files} from huggingface.co/{model.repository} on another machine into one folder, "
        f"then `grotto models install {model.name} --from FOLDER`, which puts them into {models_folder() / model.name}"
    )


def _read_state(model: Model, folder: Path, report: Progress) -> _State | None:
    try:
        held = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        return _State(str(held["repository"]), str(held["commit"]), {str(key): str(held["done"][key]) for key in held["done"]})
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        report.note(f"the list of what had arrived of {model.name} is damaged: all of it was thrown away and is fetched again")
        _empty(folder)
        return None


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Refuse a second download into the same folder; the kernel ends the lock with the process."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    path = folder.with_name(f"{folder.name}.lock")
    with path.open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise bad_input(f"{name} is being fetched by another process", "wait for it") from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
