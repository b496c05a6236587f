"""A dual surface whose vertices can be moved by gradients, after FlexiCubes (Shen et al. 2023)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...contract import bad_input
from .dual_cells import CORNERS, EDGES, dual_cells

_WEIGHT_SCALE = 0.99  # section 4.2: weights are positive, 1 + tanh of what is learnt
_MOST_OFFSET = 0.45  # of a step


@dataclass(frozen=True)
class FlexiWeights:
    """What is learnt beside the values, all of any size; zeros give plain dual marching cubes. c = (nx-1)(ny-1)(nz-1)."""

    alpha: Tensor  # (c, 8), where along an edge each cell's crossing lies
    beta: Tensor  # (c, 12), where between the crossings the vertex lies
    gamma: Tensor  # (c,), how quads are cut
    offset: Tensor  # (nx, ny, nz, 3), moves the grid's points

    @staticmethod
    def plain(
        counts: tuple[int, int, int], device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
    ) -> FlexiWeights:
        """Weights that change nothing, for a grid of `counts` points."""
        cells = (counts[0] - 1) * (counts[1] - 1) * (counts[2] - 1)
        shapes = ((cells, 8), (cells, 12), (cells,), (*counts, 3))
        alpha, beta, gamma, offset = (torch.zeros(shape, device=device, dtype=dtype) for shape in shapes)
        return FlexiWeights(alpha, beta, gamma, offset)


@dataclass(frozen=True)
class FlexiSurface:
    """A surface with its gradient; `spread` is what the paper's regulariser L_dev (equation 8) is the mean of."""

    vertices: Tensor  # (n, 3) in the world
    faces: Tensor  # (m, 3) int64, outwards
    spread: Tensor  # (k,) deviation of each crossing's distance to its vertex from the vertex's mean, in lengths


def flexicubes(
    values: Tensor,
    weights: FlexiWeights,
    lowest: tuple[float, float, float],
    step: float,
    *,
    fit: bool = True,
) -> FlexiSurface:
    """The surface on which values (nx, ny, nz) are zero, positive inside. Differentiable in values and all weights.

    With `fit` each quad has a vertex in its middle and four triangles, so that gamma has a gradient (equation 6); otherwise
    two triangles, cut where gamma is larger. The grid's border counts as outside. The surface is closed and manifold for
    any values: see `dual_cells`; it may meet itself, as dual surfaces do.
    Raises a bad-input problem where nothing is inside or values are no numbers.
    """
    if not bool(torch.isfinite(values).all()):
        raise bad_input("the field has values that are no numbers", "fit it again with another seed or fewer steps")
    closed = _closed(values)
    dual = dual_cells(closed.detach().cpu().double().numpy())
    if not len(dual.cells):
        raise bad_input("the field has no surface", "give it more steps, or look at its pictures: nothing may be in them")
    device, kind = values.device, values.dtype
    positions = _positions(values, weights.offset, lowest, step)
    cells = torch.as_tensor(dual.cells, device=device)
    index = torch.as_tensor(dual.index, device=device)
    corners = index[:, None] + torch.as_tensor(CORNERS, device=device)
    at = corners[..., 0], corners[..., 1], corners[..., 2]
    scaled = closed[at] * _positive(weights.alpha[cells])  # (c, 8)
    place = positions[at]  # (c, 8, 3)
    patch = torch.as_tensor(dual.patch, device=device)
    row, edge = torch.nonzero(patch >= 0, as_tuple=True)
    ends = torch.as_tensor(EDGES, device=device)[edge]
    one, two = scaled[row, ends[:, 0]].unsqueeze(1), scaled[row, ends[:, 1]].unsqueeze(1)
    crossing = (place[row, ends[:, 1]] * one - place[row, ends[:, 0]] * two) / (one - two)  # equation 4
    share = _positive(weights.beta[cells[row], edge]).unsqueeze(1)
    owner = patch[row, edge]
    total = torch.zeros(dual.vertices, 1, device=device, dtype=kind).index_add(0, owner, share)
    vertices = torch.zeros(dual.vertices, 3, device=device, dtype=kind).index_add(0, owner, share * crossing) / total
    quads = torch.as_tensor(dual.quads, device=device)
    gamma = _positive(weights.gamma[cells])[torch.as_tensor(dual.quad_cells, device=device)]
    spread = _spread(crossing, vertices, owner)
    if not fit:
        return FlexiSurface(vertices, _cut(quads, gamma), spread)
    middles = _middles(vertices[quads], gamma)
    centre = torch.arange(len(quads), device=device) + dual.vertices
    fans = torch.stack([torch.stack([quads[:, n], quads[:, (n + 1) % 4], centre], dim=1) for n in range(4)], dim=1)
    return FlexiSurface(torch.cat([vertices, middles]), fans.reshape(-1, 3), spread)


def _positive(raw: Tensor) -> Tensor:
    return 1 + _WEIGHT_SCALE * torch.tanh(raw)


def _closed(values: Tensor) -> Tensor:
    border = torch.ones_like(values, dtype=torch.bool)
    border[1:-1, 1:-1, 1:-1] = False
    least = torch.finfo(values.dtype).eps * values.detach().abs().max().clamp_min(1e-20)
    return torch.where(border, -values.abs() - least, values)


def _positions(values: Tensor, offset: Tensor, lowest: tuple[float, float, float], step: float) -> Tensor:
    lines = [torch.arange(count, device=values.device, dtype=values.dtype) for count in values.shape]
    grid = torch.stack(torch.meshgrid(*lines, indexing="ij"), dim=-1)
    return torch.tensor(lowest, device=values.device, dtype=values.dtype) + step * (grid + _MOST_OFFSET * torch.tanh(offset))


def _middles(corners: Tensor, gamma: Tensor) -> Tensor:
    """(q, 3) from corners (q, 4, 3): nearer to the diagonal whose ends weigh more (equation 6)."""
    one, two = (gamma[:, 0] * gamma[:, 2]).unsqueeze(1), (gamma[:, 1] * gamma[:, 3]).unsqueeze(1)
    return (one * (corners[:, 0] + corners[:, 2]) + two * (corners[:, 1] + corners[:, 3])) / (2 * (one + two))


def _cut(quads: Tensor, gamma: Tensor) -> Tensor:
    first = gamma[:, 0] * gamma[:, 2] > gamma[:, 1] * gamma[:, 3]
    straight, crossed = quads[:, [0, 1, 2, 0, 2, 3]], quads[:, [1, 2, 3, 1, 3, 0]]
    return torch.where(first.unsqueeze(1), straight, crossed).reshape(-1, 3)


def _spread(crossing: Tensor, vertices: Tensor, owner: Tensor) -> Tensor:
    distance = (crossing - vertices[owner]).square().sum(dim=1).clamp_min(1e-20).sqrt()
    count = torch.bincount(owner, minlength=len(vertices)).to(distance.dtype)
    mean = torch.zeros(len(vertices), device=distance.device, dtype=distance.dtype).index_add(0, owner, distance) / count
    return (distance - mean[owner]).abs()
