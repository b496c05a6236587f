"""Rays through axis-aligned boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch is loaded by the call that computes with it
    from torch import Tensor

_LEAST = 1e-9  # of a direction's components: a ray parallel to a face gets a distance far outside


def ray_box_distances(origins: Tensor, directions: Tensor, box: Tensor) -> tuple[Tensor, Tensor]:
    """Near and far (r,): the distances at which rays enter and leave a box (2, 3), by the slab method.

    origins (r, 3), or (3,) for all rays; directions (r, 3). Near is not behind the origin; both are equal where a ray misses.
    """
    import torch

    safe = torch.where(directions.abs() < _LEAST, torch.full_like(directions, _LEAST), directions)
    first, second = (box[0] - origins) / safe, (box[1] - origins) / safe
    near = torch.minimum(first, second).amax(1).clamp_min(0)
    return near, torch.maximum(near, torch.maximum(first, second).amin(1))
