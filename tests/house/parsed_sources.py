"""Sources as syntax trees, each parsed once for all tests of a process."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path


@cache
def parsed(text: str) -> ast.Module:
    """The tree of a text; nobody may change it.

    The collector of garbage would go through all earlier trees again and again, which takes longer than the parser does.
    """
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.freeze()
        gc.enable()


def tree(path: Path) -> ast.Module:
    """The tree of a file as it is now."""
    return parsed(path.read_text(encoding="utf-8"))
