"""Antialiasing of silhouettes by scanning edges: what makes a picture smooth in the vertices where one surface ends.

The mesh's edges are listed once. Each frame the silhouettes among them (one face looks at the camera, the other away; or
only one face) are expanded to the rows they cross (steep ones) or columns (flat ones). Each crossing lies between two pixel
centres; the pixel that the edge runs through takes the part of its neighbour's colour that an area average would give it,
so the gradient of the colours reaches the two ends of the edge. It differs from Laine et al., Modular Primitives for
High-Performance Differentiable Rendering, 2020, section 3.4, which looks for edges at the triangles that pixel centres
see, and so misses silhouettes when triangles are as small as pixels.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ....scene import Camera
from .edges import Edges
from .raster import NEAR, Raster, points_in_camera


def antialias(image: Tensor, raster: Raster, vertices: Tensor, faces: Tensor, edges: Edges, camera: Camera) -> Tensor:
    """The image (h, w, c) with its silhouettes blended; differentiable in the image and the vertices (v, 3) world.

    The image is what the raster shows, before any background is put under it, or after; add opacity as a channel to have it
    antialiased alike. `edges` belong to `faces`.
    """
    height, width = raster.height, raster.width
    flat = image.reshape(height * width, -1)
    points = points_in_camera(vertices, camera)
    with torch.no_grad():
        depth = flat.new_full((height * width,), math.inf).index_copy_(0, raster.pixels, raster.depths.detach().to(flat.dtype))
        chosen = _silhouettes(raster, edges)
        ends_of = edges.vertices.index_select(0, chosen)
    ends = points.index_select(0, ends_of.reshape(-1)).reshape(-1, 2, 3)
    nearest = NEAR * float(points.detach()[:, 2].max()) if len(points) else 0.0
    before = (ends.detach()[..., 2] > nearest).all(1)
    ends, ends_of = ends[before], ends_of[before]
    x = camera.focal_x * ends[..., 0] / ends[..., 2] + camera.centre_x
    y = camera.focal_y * ends[..., 1] / ends[..., 2] + camera.centre_y
    nearness = 1.0 / ends.detach()[..., 2]
    lengths = (ends[:, 1] - ends[:, 0]).detach().norm(dim=1)
    with torch.no_grad():
        steep = (y[:, 1] - y[:, 0]).abs() >= (x[:, 1] - x[:, 0]).abs()
        # A sphere as wide as the picture falls away by this many pixels' width within one pixel of its rim.
        slack = math.sqrt(max(height, width)) / min(camera.focal_x, camera.focal_y)
    shown = _Shown(depth, raster.face.reshape(-1), faces, slack)
    flatter = ~steep
    across = _Scan(x[steep], y[steep], nearness[steep], ends_of[steep], lengths[steep])
    down = _Scan(y[flatter], x[flatter], nearness[flatter], ends_of[flatter], lengths[flatter])
    found = [
        _crossings(across, _Lines(width, height, 1, width), shown),
        _crossings(down, _Lines(height, width, width, 1), shown),
    ]
    pixel, following, beyond = (torch.cat(parts) for parts in zip(*found, strict=True))
    pair = flat.index_select(0, torch.cat([pixel, following]))
    change = (pair[: len(pixel)] - pair[len(pixel) :]) * beyond[:, None]
    return flat.index_add(0, torch.where(beyond.detach() < 0, pixel, following), change).reshape(image.shape)


class _Lines(NamedTuple):
    """Rows, or columns, as lines of pixels."""

    length: int  # pixels on a line
    amount: int  # of lines
    step: int  # in flat indices, from pixel to pixel on a line
    stride: int  # from line to line


class _Scan(NamedTuple):
    """Silhouettes as the lines meet them."""

    along: Tensor  # (e, 2) px, both ends' places on the lines
    across: Tensor  # (e, 2) px, from line to line
    nearness: Tensor  # (e, 2) 1 / z
    ends: Tensor  # (e, 2) vertices
    lengths: Tensor  # (e,) world


class _Shown(NamedTuple):
    """What the pixels show, in flat order."""

    depth: Tensor  # (h * w,) infinite where nothing is
    face: Tensor  # (h * w,) -1 where nothing is
    corners: Tensor  # (f, 3) vertices of the faces
    slack: float  # how much nearer than its rim a surface may be in the next pixel, in parts of the depth


def _silhouettes(raster: Raster, edges: Edges) -> Tensor:
    """Indices of edges between a face that looks at the camera and one that does not, or with no second face."""
    first = raster.front.index_select(0, edges.faces[:, 0])
    second = raster.front.index_select(0, edges.faces[:, 1].clamp_min(0))
    return torch.nonzero((first != second) | edges.open)[:, 0]


def _crossings(scan: _Scan, lines: _Lines, shown: _Shown) -> tuple[Tensor, Tensor, Tensor]:
    """Where silhouettes cross lines of pixels: pixels (k,) before and after, and how far (k,) beyond their border, px.

    The border is between two pixels whose centres lie on either side of the crossing, so it is -0.5 to 0.5 beyond.
    """
    along, across = scan.along, scan.across
    with torch.no_grad():
        low, high = across.amin(1), across.amax(1)
        first = torch.ceil(low - 0.5).clamp(0, lines.amount)  # lines whose centres lie in [low, high)
        crossed = (torch.ceil(high - 0.5).clamp(0, lines.amount) - first).to(torch.int64)
        edge = torch.repeat_interleave(torch.arange(len(first), device=along.device), crossed)
        before = torch.cumsum(crossed, 0) - crossed
        line = first[edge].to(torch.int64) + torch.arange(len(edge), device=along.device) - before[edge]
        part = (line + 0.5 - across[edge, 0]) / (across[edge, 1] - across[edge, 0])
        place = along[edge, 0] + part * (along[edge, 1] - along[edge, 0])
        left = torch.floor(place - 0.5)
        z = 1.0 / (scan.nearness[edge, 0] + part * (scan.nearness[edge, 1] - scan.nearness[edge, 0]))
        inside = (left >= 0) & (left < lines.length - 1)
        edge, line, left, z = edge[inside], line[inside], left[inside].to(torch.int64), z[inside]
        pixel = line * lines.stride + left * lines.step
        kept = _nearest_visible(pixel, pixel + lines.step, z, z * (1 - shown.slack) - scan.lengths[edge], scan.ends[edge], shown)
        edge, line, left, pixel = edge[kept], line[kept], left[kept], pixel[kept]
    along, across = along.index_select(0, edge), across.index_select(0, edge)
    tilt = (along[:, 1] - along[:, 0]) / (across[:, 1] - across[:, 0])
    place = along[:, 0] + (line + 0.5 - across[:, 0]) * tilt
    return pixel, pixel + lines.step, place - (left + 1)


def _nearest_visible(pixel: Tensor, following: Tensor, z: Tensor, front: Tensor, ends: Tensor, shown: _Shown) -> Tensor:
    """Indices of the crossings (k,) that are seen, at most one for each pair of pixels: the nearest.

    An edge is seen where one of the two pixels shows what is farther, and the other a face that touches the edge, or, where
    faces are as small as pixels, a surface behind `front` (k,): near enough to be the edge's.
    """
    here, there = shown.depth[pixel], shown.depth[following]
    faces = torch.stack([shown.face[pixel], shown.face[following]], 1)
    corners = torch.where((faces >= 0)[..., None], shown.corners[faces.clamp_min(0)], -1)
    own = (corners.reshape(-1, 6, 1) == ends[:, None, :]).any(2).any(1)
    own |= torch.minimum(here, there) > front
    seen = torch.nonzero(own & (torch.maximum(here, there) > z))[:, 0]
    seen = seen[torch.argsort(z[seen], stable=True)]
    seen = seen[torch.argsort(pixel[seen], stable=True)]
    first = torch.ones_like(seen, dtype=torch.bool)
    first[1:] = pixel[seen[1:]] != pixel[seen[:-1]]
    return seen[first]
