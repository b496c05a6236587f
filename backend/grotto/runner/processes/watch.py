"""Starting a process that ends, with all that it starts, when this process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Sequence
from typing import Any

if sys.platform == "linux":
    import fcntl


def start_watched(command: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, which Linux kills when this process ends, however it ends.

    `how` goes to `subprocess.Popen`, and so do its errors. The new process need not know of it, nor be able to run: the kernel
    itself kills it where a library holds Python's lock. It also ends when the `Popen` is forgotten. On other systems it only
    gets its group: let it read its standard input, which ends with this process.
    """
    if sys.platform != "linux":
        return subprocess.Popen(command, start_new_session=True, **how)
    # The only event of this pipe is our end: its reading end is the child's, and nothing is ever written.
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(command, start_new_session=True, pass_fds=(reading,), **how)
        # Owner and signal belong to the open pipe, not to a process, so they stay when we close our copy.
        fcntl.fcntl(reading, fcntl.F_SETOWN, -process.pid)
        fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    weakref.finalize(process, os.close, writing)
    return process
