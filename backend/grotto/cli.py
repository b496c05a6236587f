"""The command line: `grotto run`, `serve`, `jobs` and the rest. The same words as over HTTP and in Blender."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from .contract import EXIT_CANCELLED, EXIT_DONE, JobRequest, JobState, Problem, ProblemError, Result, bad_input, to_nested
from .recipes import RECIPES, Entry

HELP = """usage: grotto COMMAND [...]

  run RECIPE INPUT --out DIR   do a job: DIR/result.json says what it made
  serve                        be the backend for Blender and scripts, on this machine only
  jobs [list|show|cancel|retry]   look after the jobs of the running backend
  check INPUT                  read a folder of photos and say what is wrong with them
  doctor                       say what this machine offers and what is missing
  make-wall --out DIR          paint and photograph a wall with exact truth, for tests and trials
  evaluate RECIPE              measure a recipe against truth
  options RECIPE               the options of a recipe as a table

`grotto COMMAND --help` tells more. Exit codes: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code. Problems are one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(HELP)
        return EXIT_DONE if words else 2
    try:
        command = COMMANDS.get(words[0])
        if command is None:
            raise bad_input(f"there is no command {words[0]}", f"choose one of {', '.join(COMMANDS)}")
        return command(words[1:])
    except ProblemError as error:
        return tell(error.problem)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has seen enough; Python would complain at its exit
        return EXIT_DONE
    except KeyboardInterrupt:
        sys.stderr.write("\nCancelled.\n")
        return EXIT_CANCELLED


def tell(problem: Problem) -> int:
    """Print a problem's sentence and return its exit code."""
    sys.stderr.write(problem.sentence() + "\n")
    return problem.kind.exit_code


def run(words: list[str]) -> int:
    """Do a job in this shell."""
    recipe, entry, rest = _recipe_of(words, "run")
    quality, why = _quality(entry, rest)

    def job(input: Path, out: Path, quality: str = quality, options: Any = entry.qualities[quality]) -> Any:
        """Do a job and leave its result in a folder.

        Args:
            input: the folder or file of the user's pictures; never written to
            out: the job folder; a job that stopped goes on in it where it was
            quality: sets the defaults of the options (without it: standard where there is CUDA, else draft)
            options: the options
        """
        return input, out, quality, options

    import tyro

    job.__annotations__ = {
        "input": tyro.conf.Positional[Path],
        "out": Path,
        "quality": Literal[tuple(entry.qualities)],
        "options": Annotated[entry.options, tyro.conf.OmitArgPrefixes],
    }
    source, out, quality, options = tyro.cli(job, args=rest, prog=f"grotto run {recipe}")
    sys.stdout.write(f"quality: {quality} ({why})\n")
    sys.stdout.flush()
    request = JobRequest(recipe, str(source.absolute()), str(out.absolute()), to_nested(options))
    return _do(entry, request)


def _do(entry: Entry, request: JobRequest) -> int:
    from .runner import Supervisor, Terminal, prepare

    folder = prepare(request)
    supervisor = Supervisor(entry.module, folder, Terminal(sys.stdout))
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        supervisor.kill() if asked else supervisor.cancel()
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    end = supervisor.run()
    if end.state is JobState.CANCELLED:
        sys.stderr.write("Cancelled: the same command goes on from the finished stages.\n")
        return EXIT_CANCELLED
    if end.problem is not None:
        return tell(end.problem)
    for asset in Result.read(folder).assets:
        sys.stdout.write(f"{asset.kind}{f' ({asset.role})' if asset.role else ''}: {folder / asset.path}\n")
    return EXIT_DONE


def _quality(entry: Entry, words: list[str]) -> tuple[str, str]:
    """The quality that the words name, or the one that suits the machine; and why."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    finder.add_argument("--quality")
    named: str | None = finder.parse_known_args(words)[0].quality
    if named is not None:
        if named not in entry.qualities:
            raise bad_input(f"there is no quality {named}", f"choose one of {', '.join(entry.qualities)}")
        return named, "as asked"
    from .runner import has_cuda

    if has_cuda():
        return "standard", "CUDA was found; --quality chooses another"
    return "draft", "no CUDA was found; --quality chooses another"


def _recipe_of(words: list[str], command: str) -> tuple[str, Entry, list[str]]:
    if not words or words[0] in ("-h", "--help"):
        names = "|".join(RECIPES)
        sys.stdout.write(f"usage: grotto {command} {{{names}}} [...]; `grotto {command} RECIPE --help` tells more\n")
        raise SystemExit(EXIT_DONE if words else 2)
    if words[0] not in RECIPES:
        raise bad_input(f"there is no recipe {words[0]}", f"choose one of {', '.join(RECIPES)}")
    return words[0], RECIPES[words[0]], words[1:]


def check(words: list[str]) -> int:
    """Read a folder of photos and say what is wrong with them."""
    import tempfile

    import tyro

    from .contract import PhotoOptions
    from .photos import photo_set_text, read_photos
    from .runner import StageInTerminal

    defaults = PhotoOptions()

    def folder(input: Path, options: Any = defaults) -> Any:
        """Read a folder of photos and say what is wrong with them.

        Args:
            input: the folder of photos; never written to
            options: how strict to be
        """
        return input, options

    folder.__annotations__ = {
        "input": tyro.conf.Positional[Path],
        "options": Annotated[PhotoOptions, tyro.conf.OmitArgPrefixes],
    }
    source, options = tyro.cli(folder, args=words, prog="grotto check")
    if not source.exists():
        raise bad_input(f"there is nothing at {source}", "choose a folder of pictures that exists")
    with tempfile.TemporaryDirectory() as made:
        report = StageInTerminal("Reading photos", sys.stderr)
        photo_set = read_photos(source.absolute(), options, Path(made), report)
        report.done()
        sys.stdout.write(photo_set_text(photo_set) + "\n")
    return EXIT_DONE


def options(words: list[str]) -> int:
    """Print a recipe's options."""
    from .runner import options_table

    _, entry, rest = _recipe_of(words, "options")
    parser = argparse.ArgumentParser(prog="grotto options RECIPE")
    parser.add_argument("--markdown", action="store_true", help="as a table for documents")
    sys.stdout.write(options_table(entry.options, entry.qualities, markdown=parser.parse_args(rest).markdown))
    return EXIT_DONE


COMMANDS: dict[str, Callable[[list[str]], int]] = {"run": run, "check": check, "options": options}


if __name__ == "__main__":
    sys.exit(main())
