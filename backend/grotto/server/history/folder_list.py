"""Where each job's folder lies: a text file beside the history, from which a lost history is rebuilt."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...contract import MALFORMED, parse_json, typed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobPlace:
    """A job's name, its folder, and when it came, in seconds since the epoch."""

    id: str
    out: str
    created: float


class FolderList:
    """Appends a JSON line a job, in the order in which jobs come; torn and strange lines are passed over."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = {place.id: place for place in _read(file)}

    def places(self) -> list[JobPlace]:
        """All jobs, the oldest first."""
        return list(self._known.values())

    def add(self, places: Iterable[JobPlace]) -> None:
        """Append the places of jobs that are not listed yet. A disk that takes none costs only the way back."""
        new = [place for place in places if place.id not in self._known]
        if not new:
            return
        text = "".join(json.dumps({"id": place.id, "out": place.out, "created": place.created}) + "\n" for place in new)
        try:
            with self._file.open("ab") as file:
                torn = file.tell() > 0 and not _ends_with_a_line(self._file)
                file.write((b"\n" if torn else b"") + text.encode("ascii"))
        except OSError as error:
            log.warning("cannot write %s: %s", self._file, error)
            return
        self._known |= {place.id: place for place in new}


def _ends_with_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _read(path: Path) -> list[JobPlace]:
    try:
        if not path.is_file():
            return []
        with path.open("rb") as file:
            return [place for place in map(_place, file) if place is not None]
    except OSError as error:
        log.warning("cannot read %s: %s", path, error)
        return []


def _place(line: bytes) -> JobPlace | None:
    try:
        place = typed(JobPlace, parse_json(line))
    except MALFORMED:
        return None
    return place if Path(place.out).is_absolute() else None
