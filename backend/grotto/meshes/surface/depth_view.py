"""What fusion asks of one rendered view: how far, how sure and how slanted the surface is at each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import bad_input
from ...scene import Camera, Rendered

SURFACE, NOTHING, UNSURE = np.uint8(0), np.uint8(1), np.uint8(2)
_LEAST_COSINE = 0.1  # faces seen more slanted than 84 degrees say nothing


@dataclass(frozen=True)
class DepthView:
    """One view, ready for the kernels; images are (height, width)."""

    camera: NDArray[np.float64]  # (16,): rows of camera_from_world (12), focal x, y, centre x, y
    state: NDArray[np.uint8]  # SURFACE, NOTHING (surely empty) or UNSURE
    inverse_depth: NDArray[np.float32]
    slant: NDArray[np.float32]  # distance from the surface's plane, for each unit of depth in front of it
    weight: NDArray[np.float32]
    colour: NDArray[np.float32]  # (height, width, 3), straight


def depth_view(
    camera: Camera, rendered: Rendered, truncation: float, least_opacity: float, trust: NDArray[np.float32] | None = None
) -> DepthView:
    """Prepare a view. A pixel is SURFACE where it has depth and opacity, NOTHING where it and its neighbours have little.

    It weighs the squared cosine between ray and normal (Curless and Levoy 1996 weigh the cosine), less where mean and
    median depth disagree by much of the truncation (length): there the ray passes several things; and `trust` times that.
    """
    depth = rendered.depth
    if depth.shape != (camera.height, camera.width) or rendered.opacity.shape != depth.shape:
        raise ValueError(f"a picture of {depth.shape} does not fit a camera of {camera.height} x {camera.width} pixels")
    if not np.isfinite(camera.camera_from_world).all():
        raise bad_input("a camera has values that are no numbers", "mend or leave out that camera")
    solid = np.isfinite(depth) & (depth > 0) & (rendered.opacity >= least_opacity)
    inverse = np.where(solid, 1.0 / np.where(solid, depth, 1.0), 0.0).astype(np.float32)
    slant = _slant(camera, inverse, solid)
    rays = camera.directions()
    if rendered.normal is not None:
        known = np.linalg.norm(rendered.normal, axis=2) > 0.5
        slant = np.where(known, np.abs((rendered.normal * rays).sum(axis=2)), slant)
    cosine = slant / np.linalg.norm(rays, axis=2)
    weight = np.where(cosine > _LEAST_COSINE, cosine**2, 0.0) * np.minimum(rendered.opacity, 1.0)
    if rendered.depth_expected is not None:
        weight = weight / (1.0 + ((rendered.depth_expected - depth) / truncation) ** 2)
    if trust is not None:
        weight = weight * trust
    weight = np.where(solid & np.isfinite(weight), weight, 0.0)
    empty = cv2.erode((~solid & (rendered.opacity < least_opacity)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    matrix = camera.camera_from_world[:3].reshape(-1)
    return DepthView(
        camera=np.array([*matrix, camera.focal_x, camera.focal_y, camera.centre_x, camera.centre_y], np.float64),
        state=np.where(solid & (weight > 0), SURFACE, np.where(empty, NOTHING, UNSURE)).astype(np.uint8),
        inverse_depth=inverse,
        slant=slant.astype(np.float32),
        weight=weight.astype(np.float32),
        colour=(rendered.colour / np.maximum(rendered.opacity, 1e-3)[..., None]).astype(np.float32),
    )


def _slant(camera: Camera, inverse: NDArray[np.float32], solid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The slant from depths alone: on a plane the inverse depth is linear in the pixels, its slope gives the normal.

    Of the slopes to both neighbours the smaller is taken, so that a pixel at a depth's edge belongs to its own side.
    """
    across = _slope(inverse, solid, 1) * np.float32(camera.focal_x)
    down = _slope(inverse, solid, 0) * np.float32(camera.focal_y)
    x = ((np.arange(camera.width) + 0.5 - camera.centre_x) / camera.focal_x).astype(np.float32)[None]
    y = ((np.arange(camera.height) + 0.5 - camera.centre_y) / camera.focal_y).astype(np.float32)[:, None]
    length = np.sqrt(across**2 + down**2 + (inverse - x * across - y * down) ** 2)
    return (inverse / np.maximum(length, 1e-20)).astype(np.float32)


def _slope(inverse: NDArray[np.float32], solid: NDArray[np.bool_], axis: int) -> NDArray[np.float32]:
    step = np.diff(inverse, axis=axis)
    both = np.logical_and(np.take(solid, range(1, solid.shape[axis]), axis), np.take(solid, range(solid.shape[axis] - 1), axis))
    step = np.where(both, step, np.inf)
    edge = np.full_like(np.take(step, [0], axis), np.inf) if step.shape[axis] else np.full_like(inverse, np.inf)
    after, before = np.concatenate([step, edge], axis), np.concatenate([edge, step], axis)
    least = np.where(np.abs(after) < np.abs(before), after, before)
    return np.where(np.isfinite(least), least, 0.0).astype(np.float32)
