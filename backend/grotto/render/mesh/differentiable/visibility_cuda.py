"""Visibility on CUDA with NVIDIA Warp, where warp-lang is installed: one thread for each face, nearest by an atomic minimum.

Warp compiles its kernels itself and needs no toolkit of CUDA. Depth and face are packed as in `visibility_torch`, the twin.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from typing import Any

import torch
from torch import Tensor

from ....scene import Camera
from .visibility_torch import NOTHING, face_boxes, face_edges


def warp_is_here() -> bool:
    """Whether warp-lang is installed."""
    return importlib.util.find_spec("warp") is not None


def visibility_warp(points: Tensor, faces: Tensor, camera: Camera, nearest: float) -> Tensor:
    """(height, width) int64: the nearest face of each pixel, -1 where there is none. Arguments as in `visibility_torch`."""
    wp = _warp()
    edges, volume = face_edges(points, faces)
    low, high = face_boxes(points, faces, camera, nearest)
    high = torch.where((volume == 0)[:, None], low, high)
    nearest_of = torch.full((camera.height * camera.width,), NOTHING, dtype=torch.int64, device=points.device)
    lens = wp.vec4d(camera.focal_x, camera.focal_y, camera.centre_x, camera.centre_y)
    arrays = [wp.from_torch(tensor.contiguous()) for tensor in (edges.reshape(-1, 9), volume, low, high, nearest_of)]
    stream = wp.stream_from_torch(torch.cuda.current_stream(points.device)) if points.is_cuda else None
    wp.launch(
        _kernel(),
        dim=len(faces),
        inputs=[*arrays[:4], lens, wp.float64(nearest), camera.width],
        outputs=[arrays[4]],
        device=wp.device_from_torch(points.device),
        stream=stream,
    )
    seen = torch.where(nearest_of == NOTHING, -1, nearest_of & 0xFFFFFFFF)
    return seen.reshape(camera.height, camera.width)


@functools.cache
def _warp() -> Any:
    wp: Any = importlib.import_module("warp")
    wp.config.quiet = True  # no banner on standard output
    wp.init()
    return wp


@functools.cache
def _kernel() -> Any:
    wp = _warp()

    # Parameters are annotated below: annotations here would be text (PEP 563), and Warp wants the types themselves.
    def draw(edges, volume, low, high, lens, nearest, width, nearest_of):  # type: ignore[no-untyped-def]
        face = wp.tid()
        for row in range(int(low[face, 1]), int(high[face, 1])):
            y = (wp.float64(row) + wp.float64(0.5) - lens[3]) / lens[1]
            for column in range(int(low[face, 0]), int(high[face, 0])):
                x = (wp.float64(column) + wp.float64(0.5) - lens[2]) / lens[0]
                e0 = edges[face, 0] * x + edges[face, 1] * y + edges[face, 2]
                e1 = edges[face, 3] * x + edges[face, 4] * y + edges[face, 5]
                e2 = edges[face, 6] * x + edges[face, 7] * y + edges[face, 8]
                if e0 >= wp.float64(0.0) and e1 >= wp.float64(0.0) and e2 >= wp.float64(0.0):
                    z = volume[face] / (e0 + e1 + e2)
                    if z > nearest:
                        bits = wp.int64(wp.cast(wp.float32(z), wp.int32))
                        packed = (bits << wp.int64(32)) | wp.int64(face)
                        wp.atomic_min(nearest_of, row * width + column, packed)

    draw.__annotations__ = {
        "edges": wp.array2d(dtype=wp.float64), "volume": wp.array(dtype=wp.float64), "low": wp.array2d(dtype=wp.int64),
        "high": wp.array2d(dtype=wp.int64), "lens": wp.vec4d, "nearest": wp.float64, "width": int,
        "nearest_of": wp.array(dtype=wp.int64),
    }  # fmt: skip
    return wp.Kernel(func=draw, module=wp.get_module("grotto.render.mesh.visibility_cuda"))
