"""How operators end: a report for the user, and an exit code for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpy.types import Operator

from ...addon.backend import session
from ...backend.grotto.contract import EXIT_CANCELLED, EXIT_DONE, Problem, missing_resource

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

FINISHED: set[OperatorReturnItems] = {"FINISHED"}
CANCELLED: set[OperatorReturnItems] = {"CANCELLED"}


def finish(operator: Operator, text: str = "") -> set[OperatorReturnItems]:
    """End well, with an optional report."""
    session.record_outcome(EXIT_DONE)
    if text:
        operator.report({"INFO"}, text)
    return FINISHED


def fail(operator: Operator, problem: Problem) -> set[OperatorReturnItems]:
    """End with an error report; a script that called the operator gets a RuntimeError with the problem's sentence."""
    session.record_outcome(problem.kind.exit_code, problem)
    operator.report({"ERROR"}, problem.sentence())
    return CANCELLED


def stop(operator: Operator) -> set[OperatorReturnItems]:
    """End after the user cancelled."""
    session.record_outcome(EXIT_CANCELLED)
    operator.report({"WARNING"}, "Cancelled: finished stages are kept")
    return CANCELLED


@contextmanager
def reporting_missing_packages() -> Iterator[None]:
    """Turn an import error inside the block into a problem that names the missing package."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing_resource(
            f"this Blender comes without the Python package {error.name}",
            f"install it (Debian: python3-{error.name}), or install Blender from blender.org",
        ) from error
