"""A bench as a command of its own: its table on standard output, or what was wrong in a sentence and the problem's exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import tyro

from ..contract import ProblemError


def bench_command(bench: Callable[..., Any]) -> None:
    """Call a bench with the words of the command line, by its own parameters and docstring."""
    try:
        sys.stdout.write(tyro.cli(bench))
    except ProblemError as error:
        sys.stderr.write(f"{error.problem.sentence()}\n")
        sys.exit(error.problem.kind.exit_code)
