"""Compositing in plain torch, one tile at a time, on any device: slow, and the reference of the kernels' tests."""

from __future__ import annotations

import torch

from .footprints import Footprints
from .limits import LEAST_ALPHA, LEAST_TRANSMITTANCE, LEAST_W, MOST_ALPHA, TILE

_LOWEST = -30.0  # of logarithms: far below what counts, and far from denormal numbers, which are slow


def composite_torch(footprints: Footprints, features: torch.Tensor, reference: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture (h, w, c + 1) for ellipsoids or (h, w, c + 4) for discs, and median depth (h, w); see `compositing`.

    Per pixel, over splats from near to far: weight_i = alpha_i prod_{j<i} (1 - alpha_j), as long as the
    transmittance behind i is more than 1e-4 (3D Gaussian Splatting, eq. 3). Tiles only bound the memory.
    """
    width, height = footprints.width, footprints.height
    nearest_first = torch.argsort(footprints.depths.detach(), stable=True)
    boxes = footprints.boxes[nearest_first]
    rows = []
    for top in range(0, height, TILE):
        tiles = []
        in_rows = (boxes[:, 1] < top + TILE) & (boxes[:, 3] > top) & (boxes[:, 2] > boxes[:, 0])
        candidates, columns = nearest_first[in_rows], boxes[in_rows]
        for left in range(0, width, TILE):
            here = candidates[(columns[:, 0] < left + TILE) & (columns[:, 2] > left)]
            tiles.append(_tile(footprints, features, here, (left, top), reference))
        rows.append(torch.cat(tiles, 1))
    whole = torch.cat(rows, 0)
    return whole[..., :-1], whole[..., -1].detach()


def _tile(
    footprints: Footprints, features: torch.Tensor, here: torch.Tensor, corner: tuple[int, int], reference: float
) -> torch.Tensor:
    """(rows, columns, channels + 1) of one tile: sums, then median depth."""
    left, top = corner
    columns = torch.arange(left, min(left + TILE, footprints.width), device=features.device) + 0.5
    lines = torch.arange(top, min(top + TILE, footprints.height), device=features.device) + 0.5
    y, x = torch.meshgrid(lines, columns, indexing="ij")
    offset_x = x.reshape(-1, 1) - footprints.centres[here, 0]  # (pixels, splats)
    offset_y = y.reshape(-1, 1) - footprints.centres[here, 1]
    exponent, depth = _meet(footprints, here, offset_x, offset_y)
    raw = footprints.opacities[here] * torch.exp(exponent.clamp_min(_LOWEST))
    alpha = torch.where(raw < LEAST_ALPHA, torch.zeros_like(raw), raw.clamp_max(MOST_ALPHA))
    after = torch.exp(torch.cumsum(torch.log1p(-alpha), 1).clamp_min(_LOWEST))
    before = torch.cat([torch.ones_like(after[:, :1]), after[:, :-1]], 1)
    weight = torch.where(after > LEAST_TRANSMITTANCE, alpha * before, torch.zeros_like(alpha))
    sums = [weight @ features[here]]
    if footprints.kind == "2d":
        bounded = 1 - reference / depth
        sums += [(weight * value).sum(1, keepdim=True) for value in (depth, bounded, bounded * bounded)]
    crossed = (before > 0.5) & (after <= 0.5)
    median = (crossed * depth).sum(1, keepdim=True)
    return torch.cat([*sums, weight.sum(1, keepdim=True), median], 1).reshape(len(lines), len(columns), -1)


def _meet(footprints: Footprints, here: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Exponents and depths (pixels, splats) at offsets x, y from the centres."""
    depth = footprints.depths[here].expand_as(x)
    if footprints.kind == "3d":
        a, b, c = footprints.shapes[here].unbind(1)
        return (-0.5 * (a * x * x + c * y * y) - b * x * y).clamp_max(0.0), depth
    p, q, t, k, r, s = footprints.shapes[here].unbind(1)
    w = 1 + r * x + s * y
    inverse_w = 1 / w.clamp_min(LEAST_W)
    u, v = (p * x + q * y) * inverse_w, (t * x + k * y) * inverse_w
    on_disc, on_picture = u * u + v * v, 2 * (x * x + y * y)
    meets = (w > LEAST_W) & (on_disc <= on_picture)
    return -0.5 * torch.where(meets, on_disc, on_picture), torch.where(meets, depth * inverse_w, depth)
