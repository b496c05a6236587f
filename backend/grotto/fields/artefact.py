"""A fitted field as a stage's artefact: its description in JSON, its weights as safetensors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save_file

from ..formats import Artefact
from ..scene import Region
from .field import Field

WEIGHTS_FILE = "field.safetensors"


@dataclass(frozen=True, kw_only=True)
class RadianceField(Artefact):
    """A fitted field."""

    kind: str  # a key of `kinds.KINDS`: never "auto"
    chosen: str  # why this kind: asked for, or the reason of auto
    steps: int  # completed
    engine: str  # device, precision and kernels of the fit
    device: str = "cpu"  # where it was fitted: cuda or cpu
    region: Region
    settings: dict[str, float | int | str]  # arguments that, with the weights, build the field again
    seconds: float  # of wall time
    notes: tuple[str, ...] = ()

    @property
    def weights(self) -> Path:
        """The file that holds the field's tensors."""
        return self.folder / WEIGHTS_FILE


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The result of a fit of any kind."""

    field: Field
    steps: int
    engine: str
    notes: tuple[str, ...] = ()


def save_weights(artefact: RadianceField, field: Field) -> None:
    """Write the field's persistent tensors into the artefact's folder."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in field.state_dict().items()}
    save_file(tensors, str(artefact.weights))
