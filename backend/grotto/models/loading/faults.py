"""Problems of a model's folder, in one set of words: a file is missing, damaged, or of another version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...contract import Action, ProblemError, bad_input, missing_resource


def missing_file(title: str, path: Path) -> ProblemError:
    """Make the problem of weights that lack a file."""
    return missing_resource(f"the weights of {title} lack {_name(path)}", "install them again, see `grotto models verify`")


def other_version(title: str, cause: str) -> ProblemError:
    """Make the problem of weights that are whole but belong to another model or version."""
    return bad_input(
        f"the weights of {title} are of another version: {cause}", f"delete them and install those of {title}", Action.NONE
    )


def read_settings_file(path: Path, title: str) -> dict[str, Any]:
    """Read a JSON object beside the weights of `title`. Raises a missing resource or bad input where it is absent or damaged."""
    if not path.is_file():
        raise missing_file(title, path)
    return read_json_object(path, f"install the weights of {title} again")


def read_json_object(path: Path, remedy: str) -> dict[str, Any]:
    """Read a JSON object from a file that exists. Raises bad input with `remedy` where it holds anything else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise bad_input(f"{_name(path)} is damaged", remedy, Action.NONE) from error
    if not isinstance(content, dict):
        raise bad_input(f"{_name(path)} is damaged", remedy, Action.NONE)
    return content


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
