"""The command line: `grotto run`, `serve`, `jobs` and the rest. The same words as over HTTP and in Blender."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from .contract import (
    EXIT_CANCELLED,
    EXIT_DONE,
    VERSION,
    JobRequest,
    JobState,
    Problem,
    ProblemError,
    Result,
    bad_input,
    missing_resource,
)
from .contract.recipes import to_nested
from .recipes import RECIPES, Entry

HELP = """usage: grotto COMMAND [...]

  run RECIPE INPUT --out DIR      run a job: DIR/result.json lists the results
  serve                           start the backend for Blender and scripts, on this machine only
  jobs [list|show|cancel|retry]   list, show, cancel or retry the jobs of the running backend
  check INPUT                     check a folder of photos and list its problems
  doctor                          list the devices and packages found and missing
  models [list|show|verify|install|delete|connect|disconnect]   manage model weights and connected generators
  cut MURAL --out DIR             cut the elements out of a whole mural: `grotto run cut`
  train segmenter SET --out DIR   fine-tune Mask2Former on cut elements that you corrected
  train matcher --out DIR         train the attention matcher on painted walls
  make-wall --out DIR             make photos of a synthetic wall with ground truth
  make-object NAME --out DIR      make photos of a synthetic object with ground truth
  evaluate RECIPE                 measure wall, element or cut against ground truth
  options RECIPE                  print the options of a recipe as a table

See `grotto COMMAND --help`. Exit codes: 0 done, 1 bug, 2 bad input, 3 missing resource, 130 cancelled.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code. Problems are one sentence on standard error."""
    words = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # names of files may hold what a terminal cannot show
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(HELP)
        return EXIT_DONE if words else 2
    if words[0] == "--version":
        sys.stdout.write(f"grotto {VERSION}\n")
        return EXIT_DONE
    try:
        command = COMMANDS.get(words[0])
        if command is None:
            raise bad_input(f"there is no command {words[0]}", f"choose one of {', '.join(COMMANDS)}")
        code = command(words[1:])
        sys.stdout.flush()
        return code
    except ProblemError as error:
        return tell(error.problem)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has seen enough; Python would complain at its exit
        return EXIT_DONE
    except KeyboardInterrupt:
        sys.stderr.write("\nCancelled.\n")
        return EXIT_CANCELLED
    except Exception as error:  # noqa: BLE001 - written to a file with its traceback
        from .runner import problem_outside_jobs

        return tell(problem_outside_jobs(error))


def tell(problem: Problem) -> int:
    """Print a problem's sentence and return its exit code."""
    sys.stderr.write(problem.sentence() + "\n")
    return problem.kind.exit_code


def run(words: list[str]) -> int:
    """Do a job in this shell."""
    recipe, entry, rest = _recipe_of(words, "run")
    from .runner import flags

    quality, why = _quality(entry, rest)

    def job(input: Path, out: Path, quality: str = quality, redo: bool = False, options: Any = entry.qualities[quality]) -> Any:
        """Do a job and leave its result in a folder.

        Args:
            input: the folder or file of the user's pictures; never written to
            out: the job folder; a job that stopped goes on in it where it was
            quality: sets the defaults of the options (without it: standard where there is CUDA, else draft)
            redo: do finished stages again that another version of Grotto made; without it they are kept, with a note
            options: what the stages do; only what depends on a changed option is done again
        """
        return input, out, quality, redo, options

    source, out, quality, redo, options = flags(job, rest, f"run {recipe}", {
        "input": Path,
        "out": Path,
        "quality": Literal[tuple(entry.qualities)],
        "redo": bool,
        "options": entry.options,
    })  # fmt: skip
    sys.stdout.write(f"quality: {quality} ({why})\n")
    sys.stdout.flush()
    request = JobRequest(recipe, str(source.absolute()), str(out.absolute()), to_nested(options), redo)
    return _do(entry, request)


def _do(entry: Entry, request: JobRequest) -> int:
    from .runner import run_here

    end, folder = run_here(entry.module, request, sys.stdout), Path(request.out)
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
    finder.add_argument("--quality", nargs="?")
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


def cut(words: list[str]) -> int:
    """Cut the elements out of a whole mural."""
    return run(["cut", *words])


def check(words: list[str]) -> int:
    """Read a folder of photos, with or without given cameras, and say what is wrong with them."""
    import tempfile

    from .contract.options import PhotoOptions
    from .photos import photo_set_text
    from .runner import StageInTerminal, flags
    from .views import find_source, read_scan_photos

    defaults = PhotoOptions()

    def folder(input: Path, options: Any = defaults) -> Any:
        """Read a folder of photos and say what is wrong with them.

        Args:
            input: the folder of photos, or their transforms.json or COLMAP model; never written to
            options: how strict to be
        """
        return input, options

    source, options = flags(folder, words, "check", {"input": Path, "options": PhotoOptions})
    if not source.exists():
        raise bad_input(f"there is nothing at {source}", "choose a folder of pictures that exists")
    found = find_source(source.absolute())
    if found.video:
        raise bad_input(f"{source} is a video, and photos are checked", "give it to scan, which chooses its sharp frames")
    with tempfile.TemporaryDirectory() as made:
        with StageInTerminal("Reading photos", sys.stderr) as report:
            photo_set = read_scan_photos(found.pictures, found.document, options, Path(made), report)
        sys.stdout.write(photo_set_text(photo_set) + "\n")
        if found.document is not None:
            sys.stdout.write(f"Cameras are given by {found.document}: scan keeps them, wall finds its own\n")
    return EXIT_DONE


def make_wall(words: list[str]) -> int:
    """Paint and photograph a wall that never was."""
    from .contract.options import MakeWallOptions
    from .runner import StageInTerminal, flags
    from .synthetic import make_wall

    defaults = MakeWallOptions()

    def wall(out: Path, options: Any = defaults) -> Any:
        """Paint and photograph a wall with exact truth.

        Args:
            out: the folder of photos and truth
            options: what is painted and how it is photographed
        """
        return out, options

    out, options = flags(wall, words, "make-wall", {"out": Path, "options": MakeWallOptions})
    with StageInTerminal("Making a wall", sys.stdout) as report:
        make_wall(out.absolute(), options, report)
    return EXIT_DONE


def make_object(words: list[str]) -> int:
    """Make and photograph an object that never was."""
    from .contract.options import MakeObjectOptions
    from .runner import StageInTerminal, flags
    from .synthetic import make_object_set

    defaults = MakeObjectOptions()

    def thing(input: str, out: Path, options: Any = defaults) -> Any:
        """Make and photograph an object with exact truth: photos with alpha, transforms.json, truth.ply and truth.glb.

        Args:
            input: the object's name: deer, knot, bowl or teapot
            out: the folder of photos and truth
            options: how it is photographed
        """
        return input, out, options

    kinds = {"input": str, "out": Path, "options": MakeObjectOptions}
    name, out, options = flags(thing, words, "make-object", kinds)
    with StageInTerminal("Making an object", sys.stdout) as report:
        make_object_set(name, out.absolute(), options, report)
    return EXIT_DONE


def train(words: list[str]) -> int:
    """Train a network: a segmenter on sets of elements, or the matcher on made walls."""
    trainings = {"segmenter": _train_segmenter, "matcher": _train_matcher}
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(
            "usage: grotto train segmenter SET [SET ...] --out DIR\n       grotto train matcher --out DIR\n"
            "with --help each tells more\n"
        )
        return EXIT_DONE if words else 2
    if words[0] not in trainings:
        raise bad_input(f"there is no training of {words[0]}", f"choose one of {', '.join(trainings)}")
    return trainings[words[0]](words[1:])


def _train_matcher(words: list[str]) -> int:
    from .models.matching.training import train_matcher_command
    from .runner import StageInTerminal

    train_matcher_command(words, sys.stdout, lambda title: StageInTerminal(title, sys.stderr))
    return EXIT_DONE


def _train_segmenter(words: list[str]) -> int:
    from .contract.options import TrainOptions
    from .recipes import train_on_sets
    from .runner import StageInTerminal, flags

    defaults = TrainOptions()

    def learn(input: Any, out: Path, options: Any = defaults) -> Any:
        """Tune Mask2Former on sets of elements whose classes are written in their elements.json.

        Args:
            input: folders that grotto cut made, one or several
            out: the folder of the tuned segmenter; a stopped training goes on in it
            options: how it learns
        """
        return input, out, options

    kinds = {"input": tuple[Path, ...], "out": Path, "options": TrainOptions}
    sets, out, options = flags(learn, words, "train segmenter", kinds)
    with StageInTerminal("Training", sys.stderr) as report:
        made = train_on_sets([path.absolute() for path in sets], options, out.absolute(), report)
    sys.stdout.write(f"loss {made.first_loss:.3f} -> {made.last_loss:.3f} in {made.steps} steps\n")
    sys.stdout.write(f"grotto cut MURAL --segmenter-folder {made.folder}\n")
    return EXIT_DONE


def serve(words: list[str]) -> int:
    """Be the backend."""
    parser = argparse.ArgumentParser(prog="grotto serve", description="Be the backend for Blender and scripts of this machine.")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="jobs at a time (1)")
    parser.add_argument("--stop-when-idle", action="store_true", help="end when no client and no job is left")
    parser.add_argument("--new", action="store_true", help="start another backend even where one is running")
    asked = parser.parse_args(words)
    if not 1 <= asked.workers <= 64:
        raise bad_input(f"{asked.workers} workers cannot be started", "give 1 to 64")
    from .server import ServeOptions
    from .server import serve as answer

    return answer(ServeOptions(workers=asked.workers, stop_when_idle=asked.stop_when_idle, new=asked.new), RECIPES)


def jobs(words: list[str]) -> int:
    """Look after the jobs of the running backend."""
    parser = argparse.ArgumentParser(prog="grotto jobs", description="Look after the jobs of the running backend.")
    parser.add_argument("verb", nargs="?", default="list", choices=("list", "show", "cancel", "retry"))
    parser.add_argument("id", nargs="?", help="the job's id, or its beginning")
    parser.add_argument("--redo", action="store_true", help="retry: do stages again that another version of Grotto made")
    asked = parser.parse_args(words)
    if asked.redo and asked.verb != "retry":
        raise bad_input(f"--redo does not go with {asked.verb}", "use it with retry")
    from .server import Client, job_text, jobs_table

    client = Client()
    known = client.call("GET", "jobs")["jobs"]
    if asked.verb == "list":
        sys.stdout.write(jobs_table(known))
        return EXIT_DONE
    found = [job["id"] for job in known if asked.id and job["id"].startswith(asked.id)]
    if len(found) != 1:
        raise bad_input(f"{asked.id or 'nothing'} names {len(found) or 'no'} jobs", "see `grotto jobs list`")
    path = f"jobs/{found[0]}"
    body = {"redo": True} if asked.redo else None
    job = client.call("GET", path) if asked.verb == "show" else client.call("POST", f"{path}/{asked.verb}", body)
    sys.stdout.write(job_text(job))
    return EXIT_DONE


def evaluate(words: list[str]) -> int:
    """Measure a recipe against truth."""
    recipe, _, rest = _recipe_of(words, "evaluate")
    from .evaluation import evaluate_command
    from .runner import StageInTerminal

    evaluate_command(recipe, rest, sys.stdout, lambda title: StageInTerminal(title, sys.stderr))
    return EXIT_DONE


def models(words: list[str]) -> int:
    """Look after the weights of models."""
    from .models.registry import models_command
    from .runner import StageInTerminal

    def long(title: str) -> StageInTerminal:
        return StageInTerminal(title, sys.stderr)

    models_command(words, sys.stdout, long)
    return EXIT_DONE


def doctor(words: list[str]) -> int:
    """Say what this machine offers and what is missing."""
    argparse.ArgumentParser(prog="grotto doctor", description="Say what this machine offers.").parse_args(words)
    from .server import doctor_text

    text, missing = doctor_text()
    sys.stdout.write(text)
    if missing:
        raise missing_resource(f"{', '.join(missing)} is missing", "install it in the backend's environment")
    return EXIT_DONE


def options(words: list[str]) -> int:
    """Print a recipe's options."""
    _, entry, rest = _recipe_of(words, "options")
    parser = argparse.ArgumentParser(prog="grotto options RECIPE")
    parser.add_argument("--markdown", action="store_true", help="as a table for documents")
    asked = parser.parse_args(rest)
    from .runner import options_table

    sys.stdout.write(options_table(entry.options, entry.qualities, markdown=asked.markdown))
    return EXIT_DONE


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "serve": serve,
    "jobs": jobs,
    "cut": cut,
    "check": check,
    "doctor": doctor,
    "models": models,
    "train": train,
    "make-wall": make_wall,
    "make-object": make_object,
    "evaluate": evaluate,
    "options": options,
}


if __name__ == "__main__":
    sys.exit(main())
