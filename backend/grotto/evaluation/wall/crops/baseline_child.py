"""`python baseline_child.py PHOTOS OUT SECONDS`: pycolmap with its defaults, within CPU seconds.

Run as a file, so that the process loads nothing but pycolmap.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pycolmap

STEPS = ("features", "exhaustive matches", "mapping", "done")


def main(photos: Path, out: Path, seconds: float) -> None:
    """Write the database and models into `out`, and into step.txt which step has begun; ends with SIGPROF at the limit."""
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of all threads; SIGPROF ends a process that does not handle it
    database, models = out / "database.db", out / "models"
    models.mkdir()
    steps = iter(STEPS)

    def begin() -> None:
        (out / "step.txt").write_text(next(steps), encoding="utf-8")

    begin()
    pycolmap.extract_features(database, photos, device=pycolmap.Device.cpu)
    begin()
    pycolmap.match_exhaustive(database, device=pycolmap.Device.cpu)
    begin()
    pycolmap.incremental_mapping(database, photos, models)
    begin()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
