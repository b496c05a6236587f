"""Starts one model: reads a request, hands it to the model's own script beside this file, and tells of it in JSON lines.

Run by the Python of the model's environment: `python -I start.py request.json`. Standard library only; Python 3.8 or later.
What models write to standard output goes to standard error, so that the lines here stay whole.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, TextIO

PROTOCOL = 1


class Channel:
    """The lines that the other side reads."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def say(self, event: str, **told: Any) -> None:
        """One line: what happened, and what there is to say of it."""
        self._out.write(json.dumps({"event": event, **told}) + "\n")
        self._out.flush()

    def progress(self, fraction: float, message: str) -> None:
        """How far the work is, 0 to 1."""
        self.say("progress", fraction=fraction, message=message)


def open_channel() -> Channel:
    """Keep standard output for lines of our own, and send everybody else's to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Channel(os.fdopen(kept, "w", encoding="utf-8"))


def end_with_parent() -> None:
    """End this process, and what it started, when the other side is gone: standard input then ends."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def kind_of(error: BaseException) -> str:
    """What an error is to a user: the package, the weights or the memory that lacks, or a failure of the model."""
    names = _names(error)
    if "OutOfMemoryError" in names or "MemoryError" in names or "out of memory" in str(error).lower():
        return "out_of_memory"
    seen: set[int] = set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:  # models often put an error of their own in place of the hub's
        if _names(behind) & {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "WeightsMissing"}:
            return "weights"
        seen.add(id(behind))
        behind = behind.__cause__ or behind.__context__
    return "not_installed" if "ImportError" in names else "failed"


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def script_of(model: str) -> Any:
    """The module of a model's own script, loaded by its file: its folder stays off the path, where it could hide packages."""
    spec = importlib.util.spec_from_file_location(f"grotto_run_{model}", Path(__file__).with_name(f"run_{model}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no script for {model}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(request_file: str) -> int:
    """Do what the request asks; 0 when a result was written."""
    channel = open_channel()
    end_with_parent()
    channel.say("hello", protocol=PROTOCOL, python=sys.version.split()[0])
    try:
        request: dict[str, Any] = json.loads(Path(request_file).read_text(encoding="utf-8"))
        if request.get("protocol") != PROTOCOL:
            raise ValueError(f"the request is of protocol {request.get('protocol')}, this script of {PROTOCOL}")
        os.chdir(request["checkout"])
        sys.path.insert(0, request["checkout"])
        result = script_of(request["model"]).generate(request, channel.progress)
        result.update(protocol=PROTOCOL, model=request["model"], seed=request["seed"])
        Path(request["out"], "result.json").write_text(json.dumps(result), encoding="utf-8")
    except BaseException as error:  # noqa: BLE001  # whatever it is, the other side is told
        traceback.print_exc()
        channel.say("error", kind=kind_of(error), text=f"{type(error).__name__}: {error}")
        return 1
    channel.say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
