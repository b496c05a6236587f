"""Visibility in plain torch: the z-buffer's slow twin, which every other engine is tested against. Any device.

Each face is expanded to the pixels of its bounding box; (depth, face) pairs that hit are packed into one integer, whose
smallest value for each pixel is the nearest face, and the lower index where two are equally near.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ....scene import Camera

_PAIRS = 1 << 22  # face-pixel pairs at a time: bounds memory to some hundred MB
NOTHING = (1 << 63) - 1


def visibility_torch(points: Tensor, faces: Tensor, camera: Camera, nearest: float) -> Tensor:
    """(height, width) int64: the nearest face of each pixel, -1 where there is none.

    points (v, 3) float64 in the camera's frame; faces (f, 3) int64; nothing nearer than `nearest` (world units) is drawn.
    """
    edges, volume = face_edges(points, faces)
    low, high = face_boxes(points, faces, camera, nearest)
    size = (high - low).clamp_min(0)
    size[volume == 0] = 0
    ends = torch.cumsum(size[:, 0] * size[:, 1], 0)
    nearest_of = torch.full((camera.height * camera.width,), NOTHING, dtype=torch.int64, device=points.device)
    total = int(ends[-1]) if len(ends) else 0
    for start in range(0, total, _PAIRS):
        pair = torch.arange(start, min(start + _PAIRS, total), device=points.device)
        face = torch.searchsorted(ends, pair, right=True)
        within = pair - (ends[face] - size[face, 0] * size[face, 1])
        column = low[face, 0] + within % size[face, 0]
        row = low[face, 1] + torch.div(within, size[face, 0], rounding_mode="floor")
        x = (column.double() + 0.5 - camera.centre_x) / camera.focal_x
        y = (row.double() + 0.5 - camera.centre_y) / camera.focal_y
        e0, e1, e2 = (edges[face, i, 0] * x + edges[face, i, 1] * y + edges[face, i, 2] for i in range(3))
        depth = volume[face] / (e0 + e1 + e2)
        hit = (e0 >= 0) & (e1 >= 0) & (e2 >= 0) & (depth > nearest)
        # The bits of a positive float are in the order of its values.
        bits = depth[hit].float().view(torch.int32).to(torch.int64)
        nearest_of.scatter_reduce_(0, (row * camera.width + column)[hit], (bits << 32) | face[hit], "amin")
    seen = torch.where(nearest_of == NOTHING, -1, nearest_of & 0xFFFFFFFF)
    return seen.reshape(camera.height, camera.width)


def face_edges(points: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Edge functions (f, 3, 3), each not negative for rays inside, and volumes (f,): depth is volume / sum of the three.

    Signs are turned so that both sides of a face are drawn.
    """
    a, b, c = (points.index_select(0, faces[:, i]) for i in range(3))
    edges = torch.stack([torch.linalg.cross(b, c), torch.linalg.cross(c, a), torch.linalg.cross(a, b)], 1)
    volume = (a * torch.linalg.cross(b - a, c - a)).sum(1)
    return edges * torch.sign(volume)[:, None, None], volume.abs()


def face_boxes(points: Tensor, faces: Tensor, camera: Camera, nearest: float) -> tuple[Tensor, Tensor]:
    """First and one past the last (column, row), each (f, 2) int64, of the pixels whose centres may lie in the faces.

    What lies behind the near plane is cut off: there the outline also runs through the edges' crossings with the plane.
    """
    corners = points[faces]
    following = corners.roll(-1, 1)
    drop = following[..., 2] - corners[..., 2]
    part = (nearest - corners[..., 2]) / torch.where(drop == 0, 1.0, drop)
    crossing = corners + part[..., None] * (following - corners)
    crosses = (corners[..., 2] > nearest) != (following[..., 2] > nearest)
    outline = torch.cat([corners, crossing], 1)  # (f, 6, 3)
    counts = torch.cat([corners[..., 2] > nearest, crosses], 1)
    z = torch.where(counts, outline[..., 2], 1.0)
    x = camera.focal_x * outline[..., 0] / z + camera.centre_x
    y = camera.focal_y * outline[..., 1] / z + camera.centre_y
    lowest, highest = [], []
    for values, most in ((x, camera.width), (y, camera.height)):
        least = torch.where(counts, values, float("inf")).amin(1).clamp(-1.0, most + 1.0)
        greatest = torch.where(counts, values, float("-inf")).amax(1).clamp(-1.0, most + 1.0)
        lowest.append(torch.ceil(least - 0.5).clamp_min(0))
        highest.append(torch.floor(greatest - 0.5).clamp_max(most - 1) + 1)
    return torch.stack(lowest, 1).to(torch.int64), torch.stack(highest, 1).to(torch.int64)
