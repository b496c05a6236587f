"""What a refinement needs to go on where it was stopped, in a file that is always whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .large_steps import UniformAdam

_FILE = "refinement.pt"


@dataclass
class RefinementState:
    """A mesh under refinement. The variable u is that of the large steps; both optimisers go with it."""

    step: int
    faces: Tensor  # (m, 3) int64
    places: Tensor  # (v, 3) where the vertices were when the triangles were made; the large steps' factors hang on it
    variable: Tensor  # (v, 3)
    colours: Tensor  # (v, 3)
    shape_adam: UniformAdam
    colour_mean: Tensor
    colour_square: Tensor
    colour_count: int
    error: Tensor  # (m,) sums of squared differences since the last change of triangles
    hits: Tensor  # (m,) pixels counted in them
    generator: torch.Generator  # on the CPU
    order: list[int]  # views still to come in this turn
    split: int  # faces so far
    merged: int

    def finite(self) -> bool:
        """Whether all positions and colours are numbers."""
        return bool(torch.isfinite(self.variable).all() and torch.isfinite(self.colours).all())


def save_state(state: RefinementState, folder: Path) -> None:
    """Write the state so that a stop at any moment leaves the old file or the new."""
    values = {
        "step": state.step, "faces": state.faces, "variable": state.variable, "colours": state.colours,
        "shape_mean": state.shape_adam.mean, "shape_square": state.shape_adam.square, "shape_count": state.shape_adam.count,
        "colour_mean": state.colour_mean, "colour_square": state.colour_square, "colour_count": state.colour_count,
        "error": state.error, "hits": state.hits, "generator": state.generator.get_state(), "order": state.order,
        "places": state.places, "split": state.split, "merged": state.merged,
    }  # fmt: skip
    temporary = folder / f".{_FILE}.part"
    torch.save(values, temporary)
    temporary.replace(folder / _FILE)


def load_state(folder: Path | None, device: torch.device) -> RefinementState | None:
    """The state that was saved last, or None where none was."""
    if folder is None or not (folder / _FILE).exists():
        return None
    values = torch.load(folder / _FILE, map_location=device, weights_only=True)
    generator = torch.Generator()
    generator.set_state(values["generator"].cpu())
    return RefinementState(
        step=values["step"],
        faces=values["faces"],
        places=values["places"],
        variable=values["variable"],
        colours=values["colours"],
        shape_adam=UniformAdam(values["shape_mean"], values["shape_square"], values["shape_count"]),
        colour_mean=values["colour_mean"],
        colour_square=values["colour_square"],
        colour_count=values["colour_count"],
        error=values["error"],
        hits=values["hits"],
        generator=generator,
        order=values["order"],
        split=values["split"],
        merged=values["merged"],
    )
