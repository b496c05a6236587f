"""Points with normals on the surface of splats, for what makes meshes of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress, Silent, bad_input
from ...scene import Camera, Region, Rendered
from ..gaussians import Gaussians, rotation_matrices
from ..store import render_splats
from .density import density, nearest_splats

LEVEL = 0.3  # of density: SuGaR, section 4.2
_SAMPLES = 21  # along each ray
_REACH = 3.0  # standard deviations of the nearest splat, to both sides of the rendered depth
_PART = 4096  # rays at a time
_LEAST_OPACITY = 0.5


@dataclass(frozen=True, kw_only=True)
class OrientedPoints:
    """n points of a surface in the world."""

    points: NDArray[np.float32]  # (n, 3)
    normals: NDArray[np.float32]  # (n, 3) unit, outwards
    colours: NDArray[np.float32]  # (n, 3) sRGB's values, 0 to 1


def surface_points(
    gaussians: Gaussians,
    cameras: Sequence[Camera],
    *,
    region: Region | None = None,
    level: float = LEVEL,
    most: int = 200_000,
    seed: int = 0,
    report: Progress | None = None,
) -> OrientedPoints:
    """At most `most` points, spread evenly over the cameras' pictures, inside of the region.

    Ellipsoids (SuGaR, section 4.2): along the ray of a pixel, near the rendered depth, the first place where the density reaches
    `level`; the normal is against its gradient. Discs: the rendered depth and normal themselves.

    Raises a bad-input problem where no camera sees a surface.
    """
    report = report or Silent()
    random = np.random.default_rng(seed)
    parts: list[OrientedPoints] = []
    for number, camera in enumerate(cameras):
        report(number / len(cameras), f"surface seen by camera {number + 1} of {len(cameras)}")
        rendered = render_splats(gaussians, camera)
        rows, columns = np.nonzero((rendered.opacity >= _LEAST_OPACITY) & (rendered.depth > 0))
        chosen = random.permutation(len(rows))[: -(-most // len(cameras))]
        for start in range(0, len(chosen), _PART):
            part = chosen[start : start + _PART]
            parts.append(_seen_surface(gaussians, camera, rendered, (rows[part], columns[part]), level))
    points = np.concatenate([part.points for part in parts]) if parts else np.zeros((0, 3), np.float32)
    inside = np.ones(len(points), bool) if region is None else ((points >= region.low) & (points <= region.high)).all(1)
    if not inside.any():
        raise bad_input("the splats have no surface that a camera sees", "fit them for longer, or enlarge the region")
    return OrientedPoints(
        points=points[inside],
        normals=np.concatenate([part.normals for part in parts])[inside],
        colours=np.concatenate([part.colours for part in parts])[inside],
    )


def _seen_surface(
    gaussians: Gaussians,
    camera: Camera,
    rendered: Rendered,
    pixels: tuple[NDArray[np.intp], NDArray[np.intp]],
    level: float,
) -> OrientedPoints:
    rays = camera.directions()[pixels]
    points = camera.position.astype(np.float32) + rendered.depth[pixels][:, None] * rays
    colours = (rendered.colour[pixels] / rendered.opacity[pixels][:, None]).clip(0, 1)
    if gaussians.kind == "2d":
        normals = np.zeros_like(points) if rendered.normal is None else rendered.normal[pixels]
        return OrientedPoints(points=points, normals=normals, colours=colours)
    along = torch.as_tensor(rays / np.linalg.norm(rays, axis=1, keepdims=True), device=gaussians.means.device)
    on_surface, normals_there, reached = _cross(gaussians, torch.as_tensor(points, device=along.device), along, level)
    kept = reached.cpu().numpy()
    return OrientedPoints(points=on_surface.cpu().numpy()[kept], normals=normals_there.cpu().numpy()[kept], colours=colours[kept])


def _cross(
    gaussians: Gaussians, points: torch.Tensor, along: torch.Tensor, level: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where the density first reaches the level near points (n, 3) along unit rays (n, 3); normals; and where it does."""
    with torch.no_grad():
        neighbours = nearest_splats(gaussians, points)
        nearest = gaussians.select(neighbours[:, 0])
        sizes = torch.einsum("nij,ni->nj", rotation_matrices(nearest.quaternions), along) * nearest.scales
        reach = _REACH * sizes.norm(dim=1)
        steps = torch.linspace(-1, 1, _SAMPLES, device=points.device) * reach[:, None]  # (n, s)
        samples = points[:, None] + steps[..., None] * along[:, None]
        values = density(gaussians, samples, neighbours)[0]
        rises = (values[:, :-1] < level) & (values[:, 1:] >= level)
        first = rises.float().argmax(1, keepdim=True)  # of the first rise; 0 where there is none
        before, after = values.gather(1, first)[:, 0], values.gather(1, first + 1)[:, 0]
        share = ((level - before) / (after - before).clamp_min(1e-9)).clamp(0, 1)
        place = steps.gather(1, first)[:, 0] * (1 - share) + steps.gather(1, first + 1)[:, 0] * share
        crossing = points + place[:, None] * along
        slope = density(gaussians, crossing[:, None], neighbours)[1][:, 0]
        normals = torch.nn.functional.normalize(-slope, dim=1)
    return crossing, normals, rises.any(1) & (slope.norm(dim=1) > 0)
