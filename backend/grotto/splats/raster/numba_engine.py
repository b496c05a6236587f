"""Compositing on a CPU: the tile kernels as functions that torch differentiates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .conic_kernels import composite_conics, conic_gradients
from .disc_kernels import composite_discs, disc_gradients
from .footprints import Footprints
from .tile_lists import TileSplats, list_tiles, sum_rows


def composite_numba(footprints: Footprints, features: torch.Tensor, reference: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture (h, w, c + 1) for ellipsoids or (h, w, c + 4) for discs, and median depth (h, w); see `compositing`."""
    lists = list_tiles(_array(footprints.depths), footprints.boxes.numpy(), footprints.width, footprints.height)
    inputs = (footprints.centres, footprints.shapes, footprints.depths, footprints.opacities, features)
    if footprints.kind == "3d":
        return _conics(*inputs, footprints, lists)
    return _discs(*inputs, footprints, lists, reference)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)


def _splats(inputs: tuple[torch.Tensor, ...], footprints: Footprints) -> TileSplats:
    """Centres, shapes, depths, opacities and features as the kernels take them."""
    centres, shapes, depths, opacities, features = (_array(tensor) for tensor in inputs)
    return TileSplats(centres, shapes, opacities, footprints.boxes.numpy(), depths, features)


class _Conics(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[torch.Tensor, torch.Tensor]:
        footprints, lists = inputs[5:]
        splats = _splats(inputs[:5], footprints)
        picture = np.zeros((footprints.height, footprints.width, splats.features.shape[1] + 1), np.float32)
        median = np.zeros((footprints.height, footprints.width), np.float32)
        composite_conics(lists, splats, picture, median)
        ctx.saved = splats, lists, picture
        outputs = torch.from_numpy(picture), torch.from_numpy(median)
        ctx.mark_non_differentiable(outputs[1])
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        splats, lists, picture = ctx.saved
        rows = np.empty((len(lists.splats), 6 + splats.features.shape[1]), np.float32)
        conic_gradients(lists, splats, picture, _array(gradients[0]), rows)
        total = torch.from_numpy(sum_rows(lists.splats, rows, len(splats.centres)))
        return total[:, :2], total[:, 2:5], None, total[:, 5], total[:, 6:], None, None


class _Discs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[torch.Tensor, torch.Tensor]:
        footprints, lists, reference = inputs[5:]
        splats = _splats(inputs[:5], footprints)
        picture = np.zeros((footprints.height, footprints.width, splats.features.shape[1] + 4), np.float32)
        median = np.zeros((footprints.height, footprints.width), np.float32)
        composite_discs(lists, splats, reference, picture, median)
        ctx.saved = splats, lists, reference, picture
        outputs = torch.from_numpy(picture), torch.from_numpy(median)
        ctx.mark_non_differentiable(outputs[1])
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        splats, lists, reference, picture = ctx.saved
        rows = np.empty((len(lists.splats), 10 + splats.features.shape[1]), np.float32)
        disc_gradients(lists, splats, reference, picture, _array(gradients[0]), rows)
        total = torch.from_numpy(sum_rows(lists.splats, rows, len(splats.centres)))
        return total[:, :2], total[:, 2:8], total[:, 8], total[:, 9], total[:, 10:], None, None, None


_Applied = Callable[..., tuple[torch.Tensor, torch.Tensor]]
_conics: _Applied = _Conics.apply
_discs: _Applied = _Discs.apply
