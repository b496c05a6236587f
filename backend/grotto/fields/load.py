"""Read a fitted field back from its artefact."""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from ..contract import bad_input, bug
from .artefact import WEIGHTS_FILE, RadianceField
from .field import Field
from .kinds import KINDS


def load_field(artefact: RadianceField, device: torch.device | None = None) -> Field:
    """The field of an artefact, in evaluation mode. Raises a bad-input problem where its weights are missing or differ."""
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
    return field.to(device or torch.device("cpu")).eval().requires_grad_(False)
