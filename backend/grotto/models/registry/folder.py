"""Where weights lie, which of them are there, and what was written down when they came."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from ...contract import PRODUCT, Action, bad_input, missing_resource
from .entries import Model, model_named

RECORD_FILE = "grotto-model.json"


def models_folder() -> Path:
    """The folder of all weights, one folder a model in it; GROTTO_MODELS names another place."""
    named = os.environ.get("GROTTO_MODELS")
    return Path(named) if named else Path(platformdirs.user_data_dir(PRODUCT, appauthor=False)) / "models"


@dataclass(frozen=True)
class Record:
    """What was written beside the weights when they were installed."""

    name: str
    rig: str | None
    sha256: dict[str, str] = field(default_factory=dict)  # of each weights file, as it came
    revision: str = ""  # the publisher's commit that was fetched; empty where files of the user's were taken
    as_listed: tuple[str, ...] = ()  # weights files whose hash was the one in the publisher's list


@dataclass(frozen=True)
class Installed:
    """A model whose weights are there."""

    model: Model
    folder: Path
    record: Record


def write_record(folder: Path, record: Record) -> None:
    (folder / RECORD_FILE).write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")


def read_record(folder: Path) -> Record | None:
    """What stands beside the weights in `folder`; None where nothing does. Raises a bad-input problem where it is damaged."""
    path = folder / RECORD_FILE
    if not path.is_file():
        return None
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        rig, hashes = held["rig"], held["sha256"]
        return Record(
            str(held["name"]),
            None if rig is None else str(rig),
            {str(key): str(hashes[key]) for key in hashes},
            str(held.get("revision", "")),
            tuple(map(str, held.get("as_listed", ()))),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise bad_input(f"{path} is damaged", "delete the model and install it again", Action.NONE) from error


def lacking(model: Model, folder: Path) -> list[str]:
    """The model's files that are not in `folder`."""
    return [file.path for file in model.files if not (folder / file.path).is_file()]


def is_installed(name: str) -> bool:
    """Whether all files of a model are there; a bad-input problem for a name that the registry has not."""
    model = model_named(name)
    folder = models_folder() / name
    return (folder / RECORD_FILE).is_file() and not lacking(model, folder)


def find(name: str) -> Installed:
    """The weights of a model. Opens no weights file: loading them, or `verify`, finds out whether they are whole.

    Raises a bad-input problem for a name that the registry has not, a missing-resource problem where the weights are not there.
    """
    model = model_named(name)
    folder = models_folder() / name
    record = read_record(folder)
    absent = lacking(model, folder)
    if record is None or absent:
        what = f"the weights of {name} are not installed" if record is None else f"{name} lacks {', '.join(absent)}"
        raise missing_resource(what, how_to_get(model))
    if record.name != name:
        raise bad_input(f"the folder of {name} holds {record.name}", f"delete {folder} and install {name} again", Action.NONE)
    return Installed(model, folder, record)


def how_to_get(model: Model) -> str:
    """What to do where a model is missing."""
    by_hand = f"`grotto models install {model.name} --from FOLDER` takes files that you have"
    return f"{by_hand}, `grotto models install {model.name}` shows licence and size first" if model.repository else by_hand


def delete(name: str) -> int:
    """Remove a model's folder, damaged ones too; returns the bytes that came free.

    Raises a missing-resource problem where there is nothing to remove.
    """
    folder = models_folder() / model_named(name).name
    if not folder.is_dir():
        raise missing_resource(f"{name} is not installed", "see `grotto models list`")
    size = size_of(folder)
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)
    return size


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
