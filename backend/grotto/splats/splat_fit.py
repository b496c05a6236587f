"""The fit of splats: one picture per step, compared at a size that grows during the fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ..contract.options import SplatOptions
from ..fitting import Divergence, Picture, State
from ..scene import View
from .exposure import Exposure
from .gaussians import Gaussians
from .losses import distortion_loss, normal_loss, outside_loss, photometric_loss
from .optimiser import SplatOptimiser
from .raster import Splatted, splat
from .strategies import Schedule
from .surface import Alignment

_PREVIEW_PX = 512
_OUTSIDE = 0.1  # weight of opacity outside of masks
_DISTORTION, _NORMAL = 0.01, 0.05  # gsplat examples/simple_trainer_2dgs.py: dist_lambda, normal_lambda
_DISTORTION_FROM, _NORMAL_FROM = 0.1, 0.25  # of the steps; there: 3000 and 7000 of 30 000
_ALIGN, _ALIGN_FROM = 0.02, 0.5  # weight of the alignment with surfaces, and share of the steps after which it begins
_EXPOSURE_RATE = 2e-3
# Pictures grow twice, and a reset of opacities shows for some hundred steps: neither is divergence.
DIVERGENCE = Divergence(factor=10.0, patience=500)


class SplatFit:
    """The fit in progress: a `Fit`."""

    def __init__(
        self,
        views: Sequence[View],
        first: Gaussians,
        schedule: Schedule,
        options: SplatOptions,
        confidence: Mapping[str, NDArray[np.float32]],
    ) -> None:
        self._views, self._schedule, self._options, self._confidence = views, schedule, options, confidence
        self._device = first.means.device
        self._optimiser = SplatOptimiser(first)
        self._strategy = schedule.strategy(options, len(first))
        self._exposure = Exposure(len(views), self._device)
        self._exposure_adam = torch.optim.Adam(self._exposure.tensors, lr=_EXPOSURE_RATE)
        self._alignment = Alignment()
        self._random = torch.Generator().manual_seed(options.splat_seed)
        self._turns: list[int] = []  # views still to come in this round
        self._pictures: dict[int, _Picture] = {}  # of one size, by the number of their view
        self._pictures_px = 0
        self._scale = 1.0  # of the pictures' sides; smaller where memory was exhausted
        self.engine = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The losses in use, in words."""
        terms = ["0.8 L1 + 0.2 (1 - SSIM)"]
        if any(view.alpha is not None for view in self._views):
            terms.append("opacity outside of masks")
        if self._options.splat_kind == "2d":
            terms += ["depth distortion", "normal consistency"]
        elif self._options.align_splats:
            terms.append("alignment with surfaces")
        if self._options.densify == "mcmc":
            terms.append("mean opacity and size")
        if self._confidence:
            terms.append("confidence of pixels")
        return tuple(terms)

    def gaussians(self) -> Gaussians:
        """The splats as they are now."""
        return self._optimiser.gaussians.detached()

    def gains(self) -> dict[str, tuple[float, float, float]]:
        """Factors of the splats' colours for each photo, by name; empty without exposure."""
        if not self._options.exposure:
            return {}
        rows = self._exposure.gains().detach().cpu().tolist()
        return {view.name: (row[0], row[1], row[2]) for view, row in zip(self._views, rows, strict=True)}

    def step(self, number: int) -> float:
        """One picture: returns the photometric loss alone, which stays comparable when further terms begin to count."""
        chosen = self._next_view()
        picture = self._picture(chosen, number)
        gaussians = self._optimiser.gaussians
        geometry = number >= (_DISTORTION_FROM if gaussians.kind == "2d" else _ALIGN_FROM) * self._schedule.steps
        geometry &= gaussians.kind == "2d" or self._options.align_splats
        splatted = splat(gaussians, picture.camera, degree=self._schedule.degree_at(number), geometry=geometry)
        self.engine = splatted.engine
        splatted.centres.retain_grad()
        photometric = self._photometric(splatted, picture, chosen)
        loss = photometric + self._regularisers(splatted, picture, number) + self._strategy.loss(gaussians)
        if geometry and gaussians.kind == "3d":
            loss = loss + _ALIGN * self._alignment.loss(gaussians, splatted, picture.camera, self._random)
        if not torch.isfinite(loss):
            return math.nan
        torch.autograd.backward(loss)
        self._strategy.observe(splatted)
        rates = self._schedule.rates(number)
        self._optimiser.step(rates)
        if self._options.exposure:
            self._exposure_adam.step()
            self._exposure_adam.zero_grad(set_to_none=True)
        with torch.no_grad():
            self._strategy.refine(number, self._optimiser, rates["means"], self._random)
        return float(photometric.detach())

    def _photometric(self, splatted: Splatted, picture: _Picture, view: int) -> torch.Tensor:
        """Difference between picture and splats, both over one random background where the view has alpha."""
        colour = splatted.colour
        if self._options.exposure:
            colour = colour * self._exposure.gains()[view]
        target = picture.colour
        if picture.alpha is not None:
            background = torch.rand(3, generator=self._random).to(self._device)
            colour = colour + background * (1 - splatted.opacity[..., None])
            target = target + background * (1 - picture.alpha[..., None])
        return photometric_loss(colour, target, picture.confidence)

    def _regularisers(self, splatted: Splatted, picture: _Picture, number: int) -> torch.Tensor:
        """Opacity outside of masks, distortion and normals of discs, exposures."""
        loss = splatted.opacity.new_zeros(())
        if picture.alpha is not None:
            loss = loss + _OUTSIDE * outside_loss(splatted.opacity, picture.alpha)
        if splatted.distortion is not None and self._options.splat_kind == "2d":
            loss = loss + _DISTORTION * distortion_loss(splatted)
            if number >= _NORMAL_FROM * self._schedule.steps:
                loss = loss + _NORMAL * normal_loss(splatted, picture.camera)
        return loss + self._exposure.prior() if self._options.exposure else loss

    def state(self) -> State:
        return {
            "splats": self._optimiser.state(),
            "strategy": self._strategy.state(),
            "alignment": self._alignment.state(),
            "exposure": [tensor.detach() for tensor in self._exposure.tensors],
            "exposure_adam": self._exposure_adam.state_dict(),
            "random": self._random.get_state(),
            "turns": self._turns,
            "scale": self._scale,
        }

    def restore(self, state: State) -> None:
        self._optimiser = SplatOptimiser.restored(state["splats"], self._device)
        with torch.no_grad():
            for tensor, kept in zip(self._exposure.tensors, state["exposure"], strict=True):
                tensor.copy_(kept)
        self._exposure_adam.load_state_dict(state["exposure_adam"])
        self._random.set_state(state["random"])
        self._strategy.restore(state["strategy"], self._device)
        self._alignment.restore(state["alignment"], self._device)
        self._turns, self._scale = [*state["turns"]], state["scale"]

    def halve(self) -> str:
        self._scale = 0.5
        return "pictures of half the size"

    def size(self) -> str:
        return f"{self._optimiser.count} splats"

    def preview(self) -> Picture:
        """The splats from the middle view, over white."""
        camera = self._views[len(self._views) // 2].camera.fitted(_PREVIEW_PX)
        with torch.no_grad():
            rendered = splat(self._optimiser.gaussians, camera, geometry=False)
        return (rendered.colour + (1 - rendered.opacity[..., None])).cpu().numpy()

    def _next_view(self) -> int:
        if not self._turns:
            self._turns = torch.randperm(len(self._views), generator=self._random).tolist()
        return self._turns.pop()

    def _picture(self, view: int, step: int) -> _Picture:
        longest = max(max(view.camera.width, view.camera.height) for view in self._views)
        size = max(1, round(self._schedule.picture_px(step, longest) * self._scale))
        if size != self._pictures_px:
            self._pictures, self._pictures_px = {}, size
        if view not in self._pictures:
            whole = self._views[view]
            self._pictures[view] = _Picture(whole, size / longest, self._confidence.get(whole.name), self._device)
        return self._pictures[view]


class _Picture:
    """A view as tensors, at a share `factor` of its size."""

    def __init__(self, view: View, factor: float, confidence: NDArray[np.float32] | None, device: torch.device) -> None:
        import cv2

        longest = max(view.camera.width, view.camera.height)
        small = view.fitted(max(1, round(longest * factor)))
        self.camera = small.camera
        self.alpha = None if small.alpha is None else torch.as_tensor(small.alpha, device=device)
        self.colour = torch.as_tensor(small.colour, device=device)
        if self.alpha is not None:
            self.colour = self.colour * self.alpha[..., None]
        self.confidence = None
        if confidence is not None:
            size = (small.camera.width, small.camera.height)
            resized = cv2.resize(confidence.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            self.confidence = torch.as_tensor(np.asarray(resized, np.float32), device=device)
