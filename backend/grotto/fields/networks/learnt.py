"""What fields that are networks share: units, background, losses and the fit on random rays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ...contract import Progress
from ...contract.options import FieldOptions
from ...render.volume import Composite, OccupancyGrid, RayPool, Rays
from ...scene import Region, View
from ..artefact import Fitted
from ..field import Field, box_stretch
from ..loop import State, run

_MASK_WEIGHT = 0.1  # beside colour's 1 (nerf2mesh: main.py)
_MARGIN_PX = 12.0  # beside masks, in views of 400 px: farther pixels tell nothing that the carved grid does not


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a learnt field is fitted."""

    steps: int
    rays: int  # a step
    rate: float  # Adam's, at the start
    rate_left: float = 0.1  # of the rate, at the end
    epsilon: float = 1e-8  # Adam's
    clip: float = 0.0  # longest gradient; 0 does not clip


class Learnt(Field, ABC):
    """A field with networks. Inside, coordinates are (world - region's centre) / radius: the region lies within -1 to 1.

    Networks have values everywhere, but mean them only where rays asked during the fit: in `occupancy`, a part of the weights.
    """

    background: nn.Parameter
    _centre: Tensor
    _box: Tensor

    def __init__(self, region: Region, *, step: float, level: float, cells: int) -> None:
        """step, level: see `Field`. cells: of the occupancy grid along the region's longest side."""
        super().__init__(region, step=step, level=level)
        self.register_buffer("_centre", torch.tensor(region.centre, dtype=torch.float32), persistent=False)
        self.radius = region.radius
        self.background = nn.Parameter(torch.zeros(3))  # logit of the one colour outside the region, for scenes without alpha
        self.occupancy = OccupancyGrid(region, cells)

    def inner(self, positions: Tensor) -> Tensor:
        """World positions (n, 3) as the networks see them."""
        return (positions - self._centre) / self.radius

    def live(self, positions: Tensor) -> Tensor:
        return self.occupancy.occupied(positions)

    def stretch(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Near and far (r,) of rays where the occupancy grid has something; equal where it has nothing."""
        near, far = box_stretch(origins, directions, self._box)
        return self.occupancy.narrowed(origins, directions, near, far)

    def asked(self, positions: Tensor) -> Tensor:
        """(k,) int64: which world positions (n, 3) a network need be asked for."""
        return torch.nonzero(self.live(positions))[:, 0]

    def begin(self, generator: torch.Generator) -> None:
        """What comes before the first step, when the masks have carved the occupancy grid."""

    @abstractmethod
    def fit_loss(self, rays: Rays, number: int, steps: int, generator: torch.Generator) -> Tensor:
        """What step `number` of `steps` minimises. Random numbers come from the generator, which lives on the CPU."""

    def follow(self, number: int, steps: int, generator: torch.Generator) -> None:
        """What changes between steps without a gradient, such as the occupancy grid."""

    def ray_loss(self, made: Composite, rays: Rays) -> Tensor:
        """Mean squared error of colour, over nothing where there is alpha and else over the background, and of alpha."""
        scene = rays.alpha < 0
        behind = torch.where(scene, 1 - made.opacity, 0.0)[:, None] * torch.sigmoid(self.background)
        error = ((made.colour + behind - rays.premultiplied) ** 2).mean()
        missing = torch.where(scene, 0.0, made.opacity - rays.alpha)
        return error + _MASK_WEIGHT * (missing**2).mean()


class LearntFitting:
    """The fit in progress: see `loop.Fitting`."""

    def __init__(self, field: Learnt, views: Sequence[View], recipe: Recipe, steps: int, seed: int) -> None:
        self._field, self._recipe, self._steps, self._seed = field, recipe, steps, seed
        self._rays = recipe.rays
        longest = max(max(view.camera.width, view.camera.height) for view in views)
        self._pool = RayPool(views, margin_px=max(3.0, _MARGIN_PX * longest / 400), device=field.device)
        field.occupancy.carve(views)
        field.begin(torch.Generator().manual_seed(seed))
        self._optimiser = torch.optim.Adam(field.parameters(), lr=recipe.rate, eps=recipe.epsilon)

    def step(self, number: int) -> float:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        for group in self._optimiser.param_groups:
            group["lr"] = self._recipe.rate * self._recipe.rate_left ** (number / max(1, self._steps))
        self._field.follow(number, self._steps, generator)
        loss = self._field.fit_loss(self._pool.draw(self._rays, generator), number, self._steps, generator)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._recipe.clip:
            nn.utils.clip_grad_norm_(self._field.parameters(), self._recipe.clip)
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

    def halve(self) -> int:
        self._rays = max(64, self._rays // 2)
        return self._rays

    def current(self) -> Field:
        return self._field


def fit_learnt(
    field: Learnt, recipe: Recipe, views: Sequence[View], options: FieldOptions, folder: Path, report: Progress
) -> Fitted:
    """Fit a learnt field, which is then in evaluation mode on its device. Its engine is told as text."""
    steps = options.field_steps or recipe.steps
    report(0.0, "carving the region with the masks")
    fitting = LearntFitting(field, views, recipe, steps, options.field_seed)
    taken, notes = run(fitting, steps, views, folder, report)
    field.eval().requires_grad_(False)
    return Fitted(field=field, steps=taken, engine=f"torch {torch.__version__}, {field.device.type}", notes=notes)


def fitting_device() -> torch.device:
    """CUDA where it is there."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
