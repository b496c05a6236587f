"""`python -m grotto.evaluation.wall.bench --out DIR`: measure the recipe wall; DIR/wall_bench.md and .json say the result."""

from __future__ import annotations

import sys
from pathlib import Path

import tyro

from ...contract import EXIT_DONE, ProblemError
from ...contract.options import MakeWallOptions
from ...contract.recipes import WALL_QUALITIES
from ...runner import StageInTerminal
from .measure import QUALITY, bench_wall

STANDARD_SET = MakeWallOptions(columns=16, rows=6)


def main() -> int:
    """The benchmark from a shell."""

    def bench(out: Path, make: MakeWallOptions = STANDARD_SET) -> tuple[Path, MakeWallOptions]:
        """Measure the recipe wall on a made wall.

        Args:
            out: the folder of set, job and report
            make: what is painted and how it is photographed
        """
        return out, make

    out, make = tyro.cli(bench, config=(tyro.conf.OmitArgPrefixes,), prog="wall_bench")
    try:
        with StageInTerminal("Measuring", sys.stderr) as report:
            text = bench_wall(out.absolute(), make, WALL_QUALITIES[QUALITY], report)
    except ProblemError as error:
        sys.stderr.write(error.problem.sentence() + "\n")
        return error.problem.kind.exit_code
    sys.stdout.write(text)
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
