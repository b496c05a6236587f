"""Records of a long run, a line of JSON each: what was made stays where the run is stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read_records(file: Path, kind: type[T]) -> list[T]:
    """The records (dataclasses of this kind) of a file; none where there is no file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [kind(**json.loads(line)) for line in lines if line.endswith("}")]  # a stopped run may have torn the last


def append_records(file: Path, records: Iterable[Any]) -> None:
    """Write dataclasses at the end of a file, each as soon as it comes."""
    with file.open("a", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(asdict(record)) + "\n")
