"""View-dependent colour beside a baked texture: three features a texel and a small network, as NeRF2Mesh has it.

Tang, Zhou, Chen, Hu, Ding, Wang and Zeng, Delicate textured mesh recovery from NeRF, 2023, section 3.1: colour = diffuse +
sigmoid(MLP(direction, features)), two layers without biases, 32 wide (nerf2mesh, nerf/network.py). There all of it is learnt
with the field; here the diffuse texture is baked already and gives up only what the highlights left in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...contract import Progress, bad_input
from ...metrics import psnr
from ...render.mesh.differentiable import bilinear_taps
from ...scene import View
from ..texture import Projector, Unwrapped

Array32 = NDArray[np.float32]

DIFFUSE, FEATURES, NETWORK = "diffuse.png", "specular_features.png", "specular.json"

_WIDTH = 32  # nerf2mesh, nerf/network.py
_SPECULAR_WEIGHT = 1e-5  # nerf2mesh, main.py: lambda_specular
_LARGEST_PX = 512  # of the learnt textures: highlights are wide
_MOST_SAMPLES = 1_500_000
_BATCH = 8192
_RATE = 1e-2


@dataclass(frozen=True, kw_only=True)
class Specular:
    """A diffuse texture (h, w, 3), features (s, s, 3) 0 to 1, and the network's layers; textures from the top left."""

    diffuse: Array32
    features: Array32
    hidden: Array32  # (32, 6): of direction x, y, z and the features
    output: Array32  # (3, 32)

    def colours(self, uv: Array32, directions: Array32) -> Array32:
        """sRGB's values (n, 3) at uv (n, 2), seen along unit `directions` (n, 3) from the camera."""
        place = torch.from_numpy(np.ascontiguousarray(uv, np.float32))
        diffuse = _looked_up(torch.from_numpy(self.diffuse), place)
        features = _looked_up(torch.from_numpy(self.features), place)
        layers = torch.from_numpy(self.hidden), torch.from_numpy(self.output)
        light = _specular(torch.from_numpy(np.ascontiguousarray(directions, np.float32)), features, *layers)
        return (diffuse + light).clamp(0, 1).numpy()


@dataclass(frozen=True, kw_only=True)
class SpecularFit:
    """A fit, and how near to the pixels of the views the mesh comes without it and with it."""

    specular: Specular
    psnr_before_db: float  # of the baked texture alone
    psnr_after_db: float


def fit_specular(
    unwrapped: Unwrapped,
    texture: Array32,
    views: Sequence[View],
    report: Progress,
    *,
    steps: int = 400,
    gains: Array32 | None = None,
    seed: int = 0,
) -> SpecularFit:
    """Fit features and network to the views, given the baked `texture` (h, w, 3); its diffuse part may change softly.

    `gains` (views, 3) are those that the bake found. Equal seeds give equal results on one machine. Raises bad input where
    no view shows the mesh.
    """
    uv, directions, target = _samples(unwrapped, views, gains, seed)
    torch.manual_seed(seed)
    side = min(_LARGEST_PX, unwrapped.texture_px)
    baked = torch.from_numpy(np.ascontiguousarray(texture, np.float32))
    base = _looked_up_in_pieces(baked, uv)
    change = torch.zeros((side, side, 3), requires_grad=True)
    features = torch.zeros((side, side, 3), requires_grad=True)
    hidden = 0.4 * torch.randn(_WIDTH, 6)
    hidden[:, 3:] = hidden[:, 3:].abs()
    hidden.requires_grad_()
    output = torch.full((3, _WIDTH), -5.0 / (_WIDTH * 0.5)) + 0.02 * torch.randn(3, _WIDTH)  # no light to begin with
    output.requires_grad_()
    optimiser = torch.optim.Adam([change, features, hidden, output], lr=_RATE)
    for step in range(steps):
        chosen = torch.randint(len(uv), (_BATCH,))
        diffuse = base[chosen] + _looked_up(change, uv[chosen])
        light = _specular(directions[chosen], torch.sigmoid(_looked_up(features, uv[chosen])), hidden, output)
        colour = diffuse + light
        colour = colour - 0.99 * (colour - 1).clamp_min(0)  # what a sensor cuts keeps a little slope
        loss = ((colour - target[chosen]) ** 2).mean() + _SPECULAR_WEIGHT * (light**2).sum(1).mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        if step % 10 == 0:
            report(step / steps, "Highlights")
    with torch.no_grad():
        wide = cv2.resize(change.numpy(), texture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        specular = Specular(
            diffuse=np.clip(texture + wide, 0, 1).astype(np.float32), features=torch.sigmoid(features).numpy(),
            hidden=hidden.numpy().copy(), output=output.numpy().copy(),
        )  # fmt: skip
    after = specular.colours(uv.numpy(), directions.numpy())
    report(1.0, "Highlights")
    return SpecularFit(
        specular=specular,
        psnr_before_db=psnr(base.clamp(0, 1)[:, None], target[:, None]),
        psnr_after_db=psnr(after[:, None], target.numpy()[:, None]),
    )


def write_specular(folder: Path, specular: Specular) -> None:
    """Write two PNG textures and the network as JSON into a folder, to lie beside the GLB."""
    for name, values in ((DIFFUSE, specular.diffuse), (FEATURES, specular.features)):
        levels = np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8)
        (folder / name).write_bytes(cv2.imencode(".png", np.ascontiguousarray(levels[..., ::-1]))[1].tobytes())
    document = {
        "colour": "clip(diffuse + sigmoid(output @ max(hidden @ [direction, features], 0)), 0, 1), sRGB's values",
        "direction": "unit, from the camera to the surface, in the frame of the mesh (z up)",
        "textures": {"diffuse": DIFFUSE, "features": FEATURES},
        "hidden": specular.hidden.tolist(),
        "output": specular.output.tolist(),
    }
    (folder / NETWORK).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _specular(directions: Tensor, features: Tensor, hidden: Tensor, output: Tensor) -> Tensor:
    return torch.sigmoid(torch.relu(torch.cat([directions, features], dim=1) @ hidden.T) @ output.T)


def _looked_up(texture: Tensor, uv: Tensor) -> Tensor:
    """(n, c) bilinear."""
    taps, weights = bilinear_taps(uv, texture.shape[0], texture.shape[1])
    values = texture.reshape(-1, texture.shape[2]).index_select(0, taps.reshape(-1)).reshape(len(uv), 4, -1)
    return (values * weights[..., None]).sum(1)


def _looked_up_in_pieces(texture: Tensor, uv: Tensor) -> Tensor:
    return torch.cat([_looked_up(texture, piece) for piece in torch.split(uv, 1 << 18)])


def _samples(unwrapped: Unwrapped, views: Sequence[View], gains: Array32 | None, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Places (n, 2), unit directions (n, 3) and colours (n, 3) of pixels that show the mesh away from outlines."""
    projector = Projector(unwrapped.vertices, unwrapped.faces, views)
    rng = np.random.default_rng([seed, 41])
    places, directions, colours = [], [], []
    for index in range(len(views)):
        eye = projector.eye(index)
        hits = projector.caster.through(eye.camera)
        good = np.flatnonzero((hits.face >= 0) & (eye.trust.reshape(-1) > 0.05))
        good = rng.permutation(good)[: _MOST_SAMPLES // len(views) + 1]
        rays = eye.camera.directions().reshape(-1, 3)[good]
        places.append(np.einsum("nk,nkc->nc", hits.barycentric[good], unwrapped.uv[unwrapped.faces[hits.face[good]]]))
        directions.append(rays / np.linalg.norm(rays, axis=1, keepdims=True))
        colours.append(eye.colour.reshape(-1, 3)[good] * (1.0 if gains is None else gains[index]))
    found = [torch.from_numpy(np.concatenate(part).astype(np.float32)) for part in (places, directions, colours)]
    if not len(found[0]):
        raise bad_input("no view shows the mesh", "choose photos of the subject, with its cameras")
    return found[0], found[1], found[2]
