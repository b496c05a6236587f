"""Recipes: how a job goes from the user's input to a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract import Result
from .run import Run
from .stamps import Finder


@dataclass(frozen=True)
class Recipe:
    """A way from the user's input to a result; `run` states its plan and calls its stages one after another.

    Stamps hash what `finds` gives for an input: the files that its stages read, and no others. Without it they hash an input that
    is a file, and all files below one that is a folder.
    """

    name: str
    options: type[Any]
    run: Callable[[Path, Any, Run], Result]
    finds: Finder | None = None
