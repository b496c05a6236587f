"""The state of a refinement: a mesh, both optimisers, and the error of each face."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...fitting import State
from .large_steps import UniformAdam, system

_SEED = 0


@dataclass
class RefinementState:
    """A mesh under refinement. The variable u is that of the large steps; both optimisers go with it."""

    faces: Tensor  # (m, 3) int64
    places: Tensor  # (v, 3) where the vertices were when the triangles were made; the large steps' factors depend on it
    variable: Tensor  # (v, 3)
    colours: Tensor  # (v, 3)
    shape_adam: UniformAdam
    colour_mean: Tensor
    colour_square: Tensor
    colour_count: int
    error: Tensor  # (m,) sums of squared differences since the last change of triangles
    hits: Tensor  # (m,) pixels counted in them
    generator: torch.Generator  # on the CPU
    order: list[int]  # views still to come in this round
    views_per_step: int
    split: int = 0  # faces so far
    merged: int = 0

    @classmethod
    def of_mesh(cls, vertices: Tensor, faces: Tensor, colours: Tensor, smoothing: float, views_per_step: int) -> RefinementState:
        """The state before the first step with these triangles."""
        matrix = system(faces.cpu().numpy(), len(vertices), smoothing)
        variable = torch.from_numpy(matrix @ vertices.double().cpu().numpy()).to(vertices)
        return cls(
            faces=faces,
            places=vertices,
            variable=variable,
            colours=colours.clone(),
            shape_adam=UniformAdam.like(variable),
            colour_mean=torch.zeros_like(colours),
            colour_square=torch.zeros_like(colours),
            colour_count=0,
            error=torch.zeros(len(faces), device=vertices.device),
            hits=torch.zeros(len(faces), device=vertices.device),
            generator=torch.Generator().manual_seed(_SEED),
            order=[],
            views_per_step=views_per_step,
        )

    def finite(self) -> bool:
        """Whether all positions and colours are finite."""
        return bool(torch.isfinite(self.variable).all() and torch.isfinite(self.colours).all())

    def as_dict(self) -> State:
        """Tensors and numbers only, for a checkpoint. Shares memory."""
        adam = {"mean": self.shape_adam.mean, "square": self.shape_adam.square, "count": self.shape_adam.count}
        return {**vars(self), "shape_adam": adam, "generator": self.generator.get_state()}

    @classmethod
    def from_dict(cls, values: State, device: torch.device) -> RefinementState:
        """The state of `as_dict`, on a device."""
        there: State = {name: value.to(device) if isinstance(value, Tensor) else value for name, value in values.items()}
        adam = values["shape_adam"]
        there["shape_adam"] = UniformAdam(adam["mean"].to(device), adam["square"].to(device), adam["count"])
        there["generator"] = torch.Generator()
        there["generator"].set_state(values["generator"].cpu())
        there["order"] = [*values["order"]]
        return cls(**there)
