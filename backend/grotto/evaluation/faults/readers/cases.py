"""Damaged files given to a reader, one after the other, with the memory and the time that each takes."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ....contract import MALFORMED, Kind, ProblemError
from .reader import Reader

READ, REFUSED = "read", "refused"
TIMES, FREE_MB = 10, 100.0  # of a file's size, and besides, in which it is to be read
SLOWEST_S = 10.0
_MB = 2**20


@dataclass(frozen=True, kw_only=True)
class Case:
    """A damaged file and what became of it."""

    reader: str
    number: int  # which seeds the damage
    outcome: str  # READ, REFUSED, or what was seen in place of either
    peak_mb: float  # of memory above that before; 0 where it was not measured
    seconds: float

    @property
    def failed(self) -> bool:
        return self.outcome not in (READ, REFUSED)


def run_cases(reader: Reader, folder: Path, numbers: range, measured: bool = False) -> Iterator[Case]:
    """The cases with these numbers, made in an empty folder. A file that fails stays beside it, in a folder `failed`.

    `measured` counts memory, which takes several times as long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sound = {path: path.read_bytes() for path in reader.make(folder)}
    bombs = [(path, bomb) for path, data in sound.items() for bomb in reader.bombs(data)]
    if measured:
        tracemalloc.start(1)
    for number in numbers:
        path, data = bombs[number] if number < len(bombs) else _damaged(reader, sound, number)
        path.write_bytes(data)
        case = _case(reader, path, number, measured)
        if case.failed:
            kept = folder.parent / "failed"
            kept.mkdir(exist_ok=True)
            (kept / f"{reader.name}-{number}-{path.name}").write_bytes(data)
        path.write_bytes(sound[path])
        yield case
    tracemalloc.stop()


def _damaged(reader: Reader, sound: dict[Path, bytes], number: int) -> tuple[Path, bytes]:
    chance = random.Random(f"{reader.name} {number}")
    path = chance.choice(list(sound))
    return path, chance.choice(reader.changes)(sound[path], chance)


def _case(reader: Reader, path: Path, number: int, measured: bool) -> Case:
    size = path.stat().st_size
    resident = _resident_mb() if measured else 0.0
    before = tracemalloc.get_traced_memory()[0]
    if measured:
        tracemalloc.reset_peak()
        _reset_most_resident()
    began = time.process_time()
    try:
        reader.read(path)
        outcome = READ
    except ProblemError as error:
        refused = error.problem.kind is Kind.BAD_INPUT and bool(error.problem.cause)
        outcome = REFUSED if refused else f"{error.problem.kind}: {error.problem.cause}"
    except (*MALFORMED, OSError, RuntimeError, MemoryError, SyntaxError, BufferError) as error:  # others end this process
        outcome = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - began
    traced = (tracemalloc.get_traced_memory()[1] - before) / _MB
    peak = max(traced, _resident_mb("VmHWM") - resident) if measured else 0.0
    if peak > TIMES * size / _MB + FREE_MB:
        outcome = f"{peak:.0f} MB for {size:,} bytes, {outcome}"
    if seconds > SLOWEST_S:
        outcome = f"{seconds:.1f} s for {size:,} bytes, {outcome}"
    return Case(reader=reader.name, number=number, outcome=outcome, peak_mb=round(peak, 2), seconds=round(seconds, 4))


def _resident_mb(what: str = "VmRSS") -> float:
    """Memory of this process as Linux counts it, libraries' own included; 0 elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def _reset_most_resident() -> None:
    """Let VmHWM count from now on, where Linux is."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
