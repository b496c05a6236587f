"""JSON from files that anybody may have written, parsed only where the result stays in proportion to the text."""

from __future__ import annotations

import json
from typing import Any

# Bytes that CPython 3.11 takes for a piece of a parsed document; those of an object hold its first key.
_OBJECT, _LIST, _VALUE = 240, 72, 40
_TIMES, _FREE_BYTES = 4, 64 * 2**20  # a document that takes more than so many times its text and so much is none of ours


def parse_json(data: bytes) -> Any:
    """The value of a UTF-8 text with or without byte order mark.

    Raises ValueError for what is no JSON, and for a text that consists of brackets and commas, which would take many times its
    size in memory; RecursionError where it is nested too deeply.
    """
    needed = _OBJECT * data.count(b"{") + _LIST * data.count(b"[") + _VALUE * (data.count(b",") + data.count(b":"))
    if needed > _TIMES * len(data) + _FREE_BYTES:
        raise ValueError("it holds little but brackets and commas")
    return json.loads(data.decode("utf-8-sig"))
