"""Long calls into pycolmap that a user can stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import pycolmap

from ..contract import Cancelled, Progress

POLL_SECONDS = 0.1


def run_cancellable(
    call: Callable[[pycolmap.CancellationToken], None], report: Progress, watch: Callable[[], None] | None = None
) -> None:
    """Run `call` on a thread of its own and forward a cancel through pycolmap's token.

    The calls given here release the interpreter's lock, so progress and the lifeline of the worker stay alive; `watch`
    is called about ten times a second meanwhile, for progress that only the caller can read.
    Raises Cancelled, or whatever `call` raised.
    """
    token = pycolmap.CancellationToken()
    with ThreadPoolExecutor(1, "pycolmap") as pool:
        future = pool.submit(call, token)
        while True:
            try:
                future.result(timeout=POLL_SECONDS)
                break
            except NotYet:
                if report.cancelled:
                    token.cancel()
                elif watch is not None:
                    watch()
            except InterruptedError:
                break
    if report.cancelled:
        raise Cancelled
