"""Read a fitted field back from its artefact."""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from ..contract import Progress, bad_input, bug
from ..fitting import choose_device
from .artefact import WEIGHTS_FILE, RadianceField
from .field import Field
from .kinds import KINDS


def fitting_device(artefact: RadianceField, report: Progress) -> torch.device:
    """The device on which a field was fitted; the CPU, with a note, where CUDA cannot be used any more."""
    return choose_device(report, "cpu" if artefact.device == "cpu" else "auto")


def load_field(artefact: RadianceField, device: torch.device) -> Field:
    """The field of an artefact on a device, in evaluation mode. Raises bad input where its weights are missing or differ."""
    try:
        tensors = load_file(str(artefact.weights))
    except (OSError, ValueError) as error:
        raise bad_input(f"{WEIGHTS_FILE} of the field cannot be read", "fit the field again") from error
    if artefact.kind not in KINDS:
        raise bug(f"a field of unknown kind {artefact.kind}")
    field = KINDS[artefact.kind].build(artefact.region, artefact.settings)
    try:
        field.load_state_dict(tensors)
    except RuntimeError as error:
        raise bad_input(f"{WEIGHTS_FILE} does not belong to this field", "fit the field again") from error
    return field.to(device).eval().requires_grad_(False)
