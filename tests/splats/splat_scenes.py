"""Small scenes of splats for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from grotto.scene import Camera, View, look_at
from grotto.splats import Gaussians
from grotto.splats.raster import Splatted, splat


def camera(width: int = 50, height: int = 37, position: tuple[float, float, float] = (2.0, 1.5, 1.0)) -> Camera:
    """Neither side is a multiple of a tile, and nothing is square or centred."""
    return Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=1.2 * width, focal_y=1.24 * width, centre_x=0.51 * width, centre_y=0.52 * height, width=width, height=height,
    )  # fmt: skip


def random_splats(kind: str, count: int, seed: int = 0, size: float = -2.0) -> Gaussians:
    random = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(*shape, generator=random)  # noqa: E731
    return Gaussians(
        kind=kind, means=0.5 * normal(count, 3), quaternions=normal(count, 4),
        log_scales=size + 0.5 * normal(count, 3 if kind == "3d" else 2), opacity_logits=2 * normal(count),
        base=normal(count, 3), rest=0.3 * normal(count, 15, 3),
    )  # fmt: skip


def one_splat(kind: str = "3d", **changes: torch.Tensor) -> Gaussians:
    """A white, nearly opaque splat in the origin that faces z."""
    tensors = {
        "means": torch.zeros(1, 3), "quaternions": torch.tensor([[1.0, 0.0, 0.0, 0.0]]),
        "log_scales": torch.full((1, 3 if kind == "3d" else 2), float(np.log(0.1))), "opacity_logits": torch.tensor([4.0]),
        "base": torch.full((1, 3), 0.5 / 0.28209479177387814), "rest": torch.zeros(1, 0, 3),
    }  # fmt: skip
    return Gaussians(kind=kind, **{**tensors, **changes})


def functional(seen: Splatted) -> torch.Tensor:
    """A fixed random linear functional of all pictures that carry gradients."""
    random = torch.Generator().manual_seed(5)
    pictures = (seen.colour, seen.opacity, seen.depth_expected, seen.normal, seen.distortion)
    drawn = [(picture, torch.randn(picture.shape, generator=random)) for picture in pictures if picture is not None]
    return sum((picture * weights.to(picture.device)).sum() for picture, weights in drawn)


def gradients(gaussians: Gaussians, render: Callable[[Gaussians], Splatted]) -> dict[str, torch.Tensor]:
    tensors = {name: tensor.clone().requires_grad_() for name, tensor in gaussians.tensors.items()}
    functional(render(gaussians.with_tensors(**tensors))).backward()
    return {name: torch.zeros_like(tensor) if tensor.grad is None else tensor.grad for name, tensor in tensors.items()}


def views_of(gaussians: Gaussians, count: int = 8, width: int = 48, height: int = 40, alpha: bool = True) -> list[View]:
    """Pictures of splats from a ring of cameras."""
    views = []
    for number in range(count):
        angle = 2 * np.pi * number / count
        looker = camera(width, height, (2.4 * np.cos(angle), 2.4 * np.sin(angle), 0.9))
        with torch.no_grad():
            seen = splat(gaussians, looker, geometry=False)
        opacity = seen.opacity.numpy()
        straight = seen.colour.numpy() / np.maximum(opacity, 1e-3)[..., None] if alpha else seen.colour.numpy()
        views.append(
            View(name=f"{number}.png", camera=looker, colour=straight.clip(0, 1), alpha=opacity.clip(0, 1) if alpha else None)
        )
    return views
