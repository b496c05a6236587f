"""A field: density or distance, and colour, at points of the world. One interface for all kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..contract import Progress
from ..render.volume import Composite, composite
from ..scene import Camera, Region, Rendered, ray_box_distances

_MOST_SAMPLES = 1 << 19  # evaluated at once: keeps peak memory small on any device


@dataclass(frozen=True, kw_only=True)
class FieldSample:
    """A field at n points. Density or distance may be missing, never both."""

    colour: Tensor  # (n, 3) sRGB's values, 0 to 1
    density: Tensor | None = None  # (n,) per world unit, not negative
    distance: Tensor | None = None  # (n,) signed, world units, negative inside
    features: Tensor | None = None  # (n, k) further values of the field, such as specular features


class Field(torch.nn.Module):
    """A radiance or distance field in a region. Subclasses define `forward`; those without a density `render_rays` too."""

    _box: Tensor  # (2, 3) world: lowest and highest corner of the region

    def __init__(self, region: Region, *, step: float, level: float) -> None:
        """step: world length between samples that resolves the field. level: the density of its surface."""
        super().__init__()
        self.region = region
        self.step = step
        self.level = level
        self.register_buffer("_box", torch.tensor([region.lowest, region.highest], dtype=torch.float32), persistent=False)

    @property
    def device(self) -> torch.device:
        """The device of the field's tensors."""
        return self._box.device

    def forward(self, positions: Tensor, directions: Tensor | None = None) -> FieldSample:
        """The field at world positions (n, 3) along unit world directions (n, 3); without, its view-independent colour."""
        raise NotImplementedError

    def settings(self) -> dict[str, float | int | str]:
        """Arguments that, with region and weights, build the field again."""
        raise NotImplementedError

    def live(self, positions: Tensor) -> Tensor:
        """(n,) bool: whether positions may be occupied. Renderers skip the others."""
        return torch.ones(len(positions), dtype=torch.bool, device=positions.device)

    def render_rays(self, origins: Tensor, directions: Tensor) -> Composite:
        """Composite rays: world origins (r, 3), unit world directions (r, 3). Samples at the middles of even steps."""
        near, far = ray_box_distances(origins, directions, self._box)
        count = max(1, min(4096, int(np.ceil(float((far - near).max()) / self.step))))
        edges = torch.arange(count + 1, device=origins.device, dtype=origins.dtype) * self.step + near[:, None]
        starts, ends = edges[:, :-1], torch.minimum(edges[:, 1:], far[:, None])
        ends = torch.maximum(starts, ends)
        positions = origins[:, None] + directions[:, None] * (0.5 * (starts + ends))[..., None]
        flat = positions.reshape(-1, 3)
        wanted = torch.nonzero((ends > starts).reshape(-1) & self.live(flat))[:, 0]
        density, colour = origins.new_zeros(len(flat)), origins.new_zeros(len(flat), 3)
        if len(wanted):
            along = directions[:, None].expand_as(positions).reshape(-1, 3)
            sample = self(flat[wanted], along[wanted])
            density = density.index_copy(0, wanted, sample.density.to(density.dtype))
            colour = colour.index_copy(0, wanted, sample.colour.to(colour.dtype))
        return composite(density.reshape(starts.shape), colour.reshape(*starts.shape, 3), starts, ends)

    def samples_per_ray(self) -> int:
        """Samples of the longest ray through the region."""
        return max(1, int(np.ceil(float(np.linalg.norm(self.region.size)) / self.step)))


@torch.no_grad()
def render_field(field: Field, camera: Camera) -> Rendered:
    """Render a field through a camera. Depths are along the view (camera z); there are no normals."""
    rays = torch.from_numpy(camera.directions().reshape(-1, 3)).to(field.device)
    lengths = rays.norm(dim=1)
    origin = torch.as_tensor(camera.position, dtype=torch.float32, device=field.device)
    chunk = max(64, _MOST_SAMPLES // field.samples_per_ray())
    rendered = [
        field.render_rays(origin.expand(len(part), 3), torch.nn.functional.normalize(part, dim=1))
        for part in torch.split(rays, chunk)
    ]

    def picture(parts: list[Tensor]) -> NDArray[np.float32]:
        whole = torch.cat(parts)
        return whole.reshape(camera.height, camera.width, *whole.shape[1:]).float().cpu().numpy()

    scale = picture([1 / lengths])
    return Rendered(
        colour=picture([part.colour for part in rendered]),
        opacity=picture([part.opacity for part in rendered]),
        depth=picture([part.distance_median for part in rendered]) * scale,
        depth_expected=picture([part.distance_expected for part in rendered]) * scale,
    )


@dataclass(frozen=True, kw_only=True)
class DensityGrid:
    """A field on a lattice, for surface extraction: values above `level` are inside."""

    values: NDArray[np.float32]  # (nx, ny, nz) at lowest + step * (i, j, k); distances are negated
    lowest: NDArray[np.float64]  # (3,) world
    step: float  # world units
    level: float


@torch.no_grad()
def density_grid(field: Field, resolution: int) -> DensityGrid:
    """Sample a field with `resolution` cells along its region's longest side. Distance takes precedence over density."""
    region = field.region
    step = float(region.size.max()) / resolution
    counts = np.maximum(2, np.ceil(region.size / step - 1e-6).astype(int) + 1)
    axes = [torch.as_tensor(region.low[axis] + step * np.arange(counts[axis]), dtype=torch.float32) for axis in range(3)]
    values = np.empty(tuple(counts), np.float32)
    slab = max(1, _MOST_SAMPLES // int(counts[1] * counts[2]))
    level = field.level
    for first in range(0, int(counts[0]), slab):
        lattice = torch.stack(torch.meshgrid(axes[0][first : first + slab], axes[1], axes[2], indexing="ij"), dim=-1)
        sample = field(lattice.reshape(-1, 3).to(field.device), None)
        inside = sample.density if sample.distance is None else -sample.distance
        values[first : first + slab] = inside.float().reshape(lattice.shape[:3]).cpu().numpy()
    return DensityGrid(values=values, lowest=region.low, step=step, level=level)


@torch.no_grad()
def sample_values(field: Field, points: NDArray[np.float64], report: Progress) -> NDArray[np.float32]:
    """The values (n,) that `density_grid` samples, at any world points (n, 3)."""
    values = []
    for start in range(0, len(points), _MOST_SAMPLES):
        report.check()
        places = torch.as_tensor(points[start : start + _MOST_SAMPLES], dtype=torch.float32, device=field.device)
        sample = field(places, None)
        inside = sample.density if sample.distance is None else -sample.distance
        values.append(inside.float().cpu().numpy())
    return np.concatenate(values)
