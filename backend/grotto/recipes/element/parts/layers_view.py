"""Pictures of a stack of layers: each drawn by itself, then laid over those behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ....formats import TexturedMesh
from ....render.mesh import rasterise, sample_raster, texture_pyramid
from ....scene import Camera
from ..cameras import as_painted, preview_camera
from ..cut import CutElement

Array32 = NDArray[np.float32]

_TEXTURE_PX = 1024  # of what is drawn
_GROUND = 0.82


@dataclass(frozen=True)
class FlatLayer:
    """A layer in its place, with its picture (h, w, 4) as colours times their opacity, and that."""

    mesh: TexturedMesh
    picture: Array32
    y: float


def flat_layer(layer: TexturedMesh, rgba: NDArray[np.uint8], y: float) -> FlatLayer:
    """A layer at y of the element's frame, its picture (h, w, 4) reduced to what previews need."""
    part = min(1.0, _TEXTURE_PX / max(rgba.shape[:2]))
    picture = rgba.astype(np.float32) / np.float32(255)
    picture[..., :3] *= picture[..., 3:]
    size = max(1, round(rgba.shape[1] * part)), max(1, round(rgba.shape[0] * part))
    small = picture if part == 1 else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    return FlatLayer(mesh=replace(layer, vertices=layer.vertices + np.array([0, y, 0], np.float32)), picture=small, y=y)


@torch.no_grad()
def composed(layers: Sequence[FlatLayer], camera: Camera, ground: float, samples: int = 2) -> Array32:
    """(h, w, 3) what a camera sees of layers before an even grey ground, `samples` by `samples` for each pixel."""
    made = np.full((camera.height, camera.width, 3), ground, np.float32)
    fine = camera.resized(camera.width * samples, camera.height * samples)
    before = camera.position[1]
    for layer in sorted(layers, key=lambda one: -abs(one.y - before)):
        vertices, faces = torch.from_numpy(layer.mesh.vertices), torch.from_numpy(layer.mesh.faces.astype(np.int64))
        raster = rasterise(vertices, faces, fine)
        pyramid = texture_pyramid(torch.from_numpy(layer.picture))
        seen = raster.spread(sample_raster(pyramid, raster, faces, torch.from_numpy(layer.mesh.uv), fine)).numpy()
        mean = seen.reshape(camera.height, samples, camera.width, samples, 4).mean((1, 3))
        made = mean[..., :3] + (1 - mean[..., 3:]) * made
    return np.clip(made, 0, 1).astype(np.float32)


def stack_strip(layers: Sequence[FlatLayer], side_px: int, turns_deg: tuple[int, ...]) -> Array32:
    """(side, n * side, 3) the stack from all these sides, on grey."""
    points = np.concatenate([layer.mesh.vertices for layer in layers])
    tiles = [composed(layers, preview_camera(points, side_px, turn_deg)[0], _GROUND) for turn_deg in turns_deg]
    return np.concatenate(tiles, axis=1)


def over_white(
    layers: Sequence[FlatLayer], cut: CutElement, scale_px_per_m: float, origin_px: tuple[float, float], side_px: int
) -> tuple[Array32, Array32]:
    """The stack seen as the picture sees it, and the cut-out picture, both in a white square of `side_px`."""
    camera, truth = as_painted(cut, cut.alpha(), scale_px_per_m, origin_px, side_px)
    return composed(layers, camera, 1.0), truth
