"""Footprints: splats projected onto a picture, ready for compositing. Plain torch, so that autograd gives the gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...scene import Camera
from ..gaussians import Gaussians, Kind, rotation_matrices
from .limits import BLUR, LEAST_ALPHA

_FRINGE = 0.3  # of half the view: projection's linearisation is clamped this far outside of the picture, as in 3DGS
_EDGE_ON = 1e-4  # cosine under which a disc counts as seen from its edge


@dataclass(frozen=True, kw_only=True)
class Footprints:
    """n splats on a picture.

    3d: `shapes` (n, 3) is the conic (a, b, c): the exponent at offset (x, y) from the centre is -(a x^2 + c y^2) / 2 - b x y.
    2d: `shapes` (n, 6) = (p, q, t, k, r, s) is the homography from picture to disc: with w = 1 + r x + s y, the disc's
    coordinates are u = (p x + q y) / w, v = (t x + k y) / w, the ray meets its plane at depth `depths` / w, and the exponent
    is -min(u^2 + v^2, 2 (x^2 + y^2)) / 2 (2D Gaussian Splatting, eq. 8 to 11, brought to offsets from the centre).
    """

    kind: Kind
    centres: torch.Tensor  # (n, 2) px
    shapes: torch.Tensor
    depths: torch.Tensor  # (n,) z of the camera
    opacities: torch.Tensor  # (n,)
    boxes: torch.Tensor  # (n, 4) int32: first column, first row, last column + 1, last row + 1 where alpha >= 1/255; no gradient
    width: int
    height: int


def project_splats(gaussians: Gaussians, camera: Camera, near: float = 0.01) -> Footprints:
    """Footprints through a camera; splats nearer than `near` (world units) or outside of the picture have empty boxes."""
    matrix = torch.as_tensor(camera.camera_from_world, dtype=torch.float32, device=gaussians.means.device)
    inside = gaussians.means @ matrix[:3, :3].T + matrix[:3, 3]  # (n, 3) camera
    depths = inside[:, 2]
    in_front = depths > near
    safe = torch.where(in_front, depths, torch.ones_like(depths))
    across, down = inside[:, 0] / safe, inside[:, 1] / safe
    centres = torch.stack([camera.focal_x * across + camera.centre_x, camera.focal_y * down + camera.centre_y], 1)
    axes = matrix[:3, :3] @ rotation_matrices(gaussians.quaternions)  # (n, 3, 3) camera from splat
    axes = axes[:, :, : gaussians.log_scales.shape[1]] * gaussians.scales[:, None, :]
    opacities = gaussians.opacities
    if gaussians.kind == "3d":
        shapes, extent, fine = _conics(axes, across, down, safe, opacities, camera)
        low, high = -extent, extent
    else:
        shapes, low, high, fine = _homographies(axes, across, down, safe, opacities, camera)
    with torch.no_grad():
        visible = in_front & fine & (opacities >= LEAST_ALPHA)
        limits = torch.tensor([camera.width, camera.height], device=centres.device)
        first = torch.ceil(centres + low - 0.5).clamp_min(0.0)
        last = torch.minimum(torch.floor(centres + high - 0.5) + 1, limits)
        visible &= (last > first).all(1)
        boxes = torch.where(visible[:, None], torch.cat([first, last], 1), 0.0).to(torch.int32)
    return Footprints(
        kind=gaussians.kind,
        centres=centres,
        shapes=shapes,
        depths=depths,
        opacities=opacities,
        boxes=boxes,
        width=camera.width,
        height=camera.height,
    )


def _reach(opacities: torch.Tensor) -> torch.Tensor:
    """(n,) squared Mahalanobis distance where alpha falls to 1/255."""
    return 2 * torch.log(opacities.detach() / LEAST_ALPHA).clamp_min(0.0)


def _conics(
    axes: torch.Tensor, across: torch.Tensor, down: torch.Tensor, depths: torch.Tensor, opacities: torch.Tensor, camera: Camera
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """EWA splatting (Zwicker et al. 2001, eq. 31): conics (n, 3), half extents (n, 2) in px, and which are sound."""
    fringe_x, fringe_y = _FRINGE * 0.5 * camera.width / camera.focal_x, _FRINGE * 0.5 * camera.height / camera.focal_y
    x = across.clamp(-camera.centre_x / camera.focal_x - fringe_x, (camera.width - camera.centre_x) / camera.focal_x + fringe_x)
    y = down.clamp(-camera.centre_y / camera.focal_y - fringe_y, (camera.height - camera.centre_y) / camera.focal_y + fringe_y)
    over = 1 / depths
    row_x = (camera.focal_x * over)[:, None] * (axes[:, 0] - x[:, None] * axes[:, 2])  # (n, 3) px per unit of the splat
    row_y = (camera.focal_y * over)[:, None] * (axes[:, 1] - y[:, None] * axes[:, 2])
    xx, xy, yy = (row_x * row_x).sum(1) + BLUR, (row_x * row_y).sum(1), (row_y * row_y).sum(1) + BLUR
    determinant = xx * yy - xy * xy
    fine = torch.isfinite(determinant) & (determinant > 0)
    safe = torch.where(fine, determinant, torch.ones_like(determinant))
    conics = torch.stack([yy, -xy, xx], 1) / safe[:, None]
    reach = _reach(opacities)
    extent = torch.sqrt(reach[:, None] * torch.stack([xx, yy], 1).detach())
    return conics, extent, fine


def _homographies(
    axes: torch.Tensor, across: torch.Tensor, down: torch.Tensor, depths: torch.Tensor, opacities: torch.Tensor, camera: Camera
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Homographies (n, 6), corners (n, 2) of the boxes in px from the centres, and which are sound."""
    a, b = (camera.focal_x * (axes[:, 0] - across[:, None] * axes[:, 2])).unbind(1)
    d, e = (camera.focal_y * (axes[:, 1] - down[:, None] * axes[:, 2])).unbind(1)
    g, h = axes[:, 2].unbind(1)
    determinant = a * e - b * d
    least = _EDGE_ON * (a * a + b * b + d * d + e * e).detach().clamp_min(1e-20)
    determinant = torch.where(determinant < 0, torch.minimum(determinant, -least), torch.maximum(determinant, least))
    over = 1 / determinant
    scaled = depths * over
    shapes = torch.stack([scaled * e, -scaled * b, -scaled * d, scaled * a, over * (h * d - g * e), over * (b * g - a * h)], 1)
    with torch.no_grad():  # the ellipse's dual conic gives its box: 2D Gaussian Splatting, appendix; Sigg et al. 2006, eq. 16
        reach = _reach(opacities)
        behind = reach * (g * g + h * h) - depths * depths  # negative where the whole disc is in front of the camera
        fine = (behind < 0) & torch.isfinite(shapes).all(1)
        behind = torch.where(fine, behind, -torch.ones_like(behind))
        low, high = [], []
        for first, second in ((a, b), (d, e)):
            cross = reach * (first * g + second * h)
            root = torch.sqrt((cross * cross - reach * (first * first + second * second) * behind).clamp_min(0.0))
            low.append((cross + root) / behind)
            high.append((cross - root) / behind)
        round_px = torch.sqrt(0.5 * reach)[:, None]
        lowest, highest = torch.minimum(torch.stack(low, 1), -round_px), torch.maximum(torch.stack(high, 1), round_px)
    return shapes, lowest, highest, fine


def facing_normals(gaussians: Gaussians, camera: Camera) -> torch.Tensor:
    """(n, 3) unit normals in the world, turned to the camera: a disc's third axis, an ellipsoid's shortest one."""
    axes = rotation_matrices(gaussians.quaternions)
    if gaussians.kind == "2d":
        normals = axes[:, :, 2]
    else:
        shortest = gaussians.log_scales.detach().argmin(1)
        normals = torch.take_along_dim(axes, shortest[:, None, None].expand(-1, 3, 1), 2)[:, :, 0]
    position = torch.as_tensor(np.array(camera.position), dtype=torch.float32, device=normals.device)
    away = ((gaussians.means.detach() - position) * normals.detach()).sum(1) > 0
    return torch.where(away[:, None], -normals, normals)
