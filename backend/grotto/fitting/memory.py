"""When the memory of an accelerator is exhausted: torch's message in plain words, and the one rule of all fits."""

from __future__ import annotations

import re

from ..contract import Action, missing_resource
from .fit import Fit

_SIZE = r"([\d.]+ [KMG]iB)"
_WANTED = re.compile(rf"Tried to allocate {_SIZE}")
_CAPACITY = re.compile(rf"total capacity of {_SIZE}")
_FREE = re.compile(rf"of which {_SIZE} is free")


def memory_shortage(error: BaseException) -> str:
    """Part of a sentence from a torch.OutOfMemoryError: "the GPU has 79.1 GiB of memory, 1.0 GiB free, and 2.0 GiB more ...".

    The first sentence of torch's message where that has no numbers.
    """
    message = str(error)
    wanted, capacity, free = (
        match.group(1) if (match := pattern.search(message)) else "" for pattern in (_WANTED, _CAPACITY, _FREE)
    )
    if not wanted:
        return f"the GPU's memory does not suffice ({message.split('. ')[0].rstrip('.') or 'out of memory'})"
    has = f"the GPU has {capacity} of memory" if capacity else "the GPU's memory does not suffice"
    return f"{has}{f', {free} free' if capacity and free else ''}, and {wanted} more were needed"


def halve_once(fit: Fit, error: RuntimeError, halved: bool, remedy: str, option: str) -> str:
    """Halve the memory of a fit's steps; returns the note for the record.

    Raises missing resource where that was done before, or where the fit cannot be halved.
    """
    amount = "" if halved else fit.halve()
    if not amount:
        again = ", even with half as much per step" if halved else ""
        raise missing_resource(f"{memory_shortage(error)}{again}", remedy, Action.CHANGE_OPTIONS, option=option) from error
    return f"GPU memory was exhausted: the fit continued with {amount}"
