"""Memory: how much is free, how much was used, and the refusal of work that will not fit."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from ..contract import Action, missing_resource
from ..fitting import cuda_offer, free_gpu_bytes, peak_gpu_memory_mb, release_cached_memory

GB = 1 << 30
MB = 1 << 20


def free_bytes() -> int:
    """Memory that this process may still take: of the machine, and of its control group where it has a limit."""
    free = int(psutil.virtual_memory().available)
    within = cgroup_free_bytes()
    return free if within is None else min(free, within)


def total_bytes() -> int:
    """Memory of the machine."""
    return int(psutil.virtual_memory().total)


def gpu_facts() -> dict[str, int]:
    """The fact `peak_gpu_memory_mb` of this process; none where it used no GPU."""
    peak = peak_gpu_memory_mb()
    return {} if peak is None else {"peak_gpu_memory_mb": round(peak)}


def cgroup_free_bytes(groups: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What the tightest control group (version 1 or 2) above this process leaves, or None without a limit."""
    try:
        lines = groups.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found: list[int] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found += _limits(root, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            found += _limits(root / "memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return min(found) if found else None


def _limits(root: Path, path: str, most: str, used: str, cache: str) -> list[int]:
    """Free bytes of a group and of all groups above it; pages of files that can be dropped count as free."""
    here = root / path.strip("/")
    found = []
    for folder in (here, *here.parents):
        if not folder.is_relative_to(root):
            break
        limit, usage = _number(folder / most), _number(folder / used)
        if limit is None or usage is None or limit >= 1 << 60:
            continue
        found.append(max(0, limit - usage + _entry(folder / "memory.stat", cache)))
    return found


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None  # not in this version, or the word "max"


def _entry(file: Path, key: str) -> int:
    try:
        entries = dict(line.split() for line in file.read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):
        return 0
    return int(entries.get(key, 0))


def refuse_if_too_large(title: str, needed: int, limit_mb: int) -> None:
    """Refuse a stage that needs more bytes than are free, or than the user allows, before it starts."""
    free = free_bytes()
    limit = limit_mb * MB
    if 0 < limit < needed:
        raise missing_resource(
            f"{title} needs {needed / GB:.1f} GB of memory, {limit / GB:.1f} GB are allowed",
            "raise the memory limit, or choose a lower quality",
            Action.CHANGE_OPTIONS,
        )
    if needed > free:
        raise missing_resource(
            f"{title} needs {needed / GB:.1f} GB of memory, {free / GB:.1f} GB are free",
            "close other programs, or choose a lower quality",
            Action.CHANGE_OPTIONS,
        )


def gpu_bytes_for(package: str) -> int | None:
    """Free memory of the GPU, once what earlier stages no longer use is returned; None where a stage would not use the GPU.

    `package` is the one without which the stage computes on the CPU.
    """
    if cuda_offer().obstacle(package):
        return None
    release_cached_memory()
    return free_gpu_bytes()


def refuse_if_gpu_is_too_small(title: str, needed: int, free: int | None) -> None:
    """Refuse a stage that needs more bytes of GPU memory than are free, before it starts; `free` is None without a GPU."""
    if free is not None and needed > free:
        raise missing_resource(
            f"{title} needs {needed / GB:.1f} GB of GPU memory, {free / GB:.1f} GB are free",
            "close other programs that use the GPU, choose a lower quality, or hide the GPU with CUDA_VISIBLE_DEVICES=-1",
            Action.CHANGE_OPTIONS,
        )


class PeakMemory:
    """The most memory that this process held since the last `restart`."""

    def __init__(self) -> None:
        self._resets = False

    def restart(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets VmHWM, see proc(5)
            self._resets = True
        except OSError:
            self._resets = False

    def megabytes(self) -> float:
        """Since `restart` on Linux, elsewhere since the process began."""
        if self._resets:
            for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        if sys.platform == "win32":
            return float(psutil.Process().memory_info().peak_wset) / MB
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / MB if sys.platform == "darwin" else peak / 1024
