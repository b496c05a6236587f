"""ZeroRF as its authors published it: the baseline that our own ZeroRF is compared with (Shi et al. 2024).

Source: the authors' code for six Zero123++ views with planes and lines (`zerorf.py --load-image --rep tensorf`; generators.py,
decoders.py, base_nerf.py). Six decoders with weights of their own turn frozen noise into three planes and three lines; a point's
six features are concatenated; a small head gives density, and colour that depends on the direction. There is no hull, no total
variation, no exposure by picture and no average of weights: the loss is the mean squared error of colour over white and, as a
fourth channel, of opacity.

Differences that remain, all of them:

- `--rep dif`, the authors' default with one volume and one periodic volume, is not here: paper 000 and our ZeroRF have factors.
- Steps along a ray have one length, the authors' shortest; theirs grow with the distance from the camera.
- The authors let no gradient through samples of weight 1e-4 or less; here all samples have one.
- The occupancy grid forgets by .95 where theirs does by .9.
- The authors' matrix products on CUDA are TF32; here they are float32.
- The region is the cube of its longest side; the authors' scenes lie in a cube of side 2.
- On a CPU the decoders are a quarter as wide; rays, samples and steps are fewer; the occupancy grid is coarser and renewed less
  often: `SMALL`, about as long a fit as ours. Its score is one of the published method, not of the published sizes. On CUDA the
  sizes are the published ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...contract import Progress
from ...contract.options import FieldOptions
from ...fitting import State
from ...render.volume import OccupancyGrid, RayPool, composite_packed
from ...scene import Region, View, ray_box_distances
from ..artefact import Fitted
from ..field import Field, FieldSample
from ..field_fit import run_field_fit
from .published_decoders import LineDecoder, PlaneDecoder, Widths

FEATURES = 16  # of each plane and line
HIDDEN = 64  # of the head
PLANES, LINES = ((0, 1), (1, 2), (2, 0)), (2, 0, 1)  # axes: xy, yz, zx; z, x, y
LEARNING_RATE, WEIGHT_DECAY, BETAS, CLIP = 2e-3, 0.2, (0.9, 0.98), 1.0
SATURATION = 0.001  # the sigmoid of colours reaches this far beyond 0 and 1
DENSITY_THRESHOLD = 0.05  # of the occupancy grid, per half of the region's side
SURFACE = 5.0  # density of the extracted surface, in the same unit
_LOSS_WEIGHT = 3.0 * 3.2  # base_nerf.py's factor, and the loss' own
_COVERED = 0.1  # base_nerf.py: the loss grows with the number of views as 1 - exp(-_COVERED * views)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large a fit is."""

    noise_side: int  # entries of the noise along a side; planes and lines have 16 times as many
    widths: Widths
    rays: tuple[int, int, int]  # a step: at first, from step 50, from step 100
    steps: int
    samples: int  # along the diagonal of the cube
    cells: int  # of the occupancy grid along a side
    renewed: int  # steps between two updates of the occupancy grid


PUBLISHED = Sizes(
    noise_side=4,
    widths=Widths(planes=(256, 128, 64, 64, 32), plane_groups=32, lines=(128, 128, 128, 64, 32, 32), line_groups=16),
    rays=(4096, 16_384, 65_536),
    steps=10_000,
    samples=320,
    cells=64,
    renewed=1,
)
SMALL = Sizes(
    noise_side=4,
    widths=Widths(planes=(64, 32, 16, 16, 8), plane_groups=8, lines=(32, 32, 32, 16, 8, 8), line_groups=4),
    rays=(256, 512, 1024),
    steps=300,
    samples=128,
    cells=32,
    renewed=16,
)


class PublishedZeroRF(Field):
    """Density and view-dependent colour from six decoded factors."""

    def __init__(self, region: Region, sizes: Sizes) -> None:
        """Noise and first weights come from torch's generator: seed it."""
        half = region.radius
        super().__init__(region, step=2 * math.sqrt(3) * half / sizes.samples, level=SURFACE / half)
        self._sizes, self._half = sizes, half
        self.generators = nn.ModuleList(
            [
                *(PlaneDecoder(sizes.noise_side, FEATURES, sizes.widths) for _ in PLANES),
                *(LineDecoder(sizes.noise_side, FEATURES, sizes.widths) for _ in LINES),
            ]
        )
        self.base = nn.Linear(6 * FEATURES, HIDDEN)
        self.density = nn.Linear(HIDDEN, 1)
        self.direction = nn.Linear(9, HIDDEN)
        self.colour = nn.Linear(HIDDEN, 3)
        for layer in (self.base, self.density, self.direction, self.colour):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.direction.weight)
        self.occupancy = OccupancyGrid(region, sizes.cells)
        self.register_buffer("_centre", torch.tensor(region.centre, dtype=torch.float32), persistent=False)
        self._factors: list[Tensor] | None = None

    def settings(self) -> dict[str, float | int | str]:
        return {"layout": "published", "resolution": 16 * self._sizes.noise_side}

    def live(self, positions: Tensor) -> Tensor:
        return self.occupancy.occupied(positions)

    def near_far(self, origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Near and far (r,) of rays in the region."""
        return ray_box_distances(origins, directions, self._box)

    def factors(self) -> list[Tensor]:
        """Three planes (1, 16, s, s) and three lines (1, 16, s, 1), decoded from the noise."""
        return [generator() for generator in self.generators]

    @torch.no_grad()
    def keep_factors(self) -> None:
        """Decode once for all later points; weights may not change afterwards."""
        self._factors = self.factors()

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        factors = self._factors if self._factors is not None else self.factors()
        density, colour = self.values(positions, directions, factors)
        return FieldSample(density=density, colour=colour)

    def values(self, positions: Tensor, directions: Tensor | None, factors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Density (n,) per world unit and colour (n, 3) at world positions (n, 3), from decoded factors."""
        hidden = self.base(self._features(positions, factors))
        raw = self.density(functional.silu(hidden))[:, 0]
        density = truncated_exp(raw) / self._half
        seen = harmonics(torch.zeros_like(positions) if directions is None else directions)
        colour = torch.sigmoid(self.colour(functional.silu(hidden + self.direction(seen))))
        return density, colour * (1 + 2 * SATURATION) - SATURATION

    def _features(self, positions: Tensor, factors: Sequence[Tensor]) -> Tensor:
        inner = (positions - self.get_buffer("_centre")) / self._half
        zero = torch.zeros_like(inner[:, 0])
        places = [torch.stack([inner[:, first], inner[:, second]], 1) for first, second in PLANES]
        places += [torch.stack([zero, inner[:, axis]], 1) for axis in LINES]
        found = [
            functional.grid_sample(factor, place[None, None], padding_mode="border", align_corners=False)[0, :, 0]
            for factor, place in zip(factors, places, strict=True)
        ]
        return torch.cat(found).T


class PublishedFit:
    """The fit in progress: a `FieldFit`."""

    def __init__(self, field: PublishedZeroRF, views: Sequence[View], sizes: Sizes, seed: int) -> None:
        self._field, self._sizes, self._seed = field, sizes, seed
        self._pool = RayPool(views, device=field.device)
        self._weight = _LOSS_WEIGHT * (1 - math.exp(-_COVERED * len(views)))
        self._optimiser = torch.optim.AdamW(field.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, betas=BETAS)
        self._rays = sizes.rays

    def step(self, number: int) -> float:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + number)
        factors = self._field.factors()
        if number % self._sizes.renewed == 0:
            self._renew(factors, generator)
        loss = self._weight * self._error(factors, self._rays[(number > 50) + (number > 100)], generator)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._field.parameters(), CLIP)
        self._optimiser.step()
        return float(loss.detach())

    def state(self) -> State:
        return {
            "weights": self._field.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "occupancy": self._field.occupancy.state(),
            "rays": list(self._rays),
        }

    def restore(self, state: State) -> None:
        self._field.load_state_dict(state["weights"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._field.occupancy.restore(state["occupancy"])
        first, second, third = state["rays"]
        self._rays = (first, second, third)

    def halve(self) -> str:
        first, second, third = (max(64, rays // 2) for rays in self._rays)
        self._rays = (first, second, third)
        return f"{third} rays per step"

    def size(self) -> str:
        return ""

    def current(self) -> Field:
        return self._field

    def _error(self, factors: Sequence[Tensor], count: int, generator: torch.Generator) -> Tensor:
        """Mean squared error of colour over white, and of opacity as a fourth channel where pictures have alpha."""
        rays = self._pool.draw(count, generator)
        field = self._field
        near, far = field.near_far(rays.origins, rays.directions)
        jitter = torch.rand(count, generator=generator).to(field.device)
        laid = field.occupancy.march(rays.origins, rays.directions, near, far, (field.step, jitter))
        directions = rays.directions[laid.ray]
        positions = rays.origins[laid.ray] + directions * laid.distances[:, None]
        density, colour = field.values(positions, directions, factors)
        made = composite_packed(density, colour, laid.distances, field.step, laid.offsets)
        masked = rays.alpha >= 0
        opaque = torch.where(masked, rays.alpha, torch.ones_like(rays.alpha))
        missed = made.colour + (1 - made.opacity)[:, None] - rays.premultiplied - (1 - opaque)[:, None]
        beside = torch.where(masked, made.opacity - opaque, torch.zeros_like(opaque))
        return torch.cat([missed, beside[:, None]], 1).square().mean()

    def _renew(self, factors: Sequence[Tensor], generator: torch.Generator) -> None:
        kept = [factor.detach() for factor in factors]

        def density(positions: Tensor) -> Tensor:
            return self._field.values(positions, None, kept)[0] * self._field.region.radius

        self._field.occupancy.update(density, DENSITY_THRESHOLD, generator)


def fit_published_zerorf(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit the published ZeroRF: its published sizes on CUDA, `SMALL` on a CPU, which the engine's text names.

    options: `field_steps`, `field_resolution` (entries of planes and lines) and `field_seed` count. Previews go into `folder`.
    """
    default = PUBLISHED if device.type == "cuda" else SMALL
    noise_side = max(1, round(options.field_resolution / 16)) if options.field_resolution else default.noise_side
    sizes = replace(default, noise_side=noise_side, steps=options.field_steps or default.steps)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.field_seed)
        field = PublishedZeroRF(region, sizes).to(device)
    fit = PublishedFit(field, views, sizes, options.field_seed)
    outcome = run_field_fit(fit, sizes.steps, views, options, folder, report)
    field.eval().requires_grad_(False)
    field.keep_factors()
    named = "published sizes" if sizes == PUBLISHED else "smaller than published"
    engine = f"torch {torch.__version__}, {device.type}, float32, {named}"
    return Fitted(field=field, steps=outcome.steps, engine=engine, notes=outcome.notes)


def harmonics(directions: Tensor) -> Tensor:
    """(n, 9) real spherical harmonics of degrees 0 to 2 at unit directions (n, 3): the authors' encoder of degree 3."""
    x, y, z = directions.unbind(1)
    return torch.stack(
        [
            torch.full_like(x, 0.28209479177387814),
            -0.48860251190291987 * y,
            0.48860251190291987 * z,
            -0.48860251190291987 * x,
            1.0925484305920792 * x * y,
            -1.0925484305920792 * y * z,
            0.94617469575756008 * z * z - 0.31539156525252005,
            -1.0925484305920792 * x * z,
            0.54627421529603959 * (x * x - y * y),
        ],
        dim=1,
    )


def truncated_exp(raw: Tensor) -> Tensor:
    """exp(x) whose derivative is held between 1e-6 and 1e6, as the authors' TruncExp."""
    value = torch.exp(raw.detach())
    return value + (raw - raw.detach()) * value.clamp(1e-6, 1e6)
