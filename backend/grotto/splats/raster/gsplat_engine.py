"""Splats through a camera with gsplat's CUDA kernels (nerfstudio-project/gsplat, Apache-2.0), where both are there.

Colours, normals and depths are handed over as plain features, so that view dependence, clamping and the bounded depth are the
same code as with the other engines. Two things differ: for discs, depth is that of their centres; and the median depth, which
gsplat does not give for ellipsoids, is found by the torch twin, outside of fits only.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch

from ...contract import missing_resource
from ...scene import Camera
from ..gaussians import Gaussians
from .limits import BLUR, TILE


def rasterise_gsplat(
    gaussians: Gaussians, camera: Camera, features: torch.Tensor, near: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sums of features (n, c) as (h, w, c), opacity (h, w), centres (n, 2) px and seen (n,).

    Raises a missing-resource problem without CUDA or gsplat.
    """
    device = gaussians.means.device
    gsplat = _gsplat(device)
    scales = gaussians.scales
    if gaussians.kind == "2d":
        scales = torch.cat([scales, torch.ones_like(scales[:, :1])], 1)
    intrinsics = torch.tensor(
        [[camera.focal_x, 0.0, camera.centre_x], [0.0, camera.focal_y, camera.centre_y], [0.0, 0.0, 1.0]], device=device
    )
    arguments: dict[str, Any] = {
        "means": gaussians.means,
        "quats": gaussians.quaternions,
        "scales": scales,
        "opacities": gaussians.opacities,
        "colors": features,
        "viewmats": torch.as_tensor(camera.camera_from_world, dtype=torch.float32, device=device)[None],
        "Ks": intrinsics[None],
        "width": camera.width,
        "height": camera.height,
        "near_plane": near,
        "eps2d": BLUR,
        "packed": False,
        "tile_size": TILE,
        "render_mode": "RGB",
    }
    if gaussians.kind == "3d":
        sums, opacity, record = gsplat.rasterization(**arguments)
    else:
        sums, opacity, *_others, record = gsplat.rasterization_2dgs(**arguments)
    radii = record["radii"]
    seen = (radii > 0).all(-1)[0] if radii.dim() == 3 else radii[0] > 0
    centres = record["means2d"] if gaussians.kind == "3d" else record["gradient_2dgs"]
    return sums[0], opacity[0, ..., 0], centres, seen


def _gsplat(device: torch.device) -> Any:
    if device.type != "cuda":
        raise missing_resource("gsplat needs CUDA, and the splats are not there", "use the engine auto")
    try:
        return importlib.import_module("gsplat")
    except ImportError as error:
        raise missing_resource("the package gsplat is not installed", "install gsplat, or use the engine auto") from error
