"""A benchmark as a value, and the command that runs one."""

from __future__ import annotations

import argparse
import datetime
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from ..contract import EXIT_DONE, ProblemError
from .document import PROGRAM, Block, command_line, write_block
from .markdown import Heads


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A benchmark."""

    name: str  # "core.speed": as the command line names it
    title: str  # heading of its table
    run: Callable[..., str]  # its parameters are the command's options, its docstring is their help; returns markdown
    tables: tuple[Heads, ...]  # heads of the tables that it writes


def bench_command(benches: Mapping[str, Bench], words: Sequence[str]) -> int:
    """Run the bench that the first word names with the options that follow; returns the exit code.

    The table goes to standard output, and with `--document PAGE` also into the block of that bench in the page.
    """
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Measure a part of Grotto against truth.", add_help=False)
    parser.add_argument("bench", choices=sorted(benches), metavar="BENCH")
    if not words or words[0] in ("-h", "--help"):
        rows = "".join(f"  {name:18} {benches[name].title}\n" for name in sorted(benches))
        sys.stdout.write(f"usage: {PROGRAM} BENCH [options] [--document PAGE]; BENCH --help lists its options\n\n{rows}")
        return EXIT_DONE
    bench = benches[parser.parse_args(words[:1]).bench]
    page = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    page.add_argument("--document", type=Path)
    given, options = page.parse_known_args(words[1:])
    try:
        text = tyro.cli(bench.run, prog=f"{PROGRAM} {bench.name}", args=options, description=_help(bench))
        if given.document is not None:
            command = command_line(bench.name, options)
            write_block(given.document, Block(command=command, date=datetime.datetime.now(datetime.UTC).date(), text=text))
    except ProblemError as error:
        sys.stderr.write(f"{error.problem.sentence()}\n")
        return error.problem.kind.exit_code
    sys.stdout.write(text)
    return EXIT_DONE


def _help(bench: Bench) -> str:
    described = inspect.cleandoc(bench.run.__doc__ or "").split("\nArgs:")[0].strip()
    return f"{described} With --document PAGE the table also replaces this bench's block in that page."
