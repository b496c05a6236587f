"""Artefacts: what a stage leaves in its folder, described by one small JSON file beside the files themselves."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from ..contract import malformed_as_bad_input, parse_json

ARTEFACT_FILE = "artefact.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artefact:
    """What a stage made: plain fields (numbers, words, tuples, dataclasses) and a folder of files.

    Files are named relative to `folder`, so an artefact survives a move of the job. Arrays live in files that other
    tools open, read by methods of the subclass.
    """

    folder: Path


A = TypeVar("A", bound=Artefact)


def write_artefact(artefact: Artefact) -> None:
    """Describe the artefact in its folder."""
    text = TypeAdapter(type(artefact)).dump_json(artefact, exclude={"folder"}, indent=1)
    (artefact.folder / ARTEFACT_FILE).write_bytes(text + b"\n")


def read_artefact(kind: type[A], folder: Path) -> A:
    """The artefact that `write_artefact` described.

    Raises OSError where there is no description to read, bad input where it does not fit `kind`.
    """
    file = folder / ARTEFACT_FILE
    with malformed_as_bad_input(f"{file} does not describe what the stage made", "run the job again"):
        data = parse_json(file.read_bytes())
        return TypeAdapter(kind).validate_python({**data, "folder": folder})
