"""The loop of a fit: one picture a step, previews, checkpoints, and a way back when it diverges."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..contract import Action, Progress, missing_resource
from ..contract.options import SplatOptions
from ..fitting import shortage_told
from ..scene import View, write_picture
from .checkpoint import read_checkpoint, write_checkpoint
from .exposure import Exposure
from .gaussians import Gaussians
from .losses import distortion_loss, normal_loss, outside_loss, photometric_loss
from .optimiser import SplatOptimiser
from .raster import Splatted, splat
from .strategies import Schedule
from .surface import Alignment

_PREVIEW_SECONDS, _CHECKPOINT_SECONDS = 12.0, 20.0
_PREVIEW_PX = 512
_OUTSIDE = 0.1  # weight of opacity outside of masks
_DISTORTION, _NORMAL = 0.01, 0.05  # gsplat examples/simple_trainer_2dgs.py: dist_lambda, normal_lambda
_DISTORTION_FROM, _NORMAL_FROM = 0.1, 0.25  # of the steps; there: 3000 and 7000 of 30 000
_ALIGN, _ALIGN_FROM = 0.02, 0.5  # weight, and part of the steps from which splats are held to surfaces
_EXPOSURE_RATE = 2e-3
_SNAPSHOT_EVERY = 100  # steps
_EXPLODED = 4.0  # times the usual loss, this many steps in a row, is divergence
_PATIENCE = 50


class Fitting:
    """State of a fit, from its first splats to the best ones."""

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
        self._turns: list[int] = []
        self._step = 0
        self._usual = math.nan
        self._strikes = 0
        self._good = first
        self._pictures: dict[int, _Picture] = {}
        self._pictures_px = 0
        self._smaller = 1.0
        self.notes: list[str] = []
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

    def result(self) -> Gaussians:
        """The last good splats."""
        return self._good

    def gains(self) -> dict[str, tuple[float, float, float]]:
        """What splats are multiplied by to look like each photo, by name; empty without exposure."""
        if not self._options.exposure:
            return {}
        rows = self._exposure.gains().detach().cpu().tolist()
        return {view.name: (row[0], row[1], row[2]) for view, row in zip(self._views, rows, strict=True)}

    def run(self, folder: Path, report: Progress) -> int:
        """All steps; the number that was taken."""
        self._resume(report)
        shown = saved = time.monotonic()
        steps = self._schedule.steps
        while self._step < steps:
            report(self._step / steps, f"step {self._step} of {steps}, {self._optimiser.count} splats")
            if not self._one(report):
                break
            self._step += 1
            now = time.monotonic()
            if now - shown > _PREVIEW_SECONDS:
                report.preview(self._preview(folder))
                shown = time.monotonic()
            if report.resume_folder is not None and now - saved > _CHECKPOINT_SECONDS:
                write_checkpoint(report.resume_folder, self._state())
                saved = time.monotonic()
        else:
            self._good = self._optimiser.gaussians.detached()
        report.preview(self._preview(folder))
        report(1.0, f"{len(self._good)} splats")
        return self._step

    def _one(self, report: Progress) -> bool:
        """One step; False where the fit has diverged and the last good splats are the result."""
        before = self._optimiser.gaussians.detached() if self._step % _SNAPSHOT_EVERY == 0 else None
        try:
            loss = self._descend()
        except torch.cuda.OutOfMemoryError as error:
            if self._smaller < 1.0:
                raise missing_resource(
                    f"{shortage_told(error)}, with {self._optimiser.count} splats and at half the picture size too",
                    "choose fewer splats or smaller pictures",
                    Action.CHANGE_OPTIONS,
                ) from error
            self._smaller = 0.5
            self.notes.append("CUDA memory ran out once: pictures of half the size were used from then on")
            report.note(self.notes[-1])
            torch.cuda.empty_cache()
            return True
        usual = self._usual
        self._strikes = self._strikes + 1 if math.isfinite(usual) and loss > _EXPLODED * usual else 0
        if not math.isfinite(loss) or self._strikes > _PATIENCE:
            self.notes.append(f"the fit diverged at step {self._step}: the last good splats were kept")
            report.note(self.notes[-1])
            return False
        self._usual = loss if not math.isfinite(usual) else 0.98 * usual + 0.02 * loss
        if before is not None and not self._strikes:
            self._good = before  # the loss is theirs, not that of what the step made of them
        return True

    def _descend(self) -> float:
        number = self._next_view()
        picture = self._picture(number)
        gaussians = self._optimiser.gaussians
        geometry = self._step >= (_DISTORTION_FROM if gaussians.kind == "2d" else _ALIGN_FROM) * self._schedule.steps
        geometry &= gaussians.kind == "2d" or self._options.align_splats
        splatted = splat(gaussians, picture.camera, degree=self._schedule.degree_at(self._step), geometry=geometry)
        self.engine = splatted.engine
        splatted.centres.retain_grad()
        loss = self._loss(splatted, picture, number) + self._strategy.loss(gaussians)
        if geometry and gaussians.kind == "3d":
            loss = loss + _ALIGN * self._alignment.loss(gaussians, splatted, picture.camera, self._random)
        if not torch.isfinite(loss):
            return math.nan
        loss.backward()  # type: ignore[no-untyped-call]
        self._strategy.observe(splatted)
        rates = self._schedule.rates(self._step)
        self._optimiser.step(rates)
        if self._options.exposure:
            self._exposure_adam.step()
            self._exposure_adam.zero_grad(set_to_none=True)
        with torch.no_grad():
            self._strategy.refine(self._step, self._optimiser, rates["means"], self._random)
        return float(loss.detach())

    def _loss(self, splatted: Splatted, picture: _Picture, number: int) -> torch.Tensor:
        colour = splatted.colour
        if self._options.exposure:
            colour = colour * self._exposure.gains()[number]
        target = picture.colour
        if picture.alpha is not None:
            background = torch.rand(3, generator=self._random).to(self._device)
            colour = colour + background * (1 - splatted.opacity[..., None])
            target = target + background * (1 - picture.alpha[..., None])
        loss = photometric_loss(colour, target, picture.confidence)
        if picture.alpha is not None:
            loss = loss + _OUTSIDE * outside_loss(splatted.opacity, picture.alpha)
        if splatted.distortion is not None and self._options.splat_kind == "2d":
            loss = loss + _DISTORTION * distortion_loss(splatted)
            if self._step >= _NORMAL_FROM * self._schedule.steps:
                loss = loss + _NORMAL * normal_loss(splatted, picture.camera)
        return loss + self._exposure.prior() if self._options.exposure else loss

    def _next_view(self) -> int:
        if not self._turns:
            self._turns = torch.randperm(len(self._views), generator=self._random).tolist()
        return self._turns.pop()

    def _picture(self, number: int) -> _Picture:
        longest = max(max(view.camera.width, view.camera.height) for view in self._views)
        size = max(1, round(self._schedule.picture_px(self._step, longest) * self._smaller))
        if size != self._pictures_px:
            self._pictures, self._pictures_px = {}, size
        if number not in self._pictures:
            view = self._views[number]
            self._pictures[number] = _Picture(view, size / longest, self._confidence.get(view.name), self._device)
        return self._pictures[number]

    def _preview(self, folder: Path) -> Path:
        camera = self._views[len(self._views) // 2].camera.fitted(_PREVIEW_PX)
        with torch.no_grad():
            seen = splat(self._optimiser.gaussians, camera, geometry=False)
        path = folder / "preview.png"
        write_picture(path, (seen.colour + (1 - seen.opacity[..., None])).cpu().numpy())
        return path

    def _state(self) -> dict[str, Any]:
        return {
            "options": repr(self._options), "views": [view.name for view in self._views], "step": self._step,
            "splats": self._optimiser.state(), "strategy": self._strategy.state(), "good": self._good.tensors,
            "exposure": [tensor.detach() for tensor in self._exposure.tensors], "exposure_adam": self._exposure_adam.state_dict(),
            "random": self._random.get_state(), "turns": self._turns, "usual": self._usual, "notes": self.notes,
            "smaller": self._smaller,
        }  # fmt: skip

    def _resume(self, report: Progress) -> None:
        state = read_checkpoint(report.resume_folder) if report.resume_folder is not None else None
        if state is None or state["options"] != repr(self._options) or state["views"] != [view.name for view in self._views]:
            return
        self._optimiser = SplatOptimiser.restored(state["splats"], self._device)
        with torch.no_grad():
            for tensor, kept in zip(self._exposure.tensors, state["exposure"], strict=True):
                tensor.copy_(kept)
        self._exposure_adam.load_state_dict(state["exposure_adam"])
        self._random.set_state(state["random"])
        self._strategy.restore(state["strategy"])
        self._good = Gaussians(kind=self._good.kind, **state["good"]).to(self._device)
        self._turns, self._step, self._usual = state["turns"], state["step"], state["usual"]
        self.notes, self._smaller = state["notes"], state["smaller"]
        report.note(f"going on from step {self._step} of {self._schedule.steps}")


class _Picture:
    """A view as tensors at the size of the moment."""

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
