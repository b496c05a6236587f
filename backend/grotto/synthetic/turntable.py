"""Photographs of made objects by casting rays: none of our rasterisers is used, so they can test ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..scene import Camera, RayCaster, View
from .objects import MadeObject, linear_of_values, values_of_linear

_NET = 5  # control points along a side
_WARP_PX, _WARP_SIDE_PX = 1.5, 256  # spread of a control point's shift, in a picture of this side
_GAIN = 0.06


def photograph(made: MadeObject, cameras: Sequence[Camera], samples: int = 3) -> list[View]:
    """Views with alpha, each pixel the mean of `samples` x `samples` rays; light is averaged in linear values.

    Colours under alpha 0 are black. The views are named 000, 001 and so on.
    """
    return list(photographs(made, cameras, samples))


def photographs(made: MadeObject, cameras: Sequence[Camera], samples: int = 3) -> Iterator[View]:
    """The views of `photograph` one by one, for those who tell how far they are."""
    caster = RayCaster(made.mesh.vertices, made.mesh.faces)
    for index, camera in enumerate(cameras):
        yield _photo(made, caster, camera, samples, f"{index:03}")


def _photo(made: MadeObject, caster: RayCaster, camera: Camera, samples: int, name: str) -> View:
    fine = camera.resized(camera.width * samples, camera.height * samples)
    hits = caster.through(fine)
    met = np.flatnonzero(hits.face >= 0)
    corners = made.mesh.vertices[made.mesh.faces[hits.face[met]]]
    points = np.einsum("nk,nkd->nd", hits.barycentric[met], corners)
    light = np.zeros((fine.height * fine.width, 3), np.float32)
    light[met] = linear_of_values(made.colour_at(points, (points - camera.position).astype(np.float32)))
    cover = (hits.face >= 0).astype(np.float32)

    def averaged(values: NDArray[np.float32]) -> NDArray[np.float32]:
        split = values.reshape(camera.height, samples, camera.width, samples, -1)
        return np.asarray(split.mean((1, 3)), np.float32)

    alpha = averaged(cover)[..., 0]
    mean = np.asarray(averaged(light) / np.maximum(alpha, 1e-6)[..., None], np.float32)
    return View(name=name, camera=camera, colour=values_of_linear(mean), alpha=alpha.astype(np.float32))


def disturb(views: Sequence[View], seed: int) -> list[View]:
    """Views that disagree as generated ones do: each is warped smoothly, and each channel has a gain of its own.

    The warp is a 5 x 5 net of shifts, 1.5 px spread at 256 px, made smooth by cubic interpolation; gains are spread by 6 %.
    Cameras stay as they were. Equal seeds give equal views.
    """
    rng = np.random.default_rng([seed, 31])
    return [_disturbed(view, rng) for view in views]


def _disturbed(view: View, rng: np.random.Generator) -> View:
    height, width = view.colour.shape[:2]
    net = rng.standard_normal((_NET, _NET, 2)).astype(np.float32) * np.float32(_WARP_PX * max(height, width) / _WARP_SIDE_PX)
    gains = (1 + _GAIN * rng.standard_normal(3)).astype(np.float32)
    shift = cv2.resize(net, (width, height), interpolation=cv2.INTER_CUBIC)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    alpha = np.ones((height, width), np.float32) if view.alpha is None else view.alpha
    held = np.dstack([view.colour * alpha[..., None], alpha])
    border = cv2.BORDER_REPLICATE if view.alpha is None else cv2.BORDER_CONSTANT
    found = cv2.remap(held, columns + shift[..., 0], rows + shift[..., 1], cv2.INTER_LINEAR, borderMode=border)
    moved = np.asarray(found, np.float32)
    alpha = moved[..., 3]
    colour = np.clip(moved[..., :3] / np.maximum(alpha, 1e-6)[..., None] * gains, 0, 1).astype(np.float32)
    return View(name=view.name, camera=view.camera, colour=colour, alpha=None if view.alpha is None else alpha)
