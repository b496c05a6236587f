"""A real backend for a test alone: its own runtime file and state, proxies that lead nowhere, ended afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.grotto"
DEAD_PROXY = "http://127.0.0.1:9"


def runtime_file(folder: Path) -> Path:
    return folder / "runtime" / "backend.json"


def backend_pid(folder: Path) -> int:
    """Process of the backend of this place; 0 where none has said that it runs."""
    try:
        return int(json.loads(runtime_file(folder).read_text())["pid"])
    except (OSError, ValueError):
        return 0


def alive(pid: int) -> bool:
    """Whether a process lives; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def end_backend(folder: Path) -> None:
    """End the backend of this place and wait for its end."""
    pid = backend_pid(folder)
    if not pid or not alive(pid):
        return
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.1)
    if alive(pid):
        os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def own_backend(folder: Path, program: Path) -> Iterator[None]:
    """Environment and preferences for the block."""
    assert bpy.app.online_access is False
    before = dict(os.environ)
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"), DEAD_PROXY)
    os.environ |= {"GROTTO_RUNTIME": str(runtime_file(folder)), "GROTTO_STATE": str(folder / "state"), **proxies}
    preferences = bpy.context.preferences.addons[MODULE].preferences
    preferences.backend = str(program)
    try:
        yield
    finally:
        end_backend(folder)
        os.environ.clear()
        os.environ.update(before)
        preferences.backend = ""
