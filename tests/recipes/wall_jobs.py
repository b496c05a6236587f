"""Wall jobs as users run them: through the shell, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from grotto.contract import Result

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("GROTTO_DATA", ROOT.parent / "shared" / "data"))


FEATURES = 4000  # a photo: two thirds of the draft's, so that the shared job is short
FLAGS = ("--quality", "draft", "--features-per-photo", str(FEATURES), "--camera-distance-m", "1.0")


def run_wall(photos: Path, out: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grotto.cli", "run", "wall", str(photos), "--out", str(out), *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def done(photos: Path, out: Path, *flags: str) -> Result:
    ended = run_wall(photos, out, *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return Result.read(out)
