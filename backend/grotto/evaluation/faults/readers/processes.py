"""Cases run in processes of their own, begun again after a crash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ....runner import start_watched
from .cases import Case
from .reader import Reader

AT_ONCE = 3600  # cases of a process; on a busy machine a start takes longer than a thousand of them


def cases_apart(reader: Reader, folder: Path, first: int, count: int) -> Iterator[Case]:
    """The cases `first` to before `first + count`; one that ends its process is among them, with how it ended."""
    end = first + count
    while first < end:
        begun = first
        for case in _of_one_process(reader, folder / "files", first, min(AT_ONCE, end - first)):
            yield case
            first = case.number + 1
        if first == begun:
            yield Case(reader=reader.name, number=first, outcome="its process did not start", peak_mb=0.0, seconds=0.0)
            return


def _of_one_process(reader: Reader, folder: Path, first: int, count: int) -> Iterator[Case]:
    shutil.rmtree(folder, ignore_errors=True)
    words = [sys.executable, "-m", f"{__package__}.child", reader.name, str(folder), str(first), str(count)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "stderr.log").open("ab") as log:
        process = start_watched(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=dict(os.environ))
    assert process.stdout is not None
    number, whole = first - 1, True
    for line in process.stdout:
        data = json.loads(line)
        whole = isinstance(data, dict)
        if whole:
            yield Case(**data)
        else:
            number = data
    code = process.wait()
    if not whole:
        yield Case(reader=reader.name, number=number, outcome=f"its process ended with {code}", peak_mb=0.0, seconds=0.0)
