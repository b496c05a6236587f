"""How operators end: what they tell the user, and what they leave for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpy.types import Operator

from ..addon.backend import session
from ..backend.grotto.contract import EXIT_CANCELLED, EXIT_DONE, Problem, missing_resource

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

FINISHED: set[OperatorReturnItems] = {"FINISHED"}
CANCELLED: set[OperatorReturnItems] = {"CANCELLED"}


def finish(operator: Operator, text: str = "") -> set[OperatorReturnItems]:
    """The operator did what was asked."""
    session.remember_end(EXIT_DONE)
    if text:
        operator.report({"INFO"}, text)
    return FINISHED


def fail(operator: Operator, problem: Problem) -> set[OperatorReturnItems]:
    """The problem as a report: for a script that called the operator, a RuntimeError with the problem's sentence."""
    session.remember_end(problem.kind.exit_code, problem)
    operator.report({"ERROR"}, problem.sentence())
    return CANCELLED


def stop(operator: Operator) -> set[OperatorReturnItems]:
    """The user wanted it no more."""
    session.remember_end(EXIT_CANCELLED)
    operator.report({"WARNING"}, "Cancelled: finished stages are kept")
    return CANCELLED


@contextmanager
def missing_packages_told() -> Iterator[None]:
    """A package that this Blender lacks becomes a problem that names it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing_resource(
            f"this Blender comes without the Python package {error.name}",
            f"install it (Debian: python3-{error.name}), or take Blender from blender.org",
        ) from error
