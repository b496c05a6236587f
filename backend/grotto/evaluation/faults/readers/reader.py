"""A reader, what it is given, and how that is damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .mutations import Change


def no_bombs(_sound: bytes) -> list[bytes]:
    """Of files that announce nothing."""
    return []


def one_file(name: str, write: Callable[[Path], object]) -> Callable[[Path], list[Path]]:
    """The sound files of a reader that reads a single one."""

    def make(folder: Path) -> list[Path]:
        write(folder / name)
        return [folder / name]

    return make


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A reader with what it is given.

    `make(folder)` writes sound files into an empty folder and returns those that are damaged in turn; `read(file)` reads one of
    them, in a folder with the others as they were. `bombs` are whole files that ask for much.
    """

    name: str
    make: Callable[[Path], list[Path]]
    read: Callable[[Path], object]
    changes: tuple[Change, ...]
    bombs: Callable[[bytes], list[bytes]] = no_bombs
