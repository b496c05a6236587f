"""The job folder: what may be used as one, and the folders of finished stages inside it."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path

from ..contract import REQUEST_FILE, Action, JobRequest, ProblemError, bad_input, missing_resource
from ..formats import in_kernel_folder
from .locks import FileLock
from .stamps import STAMP_FILE, Files, StageRecord, sha256_of

PREVIEWS_FOLDER = "previews"
LOCK_FILE = ".lock"


def check_places(source: Path, out: Path) -> None:
    """Refuse inputs that are not there and output folders that could touch the user's files."""
    if not source.exists():
        raise bad_input(f"there is nothing at {source}", "choose a folder of pictures that exists", Action.CHOOSE_FOLDER)
    inside, outside = source.resolve(), out.resolve()
    if inside == outside or outside.is_relative_to(inside):
        raise bad_input(
            f"the output folder {out} lies in the input folder", "choose an output folder outside of it", Action.CHOOSE_FOLDER
        )
    if inside.is_relative_to(outside):
        raise bad_input(
            f"the input {source} lies in the output folder", "choose an output folder beside the input", Action.CHOOSE_FOLDER
        )
    if not (inside.is_file() or inside.is_dir()):  # a pipe or a device, of which a reader would wait for ever
        raise bad_input(f"{source} is neither a file nor a folder", "choose a folder or a file", Action.CHOOSE_FOLDER)
    if in_kernel_folder(inside):
        raise bad_input(f"{source} lies among the kernel's own files", "choose a folder or a file", Action.CHOOSE_FOLDER)
    stage = next((folder for folder in (outside, *outside.parents) if (folder / STAMP_FILE).is_file()), None)
    if stage is not None:
        raise bad_input(
            f"the output folder {out} lies in {stage}, which a job made and may make anew",
            "choose an output folder outside of it",
            Action.CHOOSE_FOLDER,
        )


def check_request(request: JobRequest) -> None:
    """Refuse a request whose input and output cannot be places of a job; nothing is written."""
    if not all(_is_path(text) for text in (request.input, request.out)):
        raise bad_input("a path holds characters that no file name can have", "choose another", Action.CHOOSE_FOLDER)
    source, out = Path(request.input), Path(request.out)
    if not (source.is_absolute() and out.is_absolute()):
        raise bad_input("the job's folders are not given in full", "give absolute paths", Action.CHOOSE_FOLDER)
    try:
        check_places(source, out)
    except (OSError, RuntimeError) as error:  # a name that is too long, or links that lead in a circle
        reason = getattr(error, "strerror", None) or "links lead in a circle"
        cause = f"the job's folders cannot be used ({reason.lower()})"
        raise bad_input(cause, "choose others", Action.CHOOSE_FOLDER) from error


def prepare(request: JobRequest, wait_seconds: float = 0.0) -> Path:
    """Check a request's places, make its job folder and write request.json. Raises ProblemError in plain words.

    A worker that is still at work in the folder is waited for so long.
    """
    check_request(request)
    out = Path(request.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(out)
        lock = lock_job(out, wait_seconds)
        try:
            request.write(out)
        finally:
            lock.release()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise missing_resource(
            f"the output folder {out} cannot be written ({reason})", "choose another output folder", Action.CHOOSE_FOLDER
        ) from error
    return out


def _refuse_foreign(out: Path) -> None:
    file = out / REQUEST_FILE
    if not file.exists():
        return
    try:
        JobRequest.read(out)
    except ProblemError as error:
        raise bad_input(f"{file} is not a job's request", "choose another output folder", Action.CHOOSE_FOLDER) from error


def _is_path(text: str) -> bool:
    try:
        return bool(os.fsencode(text)) and "\0" not in text
    except UnicodeEncodeError:
        return False


def lock_job(folder: Path, wait_seconds: float = 0.0) -> FileLock:
    """Hold the job folder until released, or until this process ends."""
    lock = FileLock(folder / LOCK_FILE)
    until = time.monotonic() + wait_seconds
    while not lock.acquire():
        if time.monotonic() < until:
            time.sleep(0.05)
            continue
        raise bad_input(f"another job is at work in {folder}", "wait until it ends, or choose another output folder")
    return lock


def remove_leftovers(folder: Path) -> None:
    """Remove what a stage that did not finish left behind."""
    for entry in folder.iterdir():
        if entry.name.startswith(".") and entry.name.endswith((".part", ".old")):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def part_of(folder: Path, stage: str) -> Path:
    """The folder in which a stage works until it has finished, new and empty."""
    final, part = folder / stage, folder / f".{stage}.part"
    if final.exists() and not (final / STAMP_FILE).is_file():
        raise bad_input(f"{final} holds files that are not of this job", "choose another output folder", Action.CHOOSE_FOLDER)
    if part.exists():
        shutil.rmtree(part)
    part.mkdir()
    return part


def resume_of(folder: Path, stage: str, stamp: str) -> Path:
    """The folder where a stage keeps its checkpoint. Those of other inputs, options or code are removed."""
    parent = folder / f".{stage}.resume"
    resume = parent / stamp[:32]
    if parent.exists():
        for other in parent.iterdir():
            if other != resume:
                shutil.rmtree(other)
    resume.mkdir(parents=True, exist_ok=True)
    return resume


def remove_checkpoints(folder: Path) -> None:
    """Remove what stages kept to resume from, once a job has ended well."""
    for entry in folder.glob(".*.resume"):
        shutil.rmtree(entry, ignore_errors=True)


def finish(folder: Path, part: Path, record: StageRecord) -> Path:
    """Give a finished stage its name, with its files safe on the disk before."""
    files: Files = {}
    for path in sorted(part.rglob("*")):
        if path.is_file():
            _to_disk(path)
            state = path.stat()
            files[path.relative_to(part).as_posix()] = (state.st_size, state.st_mtime_ns, sha256_of(path))
    text = json.dumps({**asdict(record), "files": files}, indent=1)
    (part / STAMP_FILE).write_text(text + "\n", encoding="utf-8")
    _to_disk(part / STAMP_FILE)
    _to_disk(part)
    final, old = folder / record.stage, folder / f".{record.stage}.old"
    if final.exists():
        final.rename(old)
    part.rename(final)
    _to_disk(folder)
    if old.exists():
        shutil.rmtree(old)
    return final


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot flush folders
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
