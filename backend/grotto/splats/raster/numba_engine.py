"""Compositing on a CPU: the tile kernels as steps that torch differentiates."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .conic_kernels import composite_conics, conic_gradients
from .disc_kernels import composite_discs, disc_gradients
from .footprints import Footprints
from .tile_lists import TileLists, list_tiles, sum_rows


def composite_numba(footprints: Footprints, features: torch.Tensor, reference: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture (h, w, c + 1) for ellipsoids or (h, w, c + 4) for discs, and median depth (h, w); see `compositing`."""
    lists = list_tiles(_array(footprints.depths), footprints.boxes.numpy(), footprints.width, footprints.height)
    inputs = (footprints.centres, footprints.shapes, footprints.depths, footprints.opacities, features)
    if footprints.kind == "3d":
        return _Conics.apply(*inputs, footprints, lists)  # type: ignore[no-untyped-call]
    return _Discs.apply(*inputs, footprints, lists, reference)  # type: ignore[no-untyped-call]


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)


def _tiles(lists: TileLists) -> tuple[Any, ...]:
    return lists.start, lists.splats, lists.across, lists.order


class _Conics(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, centres: Any, shapes: Any, depths: Any, opacities: Any, features: Any, prints: Any, lists: Any) -> Any:
        arrays = tuple(_array(tensor) for tensor in (centres, shapes, opacities, depths, features))
        picture = np.zeros((prints.height, prints.width, features.shape[1] + 1), np.float32)
        median = np.zeros((prints.height, prints.width), np.float32)
        centre, shape, opacity, depth, feature = arrays
        boxes = prints.boxes.numpy()
        composite_conics(*_tiles(lists), centre, shape, opacity, boxes, depth, feature, picture, median)  # type: ignore[call-arg]
        ctx.held = (arrays, boxes, lists, picture)
        made = torch.from_numpy(picture), torch.from_numpy(median)
        ctx.mark_non_differentiable(made[1])
        return made

    @staticmethod
    def backward(ctx: Any, slopes: Any, _median: Any) -> Any:
        (centre, shape, opacity, _depth, feature), boxes, lists, picture = ctx.held
        rows = np.empty((len(lists.splats), 6 + feature.shape[1]), np.float32)
        conic_gradients(*_tiles(lists), centre, shape, opacity, boxes, feature, picture, _array(slopes), rows)  # type: ignore[call-arg]
        total = torch.from_numpy(sum_rows(lists.splats, rows, len(centre)))
        return total[:, :2], total[:, 2:5], None, total[:, 5], total[:, 6:], None, None


class _Discs(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, centres: Any, shapes: Any, depths: Any, opacities: Any, features: Any, prints: Any, lists: Any, reference: float
    ) -> Any:
        arrays = tuple(_array(tensor) for tensor in (centres, shapes, opacities, depths, features))
        picture = np.zeros((prints.height, prints.width, features.shape[1] + 4), np.float32)
        median = np.zeros((prints.height, prints.width), np.float32)
        centre, shape, opacity, depth, feature = arrays
        boxes = prints.boxes.numpy()
        composite_discs(*_tiles(lists), centre, shape, opacity, boxes, depth, feature, reference, picture, median)  # type: ignore[call-arg]
        ctx.held = (arrays, boxes, lists, reference, picture)
        made = torch.from_numpy(picture), torch.from_numpy(median)
        ctx.mark_non_differentiable(made[1])
        return made

    @staticmethod
    def backward(ctx: Any, slopes: Any, _median: Any) -> Any:
        (centre, shape, opacity, depth, feature), boxes, lists, reference, picture = ctx.held
        rows = np.empty((len(lists.splats), 10 + feature.shape[1]), np.float32)
        arguments = (centre, shape, opacity, boxes, depth, feature, reference, picture, _array(slopes), rows)
        disc_gradients(*_tiles(lists), *arguments)  # type: ignore[call-arg]
        total = torch.from_numpy(sum_rows(lists.splats, rows, len(centre)))
        return total[:, :2], total[:, 2:8], total[:, 8], total[:, 9], total[:, 10:], None, None, None
