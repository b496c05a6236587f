"""Textures on rasterised meshes: bilinear look-ups in a pyramid, its level chosen by the pixel's footprint.

The level is OpenGL's (specification 4.6, section 8.14.1): the logarithm of the longer side of a pixel, in texels. Texture
coordinates begin at the texture's top left corner, u right, v down, 0 to 1; outside the edge texel is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ....scene import Camera
from .raster import Raster, interpolate_seen


def texture_pyramid(texture: Tensor) -> list[Tensor]:
    """The texture (h, w, c) and ever smaller averages of it, down to one texel; differentiable."""
    levels = [texture]
    while max(levels[-1].shape[:2]) > 1:
        levels.append(half_texture(levels[-1]))
    return levels


def half_texture(texture: Tensor) -> Tensor:
    """The next level of a texture (h, w, c): means of two by two texels, of fewer at an odd end; differentiable."""
    image = texture.permute(2, 0, 1)[None]
    window = (2 if image.shape[2] > 1 else 1, 2 if image.shape[3] > 1 else 1)
    return torch.nn.functional.avg_pool2d(image, window, ceil_mode=True)[0].permute(1, 2, 0)


def texture_level(raster: Raster, faces: Tensor, uv: Tensor, camera: Camera, texels: tuple[int, int]) -> Tensor:
    """(n,) levels, not whole, for the raster's covered pixels; no gradient. uv (v, 2); texels: height and width."""
    with torch.no_grad():
        corners = uv.index_select(0, faces.index_select(0, raster.faces_seen).reshape(-1)).reshape(-1, 3, 2)
        size = uv.new_tensor([texels[1], texels[0]])
        columns = raster.inverses.reshape(-1, 3, 3)
        here = (raster.weights[:, :, None] * corners).sum(1)
        # u(d) = inverse @ d is linear in the ray d, and weights are u / sum(u): the quotient rule, for each column.
        change = (columns[:, :2, :, None] * (corners - here[:, None])[:, None]).sum(2) * raster.depths[:, None, None]
        per_pixel = change * size / change.new_tensor([camera.focal_x, camera.focal_y])[:, None]
        return torch.log2(per_pixel.norm(dim=2).amax(1).clamp_min(1e-12)).clamp(0, None)


def sample_texture(pyramid: Sequence[Tensor], uv: Tensor, level: Tensor) -> Tensor:
    """(n, c) colours at uv (n, 2) and levels (n,) of `texture_level`, linear within and between levels.

    Differentiable in the pyramid and in uv. A pyramid of one level is plain bilinear look-up.
    """
    if len(pyramid) == 1:
        return _bilinear(pyramid[0], uv)
    level = level.clamp(0, len(pyramid) - 1 - 1e-4)
    lower = level.floor().to(torch.int64)
    part = (level - lower)[:, None]
    colour = uv.new_zeros((len(uv), pyramid[0].shape[2]))
    for index in torch.unique(lower).tolist():
        here = torch.nonzero(lower == index)[:, 0]
        fine, coarse = _bilinear(pyramid[index], uv[here]), _bilinear(pyramid[index + 1], uv[here])
        colour = colour.index_add(0, here, fine + part[here] * (coarse - fine))
    return colour


def sample_raster(pyramid: Sequence[Tensor], raster: Raster, faces: Tensor, uv: Tensor, camera: Camera) -> Tensor:
    """(n, c) texture colours of the raster's covered pixels; uv (v, 2) belong to the vertices."""
    height, width = pyramid[0].shape[:2]
    level = texture_level(raster, faces, uv, camera, (height, width))
    return sample_texture(pyramid, interpolate_seen(raster, faces, uv), level)


def _bilinear(texture: Tensor, uv: Tensor) -> Tensor:
    taps, weights = bilinear_taps(uv, texture.shape[0], texture.shape[1])
    flat = texture.reshape(-1, texture.shape[2])
    looked_up = flat.index_select(0, taps.reshape(-1)).reshape(len(uv), 4, -1)
    return (looked_up * weights[..., None]).sum(1)


def bilinear_taps(uv: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Flat texels (n, 4) int64 and weights (n, 4) of look-ups at uv (n, 2); texel centres are at halves."""
    x = (uv[:, 0] * width - 0.5).clamp(0, width - 1)
    y = (uv[:, 1] * height - 0.5).clamp(0, height - 1)
    left, top = x.detach().floor(), y.detach().floor()
    right, down = x - left, y - top
    column, row = left.to(torch.int64), top.to(torch.int64)
    next_column, next_row = (column + 1).clamp_max(width - 1), (row + 1).clamp_max(height - 1)
    taps = torch.stack(
        [row * width + column, row * width + next_column, next_row * width + column, next_row * width + next_column], 1
    )
    weights = torch.stack([(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down], 1)
    return taps, weights
