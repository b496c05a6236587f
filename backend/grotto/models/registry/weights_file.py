"""Is a weights file whole? Its header is read and its lengths are compared; no tensor is loaded.

Layout of safetensors, from its own description of the format: eight bytes of little-endian length, a JSON header of that
length with dtype, shape and offsets of each tensor, then the tensors without gaps up to the end of the file.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from ...contract import Action, ProblemError, bad_input

_LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit
_BYTES_OF = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "U16": 2, "U32": 4, "U64": 8,
    "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip


def check_weights_file(path: Path, name: str = "") -> int:
    """Check a safetensors file from end to end of its header; returns the number of its tensors.

    `name` is for the problem's text, the file's own name where empty. Raises a bad-input problem where the file is truncated,
    too long, or no safetensors file at all.
    """
    name = name or path.name
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            header_length = int.from_bytes(file.read(8), "little")
            if length < 8 or header_length > _LONGEST_HEADER:
                raise broken(name, "it is no safetensors file")
            if length < 8 + header_length:
                raise broken(name, f"it is truncated inside its header, at {length} bytes")
            header = json.loads(file.read(header_length))
    except OSError as error:
        raise broken(name, f"it cannot be read ({(error.strerror or str(error)).lower()})") from error
    except ValueError as error:
        raise broken(name, "it is no safetensors file") from error
    tensors = {key: value for key, value in header.items() if key != "__metadata__"} if isinstance(header, dict) else {}
    if not tensors:
        raise broken(name, "it holds no tensor")
    end = _end_of_tensors(name, tensors)
    whole = 8 + header_length + end
    if length != whole:
        raise broken(name, f"it is {'truncated' if length < whole else 'too long'}: {length} bytes instead of {whole}")
    return len(tensors)


def _end_of_tensors(name: str, tensors: dict[str, dict[str, object]]) -> int:
    """Where the last tensor ends, when all lie one after the other; offsets in bytes after the header."""
    try:
        spans = sorted((*map(int, entry["data_offsets"]), key) for key, entry in tensors.items())  # type: ignore[call-overload]
        end = 0
        for start, stop, key in spans:
            size = _BYTES_OF.get(str(tensors[key]["dtype"]))
            if start != end or (size is not None and stop - start != size * math.prod(tensors[key]["shape"])):  # type: ignore[call-overload]
                raise broken(name, f"the lengths of {key} do not agree with its header")
            end = stop
    except (KeyError, TypeError, ValueError) as error:
        raise broken(name, "its header is damaged") from error
    return end


def broken(name: str, cause: str) -> ProblemError:
    """The problem of a weights file that cannot be used."""
    return bad_input(f"the weights file {name} is broken: {cause}", "fetch or copy it again", Action.NONE)
