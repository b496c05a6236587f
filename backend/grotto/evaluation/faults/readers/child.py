"""Cases in a process of their own, as a library may crash: `python -m MODULE READER FOLDER FIRST COUNT`.

Writes the number of a case before it, and its outcome as JSON after it.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from .cases import run_cases
from .registry import READERS

_LONGEST_S = 30.0  # of CPU time for a case; then the system ends this process
_MOST_BYTES = 8 * 2**30  # of addresses


def main(name: str, folder: str, first: str, count: str) -> None:
    """Run the cases `first` to before `first + count` of a reader."""
    _limit()
    reader = next(one for one in READERS if one.name == name)
    numbers = range(int(first), int(first) + int(count))
    cases = run_cases(reader, Path(folder), numbers, measured=True)
    for number in numbers:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_PROF, _LONGEST_S)
        sys.stdout.write(json.dumps(asdict(next(cases))) + "\n")


def _limit() -> None:
    """Let the machine survive what a reader asks for."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


if __name__ == "__main__":
    main(*sys.argv[1:])
