"""What the shell shows of other people's models, and how it connects them."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from ...contract import bad_input, missing_resource
from .connection import connect, connection_of, disconnect, is_connected
from .outside_models import OUTSIDE_MODELS, OutsideModel, outside_model


def connect_command(name: str, folder: Path | None, python: Path | None, weights: Path | None, yes: bool, out: TextIO) -> None:
    """Show a model's licence; connect it once that is agreed to.

    Raises a bad-input problem where folder or Python are left out or do not fit, a missing-resource problem without consent.
    """
    model = outside_model(name)
    if folder is None or python is None:
        raise bad_input(
            f"connecting {model.title} needs its checkout and its Python", f"{model.install}; then name both: --folder, --python"
        )
    if not yes:
        raise missing_resource(
            f"{model.title}: {model.terms()}; it needs {model.memory}", "repeat the command with --yes to agree to its licence"
        )
    made = connect(name, folder.expanduser(), python.expanduser(), weights.expanduser() if weights else None)
    out.write(f"{model.title}: {model.terms()}\nconnected: {made.python} in {made.folder}\n")


def disconnect_command(name: str, out: TextIO) -> None:
    """Forget a copy. Raises a missing-resource problem where none was named."""
    disconnect(name)
    out.write(f"{outside_model(name).title} is no longer connected; its copy is as it was.\n")


def outside_rows() -> list[tuple[str, ...]]:
    """A head, and a row a model: name, task, licence, whether it is connected."""
    models = [(model.name, model.task, model.licence, _here(model)) for model in OUTSIDE_MODELS.values()]
    return [("outside model", "task", "licence", "connected"), *models]


def outside_text(model: OutsideModel) -> str:
    """Everything about one model."""
    lines = [f"{model.title}: {model.task}", model.terms(), f"memory: {model.memory}", f"to install: {model.install}"]
    if is_connected(model.name):
        place = connection_of(model.name)
        lines.append(f"connected: {place.python} in {place.folder}{f', weights in {place.weights}' if place.weights else ''}")
    else:
        lines.append(f"not connected: `grotto models connect {model.name} --folder CHECKOUT --python ITS_PYTHON`")
    return "\n".join(lines) + "\n"


def _here(model: OutsideModel) -> str:
    return "yes" if is_connected(model.name) else "no"
