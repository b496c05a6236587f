"""What a stage's function takes and makes, read from its annotations."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Sequence
from typing import Any

from ..contract import bug
from ..formats import Artefact
from .stage import A, AnyStage, Inputs, Stage

_OF_THE_RUNNER = 2  # folder and report, which the runner adds to the inputs


def artefact_of(stage: Stage[A, *Inputs]) -> type[A]:
    """The kind of artefact that a stage makes. Raises a bug where its function does not say."""
    made = typing.get_type_hints(inspect.unwrap(stage.function)).get("return")
    if not (isinstance(made, type) and issubclass(made, Artefact)):
        raise bug(f"the function of the stage {stage.name} does not say which artefact it makes")
    return typing.cast(type[A], made)


def refuse_misfits(stage: AnyStage, inputs: Sequence[Any]) -> None:
    """Raise a bug where inputs are not of the number and the types that a stage's function declares.

    Classes are checked, those in unions too; what a collection holds is not.
    """
    function = inspect.unwrap(stage.function)
    kinds = typing.get_type_hints(function)
    names = list(inspect.signature(function).parameters)[:-_OF_THE_RUNNER]
    if len(names) != len(inputs):
        raise bug(f"the stage {stage.name} takes {len(names)} inputs ({', '.join(names)}) and was given {len(inputs)}")
    for name, value in zip(names, inputs, strict=True):
        if not _fits(value, kinds.get(name, Any)):
            raise bug(f"the stage {stage.name} was given a {type(value).__name__} as its {name}")


def _fits(value: Any, kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in typing.get_args(kind))
    if origin is float:
        return isinstance(value, float | int)
    if origin is Any or not isinstance(origin, type) or getattr(origin, "_is_protocol", False):
        return True
    return isinstance(value, origin)
