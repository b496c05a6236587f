"""Stages and recipes: what a job consists of, declared beside the functions that do the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..contract import Result
from ..formats import Artefact

if TYPE_CHECKING:
    from .run import Run

A = TypeVar("A", bound=Artefact)


def no_forecast(*_inputs: Any) -> int:
    """The forecast of stages whose memory does not grow with their input."""
    return 0


@dataclass(frozen=True)
class Stage(Generic[A]):
    """One step of a recipe: a subject's function with what the runner must know of it.

    `function(*inputs, options, folder, report)` writes into `folder` and returns its artefact; a stage without options
    is called without them. `forecast(*inputs, options)` is the memory it will need, in bytes.
    """

    name: str  # its folder in the job
    title: str  # for people
    function: Callable[..., A]
    artefact: type[A]
    version: int  # raised when the same inputs and options give another result
    share: float = 1.0  # usual part of the job's time, in any unit
    forecast: Callable[..., int] = no_forecast


@dataclass(frozen=True)
class Recipe:
    """A way from the user's input to a result; `run` calls the stages one after another."""

    name: str
    options: type[Any]
    stages: tuple[Stage[Any], ...]
    run: Callable[[Path, Any, Run], Result]
