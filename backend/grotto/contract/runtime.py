"""Where a running backend says where it is: one small file that only its user can read."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from .version import PRODUCT, PROTOCOL


@dataclass(frozen=True)
class Runtime:
    """The address of a running backend: also the one JSON line that `grotto serve` prints."""

    product: str
    version: str
    protocol: int
    url: str  # http://127.0.0.1:PORT
    token: str  # random per start
    pid: int


def runtime_path() -> Path:
    """The runtime file. GROTTO_RUNTIME names another one, so that tests and second backends stay apart."""
    named = os.environ.get("GROTTO_RUNTIME")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / PRODUCT
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / PRODUCT
    else:
        runtime_folder = os.environ.get("XDG_RUNTIME_DIR")
        base = Path(runtime_folder) / PRODUCT if runtime_folder else Path.home() / ".cache" / PRODUCT
    return base / "backend.json"


def write_runtime(runtime: Runtime) -> Path:
    """Write the runtime file with mode 0600, whole or not at all."""
    path = runtime_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(runtime), file)
    temporary.replace(path)
    return path


def read_runtime() -> Runtime | None:
    """The backend that the runtime file names, or None; whether it still lives is for the caller to ask it."""
    try:
        data = json.loads(runtime_path().read_text(encoding="utf-8"))
        runtime = Runtime(**data)
    except (OSError, ValueError, TypeError):
        return None
    return runtime if runtime.product == PRODUCT else None


def speaks_our_protocol(runtime: Runtime) -> bool:
    return runtime.product == PRODUCT and runtime.protocol == PROTOCOL
