"""The texture that re-renders closest to the views: least squares by conjugate gradients, from a given texture.

What a pixel shows is linear in the texels: S t, with S the look-ups of `sample_texture`, levels included. The change d of the
texture minimises |S (t + d) - p|^2 + tie |d|^2 over all pixels p of the views (Shewchuk, An Introduction to the Conjugate
Gradient Method, 1994, section 14, on the normal equations), so what no view shows, and detail finer than any view's pixels,
stay as they were given. Where the look depends on the view, this is the mean over the views: the diffuse for glTF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import Progress, bad_input
from ...render.mesh.differentiable import (
    Raster,
    bilinear_taps,
    half_texture,
    interpolate_seen,
    rasterise,
    sample_texture,
    texture_level,
)
from ...scene import View

_TIE = 3e-3  # pixels' worth, for each texel
_INNER = 0.99  # alpha from which a pixel shows the subject alone
_JUMP = 0.02  # of the depth: neighbours farther apart than this belong to different surfaces
_MOST_PIXELS = 60_000_000  # of all views together: 24 bytes each


@dataclass(frozen=True)
class Look:
    """What one view shows of the texture."""

    uv: Tensor  # (n, 2)
    level: Tensor  # (n,)
    colour: Tensor  # (n, 3) the view's


def fit_texture(
    vertices: NDArray[np.floating], faces: NDArray[np.integer], uv: NDArray[np.floating], texture: NDArray[np.floating],
    views: Sequence[View], steps: int, report: Progress,
) -> NDArray[np.float32]:  # fmt: skip
    """The texture (h, w, 3), sRGB's values 0 to 1, after `steps` of conjugate gradients from `texture`.

    vertices (v, 3) world, faces (m, 3), uv (v, 2) from the top left. Pixels at the rims of surfaces do not count. Where the
    views have more pixels than memory allows, an even choice of them is taken and a note says so.
    """
    if texture.ndim != 3 or texture.shape[2] != 3 or len(uv) != len(vertices):
        raise bad_input("the texture or its coordinates do not fit the mesh", "unwrap the mesh again")
    if steps <= 0 or not views:
        return np.asarray(texture, np.float32)
    places = torch.from_numpy(np.ascontiguousarray(vertices, np.float32))
    corners = torch.from_numpy(faces.astype(np.int64))
    where = torch.from_numpy(np.ascontiguousarray(uv, np.float32))
    given = torch.from_numpy(np.ascontiguousarray(texture, np.float32))
    with torch.no_grad():
        chosen = _affordable(views, report)
        looks = []
        for index, view in enumerate(chosen):
            report(0.2 * index / len(chosen), f"texture: view {index + 1} of {len(chosen)}")
            looks.append(_look(places, corners, where, view, (given.shape[0], given.shape[1])))
        return _solved(given, [look for look in looks if len(look.uv)], steps, report)


def _solved(given: Tensor, looks: list[Look], steps: int, report: Progress) -> NDArray[np.float32]:
    if not looks:
        return np.asarray(given.numpy())
    highest = max(float(look.level.max()) for look in looks)
    start = _pyramid(given, highest)
    side = adjoint([(look, look.colour - sample_texture(start, look.uv, look.level)) for look in looks], start)
    change = torch.zeros_like(given)
    residual, direction = side, side.clone()
    size = float((residual**2).sum())
    first = size
    for step in range(steps):
        report(0.2 + 0.8 * step / steps, f"texture: step {step + 1} of {steps}")
        if size <= 1e-12 * max(first, 1e-30):
            break
        levels = _pyramid(direction, highest)
        products = []
        for look in looks:
            report.check()
            products.append((look, sample_texture(levels, look.uv, look.level)))
        curved = adjoint(products, levels) + _TIE * direction
        stride = size / float((direction * curved).sum())
        change += stride * direction
        residual = residual - stride * curved
        new = float((residual**2).sum())
        direction = residual + (new / size) * direction
        size = new
    report(1.0, "texture: done")
    return np.asarray((given + change).clamp(0, 1).numpy(), np.float32)


def _pyramid(texture: Tensor, highest: float) -> list[Tensor]:
    """The levels that are looked up."""
    levels = [texture]
    while len(levels) < highest + 2 and max(levels[-1].shape[:2]) > 1:
        levels.append(half_texture(levels[-1]))
    return levels


def adjoint(values: list[tuple[Look, Tensor]], levels: list[Tensor]) -> Tensor:
    """S' of the values (n, 3) of each look: what each texel receives, (h, w, 3)."""
    sums = [torch.zeros_like(level).reshape(-1, 3) for level in levels]
    for look, value in values:
        level = look.level.clamp(0, max(0.0, len(levels) - 1 - 1e-4))
        lower = level.floor().to(torch.int64)
        part = level - lower
        for index in torch.unique(lower).tolist():
            here = torch.nonzero(lower == index)[:, 0]
            for number, share in ((index, 1 - part[here]), (index + 1, part[here])):
                if number < len(levels):
                    taps, weights = bilinear_taps(look.uv[here], levels[number].shape[0], levels[number].shape[1])
                    spread = (weights * share[:, None])[..., None] * value[here][:, None]
                    sums[number].index_add_(0, taps.reshape(-1), spread.reshape(-1, 3))
    total = sums[-1].reshape(levels[-1].shape)
    for number in range(len(levels) - 2, -1, -1):
        with torch.enable_grad():
            finer = torch.zeros_like(levels[number]).requires_grad_()
            (received,) = torch.autograd.grad(half_texture(finer), finer, total)
        total = received + sums[number].reshape(levels[number].shape)
    return total


def _look(vertices: Tensor, faces: Tensor, uv: Tensor, view: View, texels: tuple[int, int]) -> Look:
    raster = rasterise(vertices, faces, view.camera)
    inner = torch.from_numpy(_inner(raster, view))[raster.pixels]
    level = texture_level(raster, faces, uv, view.camera, texels)[inner]
    colour = torch.from_numpy(np.ascontiguousarray(view.colour.reshape(-1, 3)))[raster.pixels[inner]]
    return Look(interpolate_seen(raster, faces, uv)[inner], level, colour)


def _inner(raster: Raster, view: View) -> NDArray[np.bool_]:
    """(h * w,) pixels whose eight neighbours show the same surface, and the subject alone."""
    depth = raster.depth.numpy()
    window = np.ones((3, 3), np.uint8)
    inner = cv2.erode(depth, window, borderType=cv2.BORDER_REPLICATE) > 0
    farthest = cv2.dilate(depth, window, borderType=cv2.BORDER_REPLICATE)
    nearest = cv2.erode(depth, window, borderType=cv2.BORDER_REPLICATE)
    inner &= farthest - nearest < 2 * _JUMP * depth
    if view.alpha is not None:
        inner &= view.alpha >= _INNER
    return np.asarray(inner.reshape(-1), np.bool_)


def _affordable(views: Sequence[View], report: Progress) -> list[View]:
    pixels = sum(view.camera.width * view.camera.height for view in views)
    if pixels <= _MOST_PIXELS:
        return list(views)
    count = max(1, int(len(views) * _MOST_PIXELS / pixels))
    report.note(f"the texture was fitted to {count} of {len(views)} views, which is what memory allows")
    return [views[i] for i in np.linspace(0, len(views) - 1, count).round().astype(int)]
