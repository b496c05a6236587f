"""Blender properties of a class, declared beside the Python types of their values."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

# Without this flag Blender reuses the values of an operator's last call, and a script's job would depend on earlier calls.
SKIP_SAVE: Any = {"SKIP_SAVE"}  # Blender takes no frozenset


def with_properties(**properties: Any) -> Callable[[type[T]], type[T]]:
    """Decorate a class of Blender's with properties by name: Blender reads them from the class's annotations.

        @with_properties(job_id=StringProperty(name="Job"))
        class GROTTO_OT_job_cancel(Operator):
            job_id: str

    The annotation in the body is the type of the value, for readers and type checkers.
    """

    def decorate(cls: type[T]) -> type[T]:
        cls.__annotations__ = {**inspect.get_annotations(cls), **properties}
        return cls

    return decorate
