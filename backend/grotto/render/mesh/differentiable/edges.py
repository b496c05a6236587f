"""The edges of a mesh, listed once for each topology."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Edges:
    """Each edge once, with the faces on its two sides."""

    vertices: Tensor  # (e, 2) int64, the lower first
    faces: Tensor  # (e, 2) int64; the second is -1 where the edge has one face only or more than two

    @property
    def open(self) -> Tensor:
        """(e,) bool: edges that have not exactly two faces."""
        return self.faces[:, 1] < 0


def mesh_edges(faces: Tensor) -> Edges:
    """The edges of faces (f, 3) int64."""
    pairs = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    low, high = pairs.amin(1), pairs.amax(1)
    count = int(faces.max()) + 1 if len(faces) else 1
    key, order = torch.sort(low * count + high, stable=True)
    face = (torch.arange(len(pairs), device=faces.device) % max(1, len(faces)))[order]
    new = torch.ones_like(key, dtype=torch.bool)
    new[1:] = key[1:] != key[:-1]
    first = torch.nonzero(new)[:, 0]
    uses = torch.diff(first, append=first.new_tensor([len(key)]))
    second = face[(first + 1).clamp_max(max(0, len(key) - 1))] if len(key) else first
    chosen = order[first]
    return Edges(
        torch.stack([low[chosen], high[chosen]], 1),
        torch.stack([face[first], torch.where(uses == 2, second, -1)], 1),
    )
