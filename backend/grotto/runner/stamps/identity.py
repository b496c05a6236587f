"""Which code a stage runs: of an installed package its release, in a checkout the hash of the sources that it reaches."""

from __future__ import annotations

import inspect
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from ...contract import PRODUCT, VERSION
from .sources import Sources

_PACKAGE = Path(__file__).resolve().parents[2]
_SHOWN = 8  # characters of a hash that people see


class Code(NamedTuple):
    """`identity` is compared; `name` is for people: "0.1.0", or "0.1.0+3f2a9c1d" where sources were hashed."""

    identity: str
    name: str


class CodeReader:
    """Reads the code of stages. One reader sees each file once, so that a later change of it goes unnoticed."""

    def __init__(self) -> None:
        self._sources = Sources(_PACKAGE)
        self._release = is_release()

    def of(self, function: Any) -> Code:
        """The code of a stage's function and of all that its module reaches by imports."""
        file = _file_of(function)
        if file is None or not file.is_file() or (self._release and file.is_relative_to(_PACKAGE)):
            return Code(VERSION, VERSION)
        hashed = self._sources.hash_of(file)
        return Code(hashed, f"{VERSION}+{hashed[:_SHOWN]}")


@lru_cache(maxsize=1)
def is_release() -> bool:
    """Whether an installer put these very files in place and recorded them: not so in a checkout, installed in place or not."""
    try:
        installed = metadata.distribution(PRODUCT)
    except metadata.PackageNotFoundError:
        return False
    init = f"{_PACKAGE.name}/__init__.py"
    recorded = any(line.startswith(f"{init},") for line in (installed.read_text("RECORD") or "").splitlines())
    return recorded and Path(str(installed.locate_file(init))).resolve() == _PACKAGE / "__init__.py"


def _file_of(function: Any) -> Path | None:
    while hasattr(function, "func"):  # functools.partial
        function = function.func
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:  # of no module: built in, or made by exec
        return None
    return Path(file).resolve() if file else None
