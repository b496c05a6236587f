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

    Stamps hash all files below the input. `finds` names those that the stages find besides, as masks in a folder beside it.
    """

    name: str
    options: type[Any]
    run: Callable[[Path, Any, Run], Result]
    finds: Finder | None = None
