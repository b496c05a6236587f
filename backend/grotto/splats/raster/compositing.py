"""Splats through a camera: pictures of colour, opacity, depth and normals that torch differentiates, on one of three engines."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import torch

from ...contract import bug
from ...scene import Camera
from ..gaussians import Gaussians
from .footprints import Footprints, facing_normals, project_splats
from .harmonics import seen_colours
from .limits import TILE

NEAR = 0.01  # world units, or part of the mean depth
_LEAST_OPACITY = 1e-6  # under it a pixel has no depth
ENGINES = ("auto", "numba", "torch", "gsplat")


@dataclass(frozen=True, kw_only=True)
class Splatted:
    """Splats rendered through a camera. All tensors but the median depth carry gradients."""

    colour: torch.Tensor  # (h, w, 3) premultiplied
    opacity: torch.Tensor  # (h, w)
    depth: torch.Tensor | None  # (h, w) z of the camera where the transmittance falls below a half; 0 where it does not
    depth_expected: torch.Tensor | None  # (h, w) mean z, 0 where nothing is
    normal: torch.Tensor | None  # (h, w, 3) world, weighted mean: shorter than opacity where normals disagree
    distortion: torch.Tensor | None  # (h, w) spread of depth along the ray: 2D Gaussian Splatting, eq. 13
    centres: torch.Tensor  # (n, 2) px, or gsplat's (1, n, 2); its gradient shows where splats are missing
    seen: torch.Tensor  # (n,) bool: contributes to the picture
    engine: str  # numba, torch or gsplat


def choose_engine(engine: str, device: torch.device) -> str:
    """The engine for tensors on `device`: gsplat on CUDA where it is installed, numba on a CPU, else torch."""
    if engine not in ENGINES:
        raise bug(f"there is no splat engine {engine}", f"use one of {', '.join(ENGINES)}")
    if engine != "auto":
        return engine
    if device.type == "cpu":
        return "numba"
    return "gsplat" if device.type == "cuda" and find_spec("gsplat") is not None else "torch"


def composite_splats(
    footprints: Footprints, features: torch.Tensor, reference: float, engine: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sums over splats, near to far, and the median depth (h, w).

    The sums are (h, w, c + 1) for ellipsoids: features (n, c), then opacity; (h, w, c + 4) for discs: features, then those of
    the ray's own depth z, of m = 1 - reference / z and of m^2, then opacity.
    """
    if engine == "numba":
        from .numba_engine import composite_numba

        return composite_numba(footprints, features, reference)
    from .torch_engine import composite_torch

    return composite_torch(footprints, features, reference)


def _nearest(gaussians: Gaussians, camera: Camera) -> float:
    """Depth below which splats are left out, by the scale of the world."""
    ahead = torch.as_tensor(camera.camera_from_world[2], dtype=torch.float32, device=gaussians.means.device)
    depth = float((gaussians.means.detach() @ ahead[:3] + ahead[3]).clamp_min(0).mean()) if len(gaussians.means) else 1.0
    return NEAR * min(1.0, depth) if depth > 0 else NEAR


def splat(
    gaussians: Gaussians,
    camera: Camera,
    *,
    degree: int | None = None,
    geometry: bool = True,
    near: float | None = None,
    engine: str = "auto",
) -> Splatted:
    """Composite splats through a camera.

    `degree` limits the spherical harmonics; without `geometry` there is colour and opacity only, which is faster; splats nearer
    than `near` (world units) are left out. None: 0.01, or a hundredth of the splats' mean depth where that is less, as in a world
    of kilometres.
    """
    engine = choose_engine(engine, gaussians.means.device)
    near = _nearest(gaussians, camera) if near is None else near
    footprints = project_splats(gaussians, camera, near)
    position = torch.as_tensor(camera.position.copy(), dtype=torch.float32, device=gaussians.means.device)
    degree = gaussians.degree if degree is None else min(degree, gaussians.degree)
    features = [seen_colours(gaussians.base, gaussians.rest, gaussians.means - position, degree)]
    seen = footprints.boxes[:, 2] > footprints.boxes[:, 0]
    reference = _middle_depth(footprints.depths, seen)
    if geometry:
        features.append(facing_normals(gaussians, camera))
    if geometry and (gaussians.kind == "3d" or engine == "gsplat"):
        z = footprints.depths[:, None]
        bounded = 1 - reference / z.clamp_min(near)
        features += [z, bounded, bounded * bounded]
    centres, median = footprints.centres, None
    if engine == "gsplat":
        from .gsplat_engine import rasterise_gsplat

        sums, opacity, centres, seen = rasterise_gsplat(gaussians, camera, torch.cat(features, 1), near)
        picture = torch.cat([sums, opacity[..., None]], -1)
        if geometry and not torch.is_grad_enabled():
            median = composite_splats(footprints, features[0], reference, "torch")[1]
    else:
        picture, median = composite_splats(footprints, torch.cat(features, 1), reference, engine)
    depths = _depths(picture) if geometry else (None, None)
    return Splatted(
        colour=picture[..., :3],
        opacity=picture[..., -1],
        depth=median if geometry else None,
        depth_expected=depths[0],
        normal=picture[..., 3:6] if geometry else None,
        distortion=depths[1],
        centres=centres,
        seen=seen,
        engine=engine,
    )


@torch.no_grad()
def tile_hits(gaussians: Gaussians, camera: Camera) -> int:
    """The number of pairs of a splat and a tile that it touches: the work of a picture is proportional to it."""
    boxes = project_splats(gaussians, camera).boxes.long()
    last = torch.div(boxes[:, 2:] + TILE - 1, TILE, rounding_mode="floor")
    tiles = last - torch.div(boxes[:, :2], TILE, rounding_mode="floor")
    return int((tiles.prod(1) * (boxes[:, 2] > boxes[:, 0])).sum())


def _middle_depth(depths: torch.Tensor, seen: torch.Tensor) -> float:
    """Median depth of the visible splats: the zero of bounded depths, so that distortion loses no digits."""
    visible = depths.detach()[seen]
    return float(visible.median()) if len(visible) else 1.0


def _depths(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Expected depth and distortion (h, w) of the last four channels of a composite."""
    z, bounded, squared, opacity = picture[..., -4:].unbind(-1)
    filled = opacity > _LEAST_OPACITY
    expected = torch.where(filled, z / torch.where(filled, opacity, torch.ones_like(opacity)), torch.zeros_like(z))
    return expected, opacity * squared - bounded * bounded
