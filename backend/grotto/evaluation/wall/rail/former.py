"""A whole wall job in a process of its own, by this or by an earlier state of the product, within CPU seconds."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from ....contract import EXIT_DONE, bad_input

BACKEND = Path(__file__).parents[4]


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """How a job ended."""

    ended: str  # "done", "stopped" at the limit, or "failed"
    cpu_s: float  # of all its processes and threads
    limit_s: float  # 0: none
    said: str  # the end of what it wrote where it failed


def former_backend(commit: str, out: Path) -> Path:
    """The folder of the backend as it was at `commit`, unpacked below `out`.

    It runs in the present environment. Raises bad input where the product is no git repository or has no such commit.
    """
    folder = out / f"grotto-{commit}"
    if not (folder / "backend" / "grotto").is_dir():
        packed = out / f"grotto-{commit}.tar"
        command = ["git", "-C", str(BACKEND.parent), "archive", "--format=tar", f"--output={packed}", commit, "backend"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise bad_input(
                f"there is no state {commit} of the product: {done.stderr.strip()}", "run it in a clone with its history"
            )
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
        packed.unlink()
    return folder / "backend"


def run_job(photos: Path, job: Path, quality: str, backend: Path = BACKEND, limit_s: float = 0) -> JobRun:
    """Run the wall job of a backend as a user does; each of its processes ends at `limit_s` CPU seconds (0: none)."""

    command = [sys.executable, "-m", "grotto.cli", "run", "wall", str(photos), "--out", str(job), "--quality", quality]
    if limit_s:
        command = ["sh", "-c", f'ulimit -S -t {math.ceil(limit_s)}; exec "$@"', "sh", *command]
    before = os.times()
    done = subprocess.run(
        command,
        cwd=backend,
        env={**os.environ, "PYTHONPATH": str(backend)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    # a process that is stopped takes with it the time of those that nobody waited for
    stopped = bool(limit_s) and (cpu_s >= 0.98 * limit_s or "SIGXCPU" in done.stderr)
    ended = "done" if done.returncode == EXIT_DONE else "stopped" if stopped else "failed"
    return JobRun(ended=ended, cpu_s=cpu_s, limit_s=limit_s, said=done.stderr.strip()[-500:] if ended == "failed" else "")
