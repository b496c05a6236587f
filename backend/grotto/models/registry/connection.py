"""Where installed copies of other people's models are: a checkout and its environment's Python, as the user named them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from ...contract import Action, bad_input, missing_resource
from .folder import models_folder
from .outside_models import OutsideModel, outside_model

CONNECTION_FILE = "grotto-connection.json"


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An installed copy of an outside model. Words and not paths: what lies there is hashed by nobody, since it is gigabytes."""

    name: str
    folder: str  # the checkout
    python: str  # the interpreter of its environment
    weights: str = ""  # a folder of weights; empty takes those that the model has fetched itself


def connect(name: str, folder: Path, python: Path, weights: Path | None = None) -> Connection:
    """Keep where an installed copy is. Raises a bad-input problem where the folder is no checkout of it, or lacks a Python."""
    model = outside_model(name)
    if not any((folder / part).exists() for part in model.package.split(" or ")):
        raise bad_input(
            f"{folder} is no checkout of {model.title}: {model.package} is not in it", model.how_to_get(), Action.CHOOSE_FOLDER
        )
    if not _runs(python):
        raise bad_input(f"{python} is no program", "name the python of the environment in which the model is installed")
    if weights is not None and not weights.is_dir():
        raise bad_input(f"there is no folder {weights}", "name the folder of the weights, or leave it out", Action.CHOOSE_FOLDER)
    # The interpreter is not resolved: an environment's python is a link, and is that environment's by its own place.
    made = Connection(
        name=name, folder=str(folder.absolute()), python=str(python.absolute()),
        weights="" if weights is None else str(weights.absolute()),
    )  # fmt: skip
    place = models_folder() / name
    place.mkdir(parents=True, exist_ok=True)
    (place / CONNECTION_FILE).write_text(json.dumps(asdict(made), indent=2) + "\n", encoding="utf-8")
    return made


def is_connected(name: str) -> bool:
    """Whether a copy of the model was named, and is still there. Raises a bad-input problem for a name that is none."""
    outside_model(name)
    found = _read(name)
    return found is not None and not _gone(found)


def connection_of(name: str) -> Connection:
    """The installed copy of a model.

    Raises a bad-input problem for a name that is none, a missing-resource problem where no copy was named or it is gone.
    """
    model = outside_model(name)
    found = _read(name)
    if found is None:
        raise missing_resource(f"{model.title} is not connected", _remedy(model))
    if gone := _gone(found):
        raise missing_resource(f"{model.title} was connected, and {gone} is no longer there", _remedy(model))
    return found


def disconnect(name: str) -> None:
    """Forget where a copy is; the copy stays. Raises a missing-resource problem where none was named."""
    model = outside_model(name)
    path = models_folder() / name / CONNECTION_FILE
    if not path.is_file():
        raise missing_resource(f"{model.title} is not connected", "see `grotto models list`")
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def _read(name: str) -> Connection | None:
    path = models_folder() / name / CONNECTION_FILE
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Connection(name=name, folder=str(held["folder"]), python=str(held["python"]), weights=str(held.get("weights", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_input(f"{path} is damaged", f"connect {name} again", Action.NONE) from error


def _gone(connection: Connection) -> str:
    if not Path(connection.folder).is_dir():
        return connection.folder
    if not _runs(Path(connection.python)):
        return connection.python
    return connection.weights if connection.weights and not Path(connection.weights).is_dir() else ""


def _runs(python: Path) -> bool:
    return python.is_file() and os.access(python, os.X_OK)


def _remedy(model: OutsideModel) -> str:
    return f"{model.how_to_get()}; {model.terms()}; it needs {model.memory}"
