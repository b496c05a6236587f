"""Pictures of a stack of transparent layers: each rendered by itself, then composited over those behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...formats import TexturedMesh
from ...scene import Camera
from .finished_numba import FinishedParts, pyramids_of
from .turntable import GROUND, TURNS_DEG, turntable_camera

Array32 = NDArray[np.float32]

_TEXTURE_PX = 1024  # longer side of a layer's picture in previews


@dataclass(frozen=True)
class FlatLayer:
    """A layer in its place, with its picture (h, w, 4), premultiplied."""

    mesh: TexturedMesh
    picture: Array32
    y: float  # of the layer in the element's frame


def flat_layer(layer: TexturedMesh, rgba: NDArray[np.uint8], y: float) -> FlatLayer:
    """A layer moved to y, its picture (h, w, 4) reduced to what previews need."""
    scale = min(1.0, _TEXTURE_PX / max(rgba.shape[:2]))
    picture = rgba.astype(np.float32) / np.float32(255)
    picture[..., :3] *= picture[..., 3:]
    size = max(1, round(rgba.shape[1] * scale)), max(1, round(rgba.shape[0] * scale))
    small = picture if scale == 1 else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    return FlatLayer(mesh=replace(layer, vertices=layer.vertices + np.array([0, y, 0], np.float32)), picture=small, y=y)


def render_layers(layers: Sequence[FlatLayer], camera: Camera, ground: float, samples: int = 2) -> Array32:
    """(h, w, 3) layers before an even grey ground, composited from the farthest to the nearest, `samples`^2 rays a pixel."""
    return _composited([(layer.y, _finished(layer)) for layer in layers], camera, ground, samples)


def layer_strip(layers: Sequence[FlatLayer], side_px: int, turns_deg: Sequence[float] = TURNS_DEG) -> Array32:
    """(side, n * side, 3) the stack from all these sides, on grey."""
    points = np.concatenate([layer.mesh.vertices for layer in layers])
    finished = [(layer.y, _finished(layer)) for layer in layers]
    tiles = [_composited(finished, turntable_camera(points, side_px, turn_deg)[0], GROUND) for turn_deg in turns_deg]
    return np.concatenate(tiles, axis=1)


def _finished(layer: FlatLayer) -> FinishedParts:
    mesh = layer.mesh
    return FinishedParts(
        vertices=mesh.vertices,
        faces=mesh.faces.astype(np.int64),
        uv=mesh.uv,
        part=np.zeros(len(mesh.faces), np.int64),
        pyramids=pyramids_of([layer.picture]),
    )


def _composited(layers: Sequence[tuple[float, FinishedParts]], camera: Camera, ground: float, samples: int = 2) -> Array32:
    """As `render_layers`, of layers that are ready to draw, each with its y."""
    picture = np.full((camera.height, camera.width, 3), ground, np.float32)
    camera_y = camera.position[1]
    for _, layer in sorted(layers, key=lambda one: -abs(one[0] - camera_y)):
        seen = layer.texture_seen(camera, samples)
        picture = seen[..., :3] + (1 - seen[..., 3:]) * picture
    return np.clip(picture, 0, 1).astype(np.float32)
