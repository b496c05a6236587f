"""Stages: the steps of a job, declared beside the functions that do the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, TypeVarTuple

from ..contract import Progress
from ..formats import Artefact

A = TypeVar("A", bound=Artefact)
Inputs = TypeVarTuple("Inputs")


def no_forecast(*_inputs: object) -> int:
    """The forecast of stages whose memory does not grow with their input."""
    return 0


@dataclass(frozen=True)
class Stage(Generic[A, *Inputs]):
    """One step of a recipe: a subject's function with what the runner must know of it.

    `function(*inputs, folder, report)` writes into `folder` and returns its artefact; its options, where it has any, are the
    last of the inputs. `forecast(*inputs)` is the memory it will need, `gpu(*inputs)` that on a GPU, in bytes. The types of
    `run(STAGE, *inputs)` are those of the function: mypy checks them, and the runner what it is given.
    """

    name: str  # its folder in the job
    title: str  # for people
    function: Callable[[*Inputs, Path, Progress], A]
    _: KW_ONLY
    version: int  # raised when the same inputs and options give another result
    share: float = 1.0  # usual part of the job's time, in any unit
    forecast: Callable[[*Inputs], int] = no_forecast
    gpu: Callable[[*Inputs], int] = no_forecast  # bytes on a GPU that torch can use; 0 where these inputs use none
    gpu_package: str = ""  # the one of the extra `cuda` without which it computes on the CPU


AnyStage = Stage[Any, *tuple[Any, ...]]
