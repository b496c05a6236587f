"""A picture laid over a finished texture, where its camera sees the surface."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...formats import TexturedMesh
from ...photos import embedded_picture
from ...scene import Camera, RayCaster
from .surface_maps import TextureSpace

Array32 = NDArray[np.float32]

_FACING = (0.3, 0.6)  # cosines between which the picture fades in: at glancing angles it would smear
_RIM_PX = 3.0  # of the picture, over which it fades in from its own outline
_HIDDEN = 5e-3  # of the distance: a surface so much nearer hides the place


def overlaid_texture(mesh: TexturedMesh, colour: Array32, alpha: Array32, camera: Camera) -> tuple[NDArray[np.uint8], float]:
    """The mesh's texture (side, side, 3) with a picture (h, w, 3) over it, and the part of the texture that shows the picture.

    alpha: (h, w) the picture's opacity. camera: took the picture.
    """
    texture = np.asarray(embedded_picture(mesh.texture).convert("RGB"), np.float32) / 255
    space = TextureSpace(mesh.faces, mesh.uv, texture.shape[0])
    weight, pixels = _weights(mesh, space.at_texels(mesh.vertices), space.at_texels(mesh.normals), alpha, camera)
    shown = np.flatnonzero(weight > 0)
    if not len(shown):
        return (texture * 255 + 0.5).astype(np.uint8), 0.0
    flat = texture.reshape(-1, 3).copy()
    texels = space.covered[shown]
    flat[texels] += weight[shown, None] * (_bilinear(colour, pixels[shown]) - flat[texels])
    return (np.clip(flat, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(texture.shape), float((weight > 0.5).mean())


def _weights(
    mesh: TexturedMesh, points: Array32, normals: Array32, alpha: Array32, camera: Camera
) -> tuple[Array32, NDArray[np.float64]]:
    """Weights (k,) of the picture at points (k, 3) of the surface, and where these lie in the picture (k, 2) px."""
    height, width = alpha.shape
    pixels, depth = camera.project(points.astype(np.float64))
    rays = points - camera.position
    length = np.linalg.norm(rays, axis=1)
    cosine = -(rays * normals).sum(1) / np.maximum(length * np.linalg.norm(normals, axis=1), 1e-12)
    weight = np.clip((cosine - _FACING[0]) / (_FACING[1] - _FACING[0]), 0, 1)
    inside = (depth > 0) & (pixels >= 0).all(1) & (pixels < [width, height]).all(1)
    weight[~inside] = 0
    from_rim = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    column, row = (np.clip(pixels[:, axis].astype(int), 0, size - 1) for axis, size in ((0, width), (1, height)))
    weight *= np.clip(np.asarray(from_rim)[row, column] / _RIM_PX, 0, 1)
    some = np.flatnonzero(weight > 0)
    hits = RayCaster(mesh.vertices, mesh.faces).first(camera.position, rays[some])
    weight[some[hits.distance < 1 - _HIDDEN]] = 0
    return weight.astype(np.float32), pixels


def _bilinear(picture: Array32, pixels: NDArray[np.float64]) -> Array32:
    """The picture (h, w, 3) at places (k, 2) px, between its pixels."""
    height, width = picture.shape[:2]
    x, y = np.clip(pixels[:, 0] - 0.5, 0, width - 1.001), np.clip(pixels[:, 1] - 0.5, 0, height - 1.001)
    left, top = x.astype(int), y.astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    u, v = (x - left)[:, None], (y - top)[:, None]
    upper = picture[top, left] * (1 - u) + picture[top, right] * u
    lower = picture[bottom, left] * (1 - u) + picture[bottom, right] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)
