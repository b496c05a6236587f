"""The one place that turns what a parse raises on a malformed file into bad input."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from .problem import bad_input

MALFORMED = (
    ValueError,  # UnicodeDecodeError and JSONDecodeError among them
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    EOFError,
    AssertionError,  # other people's readers
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What reading a malformed file raises, whoever reads it. MemoryError is none of them: sizes are judged before they are
allocated, so where memory still runs out the machine lacks it, and the file is not to blame."""

_LONGEST = 200  # characters of a reason


@contextmanager
def malformed_as_bad_input(cause: str, remedy: str) -> Iterator[None]:
    """Raise bad input with this cause, and the reason in brackets, for whatever a malformed file makes its reader raise."""
    try:
        yield
    except MALFORMED as error:
        raise bad_input(f"{cause} ({reason_of(error)})", remedy) from error


def reason_of(error: BaseException) -> str:
    """Why a file cannot be read, in one short line."""
    if isinstance(error, KeyError):
        return f"{plain_line(str(error.args[0]) if error.args else '')} is missing"
    if isinstance(error, IndexError | struct.error | EOFError):
        return "it is cut short, or names something that it does not hold"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OverflowError):
        return "a number in it is too large"
    if isinstance(error, ValueError | OSError) and str(error):
        return plain_line(str(error))
    return "a value in it is of the wrong kind"


def plain_line(text: str) -> str:
    """Words of a file as part of one printable line of limited length."""
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
