"""Rays through random pixels of many pictures: what fits that cannot afford whole pictures look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...scene import View, widened


@dataclass(frozen=True, kw_only=True)
class Rays:
    """n rays and what the pictures show there."""

    origins: Tensor  # (n, 3) world
    directions: Tensor  # (n, 3) world, unit
    colour: Tensor  # (n, 3) straight, sRGB's values
    alpha: Tensor  # (n,) 0 to 1, or -1 where the picture has none: all of it belongs to the scene

    @property
    def premultiplied(self) -> Tensor:
        """(n, 3) colour with alpha multiplied in; unchanged where there is no alpha."""
        return self.colour * torch.where(self.alpha < 0, 1.0, self.alpha)[:, None]


class RayPool:
    """All useful pixels of a set of views, ready to be drawn from. Colours are kept as 8 bits: four bytes a pixel."""

    def __init__(self, views: Sequence[View], *, margin_px: float | None = None, device: torch.device | None = None) -> None:
        """margin_px: leave out pixels farther than this from a view's mask; None keeps all. Nothing is left out of a view
        without alpha, nor of one whose mask is empty."""
        self.device = device or torch.device("cpu")
        values, places, numbers = [], [], []
        for number, view in enumerate(views):
            useful = np.flatnonzero(_useful(view, margin_px))
            values.append(_eight_bits(view)[useful])
            places.append(useful.astype(np.int32))
            numbers.append(np.full(len(useful), number, np.int32))
        order = np.random.default_rng(0).permutation(sum(map(len, places)))  # so that a slice is a random draw: see `draw`
        self._values = torch.from_numpy(np.concatenate(values)[order]).to(self.device)
        self._places = torch.from_numpy(np.concatenate(places)[order]).to(self.device)
        self._views = torch.from_numpy(np.concatenate(numbers)[order]).to(self.device)
        cameras = [view.camera for view in views]
        self._opaque = torch.tensor([view.alpha is None for view in views], device=self.device)
        self._widths = torch.tensor([camera.width for camera in cameras], dtype=torch.int32, device=self.device)
        self._lens = _tensor([[c.focal_x, c.focal_y, c.centre_x, c.centre_y] for c in cameras], self.device)
        self._rotations = _tensor([camera.world_from_camera[:3, :3] for camera in cameras], self.device)
        self._origins = _tensor([camera.position for camera in cameras], self.device)

    def __len__(self) -> int:
        return len(self._places)

    def draw(self, count: int, generator: torch.Generator) -> Rays:
        """`count` rays through random pixels' centres. The generator lives on the CPU, so that devices draw alike.

        Pixels lie in a random order once chosen, and a draw is a stretch of it from a random place on: gathering single
        pixels from all over the memory would take as long as a step of a fit.
        """
        start = int(torch.randint(len(self), (1,), generator=generator))
        return self.rays((start + torch.arange(count, device=self.device)) % len(self))

    def rays(self, choice: Tensor) -> Rays:
        """The rays of useful pixels, given by number (n,) int64, 0 up to the pool's length."""
        view, place = self._views[choice], self._places[choice]
        lens, width = self._lens[view], self._widths[view]
        x = ((place % width).float() + 0.5 - lens[:, 2]) / lens[:, 0]
        y = ((place // width).float() + 0.5 - lens[:, 3]) / lens[:, 1]
        inside = torch.nn.functional.normalize(torch.stack([x, y, torch.ones_like(x)], dim=1), dim=1)
        values = self._values[choice].float() / 255
        return Rays(
            origins=self._origins[view],
            directions=(self._rotations[view] * inside[:, None]).sum(2),
            colour=values[:, :3],
            alpha=torch.where(self._opaque[view], -1.0, values[:, 3]),
        )


def _eight_bits(view: View) -> NDArray[np.uint8]:
    """(h * w, 4) colour and alpha."""
    alpha = np.ones(view.colour.shape[:2], np.float32) if view.alpha is None else view.alpha
    both = np.concatenate([view.colour, alpha[..., None]], axis=2)
    return np.asarray(np.clip(both * 255 + 0.5, 0, 255), np.uint8).reshape(-1, 4)


def _useful(view: View, margin_px: float | None) -> NDArray[np.bool_]:
    """(h * w,)"""
    if view.alpha is None or margin_px is None or not (view.alpha > 0).any():
        return np.ones(view.colour.shape[0] * view.colour.shape[1], bool)
    return widened(view.alpha > 0, margin_px).reshape(-1)


def _tensor(values: object, device: torch.device) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float32, device=device)
