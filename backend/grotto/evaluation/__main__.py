"""`python -m grotto.evaluation BENCH`: run one bench."""

from __future__ import annotations

import sys

from .bench import bench_command
from .benches import all_benches

if __name__ == "__main__":
    sys.exit(bench_command(all_benches(), sys.argv[1:]))
