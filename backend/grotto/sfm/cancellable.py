"""Long calls into pycolmap that a user can stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pycolmap

from ..contract import Cancelled, Progress

POLL_SECONDS = 0.1


def run_cancellable(call: Callable[[pycolmap.CancellationToken], None], report: Progress) -> None:
    """Run `call` on a thread of its own and pass on the user's wish to stop through pycolmap's token.

    The calls given here release the interpreter's lock, so progress and the lifeline of the worker stay alive.
    Raises Cancelled, or whatever `call` raised.
    """
    token = pycolmap.CancellationToken()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            call(token)
        except BaseException as error:  # carried over to the caller's thread
            raised.append(error)

    thread = threading.Thread(target=work, name="pycolmap", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL_SECONDS)
        if report.cancelled:
            token.cancel()
    if report.cancelled:
        raise Cancelled
    if raised:
        raise raised[0]
