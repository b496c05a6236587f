"""A fitted field as a stage's artefact: what it is in JSON, its weights as safetensors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors.torch import load_file, save_file

from ..contract import bad_input, bug
from ..formats import Artefact
from ..scene import Region
from .field import Field

WEIGHTS_FILE = "field.safetensors"


@dataclass(frozen=True, kw_only=True)
class RadianceField(Artefact):
    """A fitted field."""

    kind: str  # the field that was made: never "auto"
    chosen: str  # why this kind: asked for, or what auto went by
    steps: int  # that were really taken
    engine: str  # what computed: device, precision, kernels
    region: Region
    settings: dict[str, float | int | str]  # what, with the weights, makes the field again
    seconds: float  # of wall time
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What a fit of any kind gives back."""

    field: Field
    steps: int
    engine: str
    notes: tuple[str, ...] = ()


def save_weights(artefact: RadianceField, field: Field) -> None:
    """Write the field's persistent tensors into the artefact's folder."""
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in field.state_dict().items()}, _weights(artefact))


def load_field(artefact: RadianceField, device: torch.device | None = None) -> Field:
    """The field of an artefact, in evaluation mode. Raises a bad-input problem where its weights are absent or others."""
    try:
        tensors = load_file(_weights(artefact))
    except (OSError, ValueError) as error:
        raise bad_input(f"{WEIGHTS_FILE} of the field cannot be read", "fit the field again") from error
    field = _empty_field(artefact)
    try:
        field.load_state_dict(tensors)
    except RuntimeError as error:
        raise bad_input(f"{WEIGHTS_FILE} does not belong to this field", "fit the field again") from error
    return field.to(device or torch.device("cpu")).eval().requires_grad_(False)


def _weights(artefact: RadianceField) -> str:
    return str(artefact.folder / WEIGHTS_FILE)


def _empty_field(artefact: RadianceField) -> Field:
    """A field of the artefact's kind and sizes, its weights still those of its birth. Each kind's file is read when needed."""
    region, settings = artefact.region, artefact.settings
    if settings.get("layout") == "many":
        from .voxels import build_many_voxels

        return build_many_voxels(region, settings)
    if artefact.kind in ("zerorf", "voxel", "vm"):
        from .few_views import build_live_voxels

        return build_live_voxels(region, settings)
    if artefact.kind == "hash":
        from .networks import build_hash

        return build_hash(region, settings)
    if artefact.kind == "nerf":
        from .networks import build_nerf

        return build_nerf(region, settings)
    if artefact.kind == "volsdf":
        from .networks import build_volsdf

        return build_volsdf(region, settings)
    if artefact.kind == "neus":
        from .networks import build_neus

        return build_neus(region, settings)
    raise bug(f"a field of unknown kind {artefact.kind}")
