"""The mesh rasteriser: which triangle each pixel sees, and where on it, differentiable in the vertices.

Visibility (a z-buffer) has engines; everything after it is the same tensor maths on any device. Triangles are handled in
homogeneous form (Olano and Greer, Triangle Scan Conversion using 2D Homogeneous Coordinates, 1997): with the corners a, b, c
in the camera's frame and the pixel's ray d (its z is 1), u = [a b c]^-1 d gives perspective-correct barycentric
coordinates u / sum(u) and the depth 1 / sum(u), and a triangle that reaches behind the camera needs no clipping.
What a pixel sees does not change smoothly where one triangle ends: `antialias` gives that part of the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ....contract import bad_input, bug, missing_resource
from ....scene import Camera
from ..checks import check_mesh
from .visibility_cuda import warp_is_here
from .visibility_torch import visibility_torch

NEAR = 1e-4  # of the farthest vertex: what is nearer to the camera's plane is not drawn
ENGINES = ("auto", "numba", "torch", "warp")


@dataclass(frozen=True, kw_only=True)
class Raster:
    """What the pixels see of a mesh. The n covered pixels in a list; `face`, `barycentric` and `depth` are whole pictures."""

    height: int
    width: int
    pixels: Tensor  # (n,) int64, row * width + column, rising
    faces_seen: Tensor  # (n,) int64
    face: Tensor  # (height, width) int64, -1 where nothing is
    weights: Tensor  # (n, 3) barycentric, perspective-correct, differentiable in the vertices
    depths: Tensor  # (n,) z in the camera's frame, differentiable in the vertices
    inverses: Tensor  # (n, 9) no gradient: [a b c]^-1 of the pixel's triangle, column after column, for footprints
    front: Tensor  # (f,) bool: the face's counter-clockwise side looks at the camera
    engine: str  # what found the visible faces: numba, torch or warp

    @property
    def barycentric(self) -> Tensor:
        """(height, width, 3), 0 where nothing is."""
        return self.spread(self.weights)

    @property
    def depth(self) -> Tensor:
        """(height, width), 0 where nothing is."""
        return self.spread(self.depths[:, None])[..., 0]

    def spread(self, values: Tensor) -> Tensor:
        """(height, width, c) picture of values (n, c) of the covered pixels, 0 elsewhere."""
        empty = values.new_zeros((self.height * self.width, values.shape[1]))
        return empty.index_copy_(0, self.pixels, values).reshape(self.height, self.width, -1)


def rasterise(vertices: Tensor, faces: Tensor, camera: Camera, *, engine: str = "auto") -> Raster:
    """What the camera sees of vertices (v, 3) in the world and faces (f, 3) int64; both sides of a face are drawn.

    `engine` finds the visible faces: numba on the CPU, torch anywhere (the slow twin), warp on CUDA where warp-lang is
    installed; auto takes the quickest. Raises bad input for faces that name no vertex or vertices that are not numbers.
    """
    _check(vertices, faces)
    with torch.no_grad():
        precise = points_in_camera(vertices.detach().double(), camera)
        front = _front(precise, faces)
        nearest = NEAR * float(precise[:, 2].max()) if len(precise) else 0.0
        used, seen = _visible(precise, faces, camera, nearest, engine)
        flat = seen.reshape(-1)
        pixels = torch.nonzero(flat >= 0)[:, 0]
        faces_seen = flat[pixels]
    inverses = _inverses(points_in_camera(vertices, camera), faces, faces_seen)
    across, down = pixel_rays(pixels, camera, vertices)
    parts = inverses[:, :3] * across[:, None] + inverses[:, 3:6] * down[:, None] + inverses[:, 6:]
    depths = 1.0 / (parts[:, 0] + parts[:, 1] + parts[:, 2])
    return Raster(
        height=camera.height,
        width=camera.width,
        pixels=pixels,
        faces_seen=faces_seen,
        face=seen,
        weights=parts * depths[:, None],
        depths=depths,
        inverses=inverses.detach(),
        front=front,
        engine=used,
    )


def interpolate(raster: Raster, faces: Tensor, attributes: Tensor) -> Tensor:
    """(height, width, c) picture of vertex attributes (v, c), 0 where nothing is; differentiable in both."""
    return raster.spread(interpolate_seen(raster, faces, attributes))


def interpolate_seen(raster: Raster, faces: Tensor, attributes: Tensor) -> Tensor:
    """(n, c) vertex attributes (v, c) at the covered pixels."""
    corners = faces.index_select(0, raster.faces_seen)
    first, second, third = (
        attributes.index_select(0, corners[:, i]) * raster.weights[:, i : i + 1].to(attributes.dtype) for i in range(3)
    )
    return first + second + third


def points_in_camera(points: Tensor, camera: Camera) -> Tensor:
    """World points (v, 3) in the camera's frame."""
    matrix = torch.as_tensor(camera.camera_from_world, dtype=points.dtype, device=points.device)
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def pixel_rays(pixels: Tensor, camera: Camera, like: Tensor) -> tuple[Tensor, Tensor]:
    """x (n,) and y (n,) of the rays through the centres of flat pixels (n,), in the camera's frame where z = 1."""
    across = ((pixels % camera.width).to(like.dtype) + (0.5 - camera.centre_x)) / camera.focal_x
    down = (torch.div(pixels, camera.width, rounding_mode="floor").to(like.dtype) + (0.5 - camera.centre_y)) / camera.focal_y
    return across, down


def _inverses(points: Tensor, faces: Tensor, faces_seen: Tensor) -> Tensor:
    """(n, 9) inverses of [a b c], column after column, made once for each visible face.

    Products of differences: in b x c of two almost equal corners half the digits would be lost.
    """
    with torch.no_grad():
        visible = torch.zeros(len(faces), dtype=torch.bool, device=faces.device)
        visible[faces_seen] = True
        kept = torch.nonzero(visible)[:, 0]
        slot = (torch.cumsum(visible, 0) - 1).index_select(0, faces_seen)
        corners = faces.index_select(0, kept)
    a, b, c = (points.index_select(0, corners[:, i]) for i in range(3))
    columns = torch.stack([cross(b, c - b), cross(c, a - c), cross(a, b - a)], 2).reshape(-1, 9)
    volume = (a * cross(b - a, c - a)).sum(1)
    return (columns / volume[:, None]).index_select(0, slot)


def cross(a: Tensor, b: Tensor) -> Tensor:
    """(n, 3) cross products, by columns: several times quicker on a CPU than the library's."""
    ax, ay, az = a.unbind(1)
    bx, by, bz = b.unbind(1)
    return torch.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], 1)


def _front(points: Tensor, faces: Tensor) -> Tensor:
    """(f,) bool. Camera axes are right-handed with z forward, so a face that looks at the camera has a negative volume."""
    a, b, c = (points.index_select(0, faces[:, i]) for i in range(3))
    return (a * cross(b - a, c - a)).sum(1) < 0


def _visible(points: Tensor, faces: Tensor, camera: Camera, nearest: float, engine: str) -> tuple[str, Tensor]:
    """The engine that was used, and (height, width) int64 faces, -1 where nothing is. points (v, 3) float64, camera's frame."""
    if engine == "auto":
        engine = "numba" if points.device.type == "cpu" else ("warp" if warp_is_here() else "torch")
    if engine == "torch":
        return engine, visibility_torch(points, faces, camera, nearest)
    if engine == "numba":
        if points.device.type != "cpu":
            raise bug("numba draws on the CPU only, and the mesh is on another device")
        from ..visibility_numba import visibility_numba

        found = visibility_numba(points.numpy(), faces.numpy(), camera, nearest)
        return engine, torch.from_numpy(found)
    if engine == "warp":
        if not warp_is_here():
            raise missing_resource("warp-lang is not installed", "install it, or choose the engine torch")
        from .visibility_cuda import visibility_warp

        return engine, visibility_warp(points, faces, camera, nearest)
    raise bad_input(f"there is no mesh engine {engine!r}", f"choose one of {', '.join(ENGINES)}")


def _check(vertices: Tensor, faces: Tensor) -> None:
    if faces.dtype != torch.int64:
        raise bug(f"faces are int64, not {faces.dtype}")
    span = (int(faces.min()), int(faces.max())) if faces.numel() else (0, -1)
    check_mesh(vertices.shape, faces.shape, span, bool(torch.isfinite(vertices.detach()).all()))
