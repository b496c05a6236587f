"""What can go wrong while a network computes: too little memory, values that are not finite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ...contract import Action, bad_input, missing_resource
from ...fitting import memory_shortage


def finite(values: torch.Tensor, title: str, alternative: str) -> torch.Tensor:
    """Return the values of a network. Raises bad input, with `alternative` as one remedy, where any is not finite."""
    if not bool(torch.isfinite(values).all()):
        raise bad_input(
            f"{title} computed values that are no numbers", f"verify its weights, or {alternative}", Action.CHANGE_OPTIONS
        )
    return values


@contextmanager
def memory_problem(remedy: str) -> Iterator[None]:
    """Turn torch's out-of-memory error into a missing resource with its figures and `remedy`."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise missing_resource(memory_shortage(error), remedy, Action.CHANGE_OPTIONS) from error
