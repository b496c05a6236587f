"""stamp.json: the record of a finished stage, and whether its files are still those that it left."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from .stamp import sha256_of

STAMP_FILE = "stamp.json"

Files = dict[str, tuple[int, int, str]]  # size, mtime in ns, sha256 by path relative to the stage


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """The work that a finished stage did, the code that did it, what it took, and the files it left.

    Records of versions before `inputs` and `code` were kept have neither; their stamp is the hash of stage, version, options
    and inputs.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    stage: str
    version: int
    stamp: str  # of the artefact, which the work of later stages names: a hash of inputs and code
    places: list[str]  # absolute paths of the user's files, which artefacts may name
    seconds: float
    peak_memory_mb: float
    notes: list[str]
    preview: str  # relative to the job folder, "" where none
    inputs: list[Any] = field(default_factory=list)  # options among them; artefacts as their stamps, the user's files as hashes
    code: str = ""  # the identity of the code
    made_by: str = ""  # the code's name for people
    files: Files = field(default_factory=dict)


def read_record(stage_folder: Path) -> StageRecord | None:
    """The record of a finished stage, or None where there is none, or one of another shape: the stage is not finished then."""
    try:
        data = json.loads((stage_folder / STAMP_FILE).read_bytes())  # pydantic's own parser takes no names that are not UTF-8
        return TypeAdapter(StageRecord).validate_python(data)
    except (OSError, ValueError, RecursionError):
        return None


def is_whole(stage_folder: Path, record: StageRecord, check: Callable[[], None] | None = None) -> bool:
    """Whether every file of a finished stage is there as it was left.

    With `check`, which may raise to stop it, all files are read: a disk that decays changes no times. Without, only files
    of another time are.
    """
    for name, (size, mtime_ns, sha256) in record.files.items():
        path = stage_folder / name
        try:
            state = path.stat()
            if state.st_size != size or not path.is_file():
                return False
            if (check is not None or state.st_mtime_ns != mtime_ns) and sha256_of(path, check) != sha256:
                return False
        except (OSError, ValueError):  # gone, or a name that no disk takes
            return False
    return True
