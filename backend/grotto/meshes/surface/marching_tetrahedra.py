"""Deep marching tetrahedra (Shen et al. 2021): a closed surface whose vertices know their gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import torch
from torch import Tensor

from ...contract import bad_input

# Of each tetrahedron's six sides the two ends.
_SIDES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
_MOST_OFFSET = 0.45  # of a step


@dataclass(frozen=True)
class TetrahedralGrid:
    """A box of cubes, each cut into six tetrahedra around its diagonal, so that neighbours fit (Kuhn)."""

    positions: Tensor  # (v, 3)
    tetrahedra: Tensor  # (t, 4) int64, positively oriented
    border: Tensor  # (v,) bool
    step: float

    def moved(self, offsets: Tensor) -> Tensor:
        """Positions moved by `offsets` (v, 3), of any size: tanh keeps each coordinate within 0.45 of a step."""
        return self.positions + _MOST_OFFSET * self.step * torch.tanh(offsets)


def tetrahedral_grid(
    lowest: tuple[float, float, float],
    counts: tuple[int, int, int],
    step: float,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> TetrahedralGrid:
    """A grid with `counts` vertices along each axis, in the order of an array (nx, ny, nz) read row by row."""
    if min(counts) < 2:
        raise ValueError(f"a grid of {counts} vertices has no cubes")
    lines = [torch.arange(count, device=device) for count in counts]
    index = torch.stack(torch.meshgrid(*lines, indexing="ij"), dim=-1).reshape(-1, 3)
    last = torch.tensor(counts, device=device) - 1
    border = ((index == 0) | (index == last)).any(dim=1)
    stride = (counts[1] * counts[2], counts[2], 1)
    first = (index[(index < last).all(dim=1)] * torch.tensor(stride, device=device)).sum(dim=1)
    parts = []
    for order in permutations(range(3)):
        middle, third = stride[order[0]], stride[order[0]] + stride[order[1]]
        ends = (0, middle, third, sum(stride))
        even = order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        ends = ends if even else (ends[0], ends[2], ends[1], ends[3])
        parts.append(torch.stack([first + end for end in ends], dim=1))
    positions = torch.tensor(lowest, device=device, dtype=dtype) + step * index.to(dtype)
    return TetrahedralGrid(positions, torch.stack(parts, dim=1).reshape(-1, 4), border, step)


def tetrahedral_surface(grid: TetrahedralGrid, values: Tensor, offsets: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Vertices (n, 3) and faces (m, 3) of the surface of `values` (v,) or (nx, ny, nz), positive inside, on a moved grid.

    Differentiable in values and offsets (v, 3). The grid's border counts as outside, so the surface is closed.
    Raises a bad-input problem where nothing is inside or values are no numbers.
    """
    flat = values.reshape(-1)
    positions = grid.positions if offsets is None else grid.moved(offsets)
    least = torch.finfo(flat.dtype).eps * flat.detach().abs().max().clamp_min(1e-20)
    outside = torch.where(grid.border, -flat.abs() - least, flat)
    return marching_tetrahedra(positions, outside, grid.tetrahedra)


def marching_tetrahedra(positions: Tensor, values: Tensor, tetrahedra: Tensor) -> tuple[Tensor, Tensor]:
    """Vertices (n, 3) and faces (m, 3), outwards, of the surface on which `values` (v,) are zero, positive inside.

    Each vertex lies on a side of which one end is inside: p = (p_a s_b - p_b s_a) / (s_b - s_a) (equation 3 of the paper),
    so gradients flow to both ends' values and positions. Tetrahedra (t, 4) must be positively oriented.
    Raises a bad-input problem where there is no surface.
    """
    if not bool(torch.isfinite(values).all()):
        raise bad_input("the field has values that are no numbers", "fit it again with another seed or fewer steps")
    inside = values > 0
    number = inside[tetrahedra].sum(dim=1)
    cut = tetrahedra[(number > 0) & (number < 4)]
    if not len(cut):
        raise bad_input("the field has no surface", "give it more steps, or look at its pictures: nothing may be in them")
    sides = cut[:, torch.tensor(_SIDES, device=cut.device)].reshape(-1, 2)
    low, high = sides.min(dim=1).values, sides.max(dim=1).values
    crossed = inside[low] != inside[high]
    keys, place = torch.unique((low * len(values) + high)[crossed], return_inverse=True)
    one, two = keys // len(values), keys % len(values)
    s_one, s_two = values[one].unsqueeze(1), values[two].unsqueeze(1)
    vertices = (positions[one] * s_two - positions[two] * s_one) / (s_two - s_one)
    vertex = torch.full((len(sides),), -1, dtype=torch.int64, device=cut.device)
    vertex[crossed] = place
    table = torch.tensor(_table(), device=cut.device)
    code = (inside[cut] * torch.tensor([1, 2, 4, 8], device=cut.device)).sum(dim=1)
    wanted = table[code]  # (cut, 2, 3) numbers of sides, -1 where there is no second face
    faces = torch.gather(vertex.reshape(-1, 6), 1, wanted.reshape(len(cut), 6).clamp_min(0)).reshape(-1, 3)
    return vertices, faces[wanted.reshape(-1, 3)[:, 0] >= 0]


def _table() -> list[list[list[int]]]:
    """For each of the 16 codes of inside corners two triangles of sides, derived from a reference tetrahedron."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)  # positively oriented
    middles = np.array([(corners[a] + corners[b]) / 2 for a, b in _SIDES])
    table = []
    for code in range(16):
        inside = [corner for corner in range(4) if code >> corner & 1]
        crossed = [side for side, (a, b) in enumerate(_SIDES) if (a in inside) != (b in inside)]
        triangles = [crossed] if len(crossed) == 3 else []
        if len(crossed) == 4:
            # Around the quad: sides that follow one another share a corner of the tetrahedron.
            first = crossed[0]
            across = next(side for side in crossed if not set(_SIDES[side]) & set(_SIDES[first]))
            between = [side for side in crossed if side not in (first, across)]
            triangles = [[first, between[0], across], [first, across, between[1]]]
        rows = []
        for triangle in triangles:
            a, b, c = middles[triangle]
            towards = corners[inside].mean(axis=0) - a
            rows.append(triangle if np.cross(b - a, c - a) @ towards < 0 else [triangle[0], triangle[2], triangle[1]])
        table.append(rows + [[-1, -1, -1]] * (2 - len(rows)))
    return table
