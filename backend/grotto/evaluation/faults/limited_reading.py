"""Pictures read in a process of its own, within a limit of memory and time; what was seen, and what it took.

The process is a fork of this one: nothing is imported anew, so that the figures are those of the reading alone.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ...contract import ProblemError, Silent
from ...contract.options import PhotoOptions
from ...photos import PhotoSet, read_photos, read_picture
from ...recipes.inputs import pictures_read
from ...runner.stamps import FileHashes
from ...views import find_source, read_scan_photos

_ALLOWED_BYTES = 700 << 20  # of address space more than before, of which each thread of the reader reserves some
_MOST_SECONDS = 120.0


class _Noted(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def read_limited(way: str, source: Path, out: Path) -> dict[str, Any]:
    """What reading `source` brings: photos (a folder, as a wall reads it), scan, cut (one picture), or stamp (its hash).

    `problem` holds the sentence for the user where it ends so, or what else ended it; `rise_mb` and `cpu_s` are the reading's.
    """
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, way, source, out), daemon=True)
    process.start()
    theirs.close()
    try:
        return dict(mine.recv()) if mine.poll(_MOST_SECONDS) else {"problem": f"no end after {_MOST_SECONDS:.0f} s"}
    except EOFError:
        return {"problem": "the process died"}
    finally:
        process.kill()
        process.join()


def _child(answer: Connection, way: str, source: Path, out: Path) -> None:
    import resource

    report = _Noted()
    resource.setrlimit(resource.RLIMIT_AS, ((_kilobytes("VmSize") << 10) + _ALLOWED_BYTES,) * 2)
    before, began = _kilobytes("VmRSS"), time.process_time()
    try:
        seen = _read(way, source, out, report)
    except ProblemError as error:
        seen = {"problem": str(error)}
    except BaseException as error:
        answer.send({"problem": f"{type(error).__name__}: {error}"})
        raise
    cpu_s, rise_mb = time.process_time() - began, (_kilobytes("VmHWM") - before) / 1024
    answer.send({**seen, "notes": report.notes, "rise_mb": rise_mb, "cpu_s": cpu_s})


def _read(way: str, source: Path, out: Path, report: _Noted) -> dict[str, Any]:
    if way == "cut":
        return {"shape": read_picture(source).colour.shape}
    if way == "stamp":
        return {"stamp": FileHashes(out, pictures_read).of(source)}
    if way == "photos":
        return _seen(read_photos(source, PhotoOptions(), out, report))
    found = find_source(source)
    return _seen(read_scan_photos(found.document or found.pictures, found.document, PhotoOptions(), out, report))


def _seen(photos: PhotoSet) -> dict[str, Any]:
    return {
        "photos": {photo.name: photo.path for photo in photos.photos},
        "masks": [photo.name for photo in photos.photos if photo.mask],
        "skipped": {file.name: file.reason for file in photos.skipped},
        "warnings": {file.name: file.reason for file in photos.warnings},
    }


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))
