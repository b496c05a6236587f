"""The base of all fields that are networks: normalised coordinates, background, losses, and the fit on random rays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ...contract import Progress
from ...contract.options import FieldOptions
from ...fitting import State
from ...render.volume import Composite, OccupancyGrid, RayPool, Rays
from ...scene import Region, View, ray_box_distances
from ..artefact import Fitted
from ..field import Field
from ..field_fit import run_field_fit

_MASK_WEIGHT = 0.1  # relative to colour (nerf2mesh: main.py)
_MARGIN_PX = 12.0  # around masks, in views of 400 px: the carved grid already excludes farther pixels


@dataclass(frozen=True, kw_only=True)
class FitSchedule:
    """Steps, rays and learning rates of a fit."""

    steps: int
    rays: int  # per step
    rate: float  # Adam's learning rate, at the start
    final_rate: float = 0.1  # of the rate, at the end
    epsilon: float = 1e-8  # Adam's
    clip: float = 0.0  # largest norm of the gradient; 0 does not clip


class NetworkField(Field, ABC):
    """A field with networks. Normalised coordinates are (world - region's centre) / radius: the region lies within -1 to 1.

    Networks have values everywhere, but only those where rays were sampled during the fit have meaning: the cells of
    `occupancy`, which is a part of the weights.
    """

    background: nn.Parameter
    _centre: Tensor

    def __init__(self, region: Region, *, step: float, level: float, cells: int) -> None:
        """step, level: see `Field`. cells: of the occupancy grid along the region's longest side."""
        super().__init__(region, step=step, level=level)
        self.register_buffer("_centre", torch.tensor(region.centre, dtype=torch.float32), persistent=False)
        self.radius = region.radius
        self.background = nn.Parameter(torch.zeros(3))  # logit of the one colour outside the region, for scenes without alpha
        self.occupancy = OccupancyGrid(region, cells)

    def normalised(self, positions: Tensor) -> Tensor:
        """World positions (n, 3) in the coordinates of the networks."""
        return (positions - self._centre) / self.radius

    def live(self, positions: Tensor) -> Tensor:
        return self.occupancy.occupied(positions)

    def near_far(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Near and far (r,) of rays within the occupied cells; equal where a ray meets none."""
        near, far = ray_box_distances(origins, directions, self._box)
        return self.occupancy.narrowed(origins, directions, near, far)

    def occupied(self, positions: Tensor) -> Tensor:
        """(k,) int64: indices of the world positions (n, 3) in occupied cells."""
        return torch.nonzero(self.live(positions))[:, 0]

    def initialise(self, generator: torch.Generator) -> None:
        """Prepare the weights before the first step, once the masks have carved the occupancy grid."""

    @abstractmethod
    def fit_loss(self, rays: Rays, number: int, steps: int, generator: torch.Generator) -> Tensor:
        """The loss of step `number` of `steps`. Random numbers come from the generator, which is on the CPU."""

    def update(self, number: int, steps: int, generator: torch.Generator) -> None:
        """Update what has no gradient before step `number`, such as the occupancy grid."""

    def ray_loss(self, rendered: Composite, rays: Rays) -> Tensor:
        """Mean squared error of alpha, and of colour: premultiplied where there is alpha, else over the background."""
        scene = rays.alpha < 0
        behind = torch.where(scene, 1 - rendered.opacity, 0.0)[:, None] * torch.sigmoid(self.background)
        error = ((rendered.colour + behind - rays.premultiplied) ** 2).mean()
        missing = torch.where(scene, 0.0, rendered.opacity - rays.alpha)
        return error + _MASK_WEIGHT * (missing**2).mean()


class NetworkFit:
    """The fit in progress: a `FieldFit`."""

    def __init__(self, field: NetworkField, views: Sequence[View], schedule: FitSchedule, steps: int, seed: int) -> None:
        self._field, self._schedule, self._steps, self._seed = field, schedule, steps, seed
        self._rays = schedule.rays
        longest = max(max(view.camera.width, view.camera.height) for view in views)
        self._pool = RayPool(views, margin_px=max(3.0, _MARGIN_PX * longest / 400), device=field.device)
        field.occupancy.carve(views)
        field.initialise(torch.Generator().manual_seed(seed))
        self._optimiser = torch.optim.Adam(field.parameters(), lr=schedule.rate, eps=schedule.epsilon)

    def step(self, number: int) -> float:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        for group in self._optimiser.param_groups:
            group["lr"] = self._schedule.rate * self._schedule.final_rate ** (number / max(1, self._steps))
        self._field.update(number, self._steps, generator)
        loss = self._field.fit_loss(self._pool.draw(self._rays, generator), number, self._steps, generator)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if self._schedule.clip:
            nn.utils.clip_grad_norm_(self._field.parameters(), self._schedule.clip)
        self._optimiser.step()
        return loss.item()

    def state(self) -> State:
        return {
            "weights": self._field.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "rays": self._rays,
            "occupancy": self._field.occupancy.state(),
        }

    def restore(self, state: State) -> None:
        self._field.load_state_dict(state["weights"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._rays = state["rays"]
        self._field.occupancy.restore(state["occupancy"])

    def halve(self) -> str:
        self._rays = max(64, self._rays // 2)
        return f"{self._rays} rays per step"

    def size(self) -> str:
        return ""

    def current(self) -> Field:
        return self._field


def fit_network(
    field: NetworkField, schedule: FitSchedule, views: Sequence[View], options: FieldOptions, folder: Path, report: Progress
) -> Fitted:
    """Fit a field, which is then in evaluation mode on its device."""
    steps = options.field_steps or schedule.steps
    report(0.0, "carving the region with the masks")
    fit = NetworkFit(field, views, schedule, steps, options.field_seed)
    outcome = run_field_fit(fit, steps, views, options, folder, report)
    field.eval().requires_grad_(False)
    engine = f"torch {torch.__version__}, {field.device.type}"
    return Fitted(field=field, steps=outcome.steps, engine=engine, notes=outcome.notes)
