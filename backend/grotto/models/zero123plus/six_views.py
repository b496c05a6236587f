"""One picture in, a sheet of six views round the object out: Zero123++ on diffusers' and transformers' networks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Action, Part, Progress, bad_input, missing_resource
from ..registry import Record, read_record
from .condition import Frame, check_picture, framed, on_grey, pixel_values
from .decoding import COLUMNS, ROWS, decode, sheet_of, split_sheet
from .draws import seeded_draws
from .embedding import condition_on
from .loading import Networks, load_networks
from .sampling import sample
from .schedule import make_schedule


@dataclass(frozen=True, kw_only=True)
class SixViewsOptions:
    """How to sample; the defaults are those of Zero123++'s README."""

    steps: int = 28
    guidance: float = 4.0  # 1 is none
    sampler: str = "euler_ancestral"
    fill: float | None = 0.85  # share of the square that the object takes; None leaves the picture as it is
    view_px: int = 320  # side of a view; the weights were trained at 320
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class SixViews:
    """A sheet and how it came about."""

    sheet: NDArray[np.float32]  # (3 v, 2 v, 3), 0 to 1, on grey
    model: str  # the registry's name of the weights
    rig: str
    seed: int
    options: SixViewsOptions
    device: str  # "cpu float32", "cuda float16"
    frame: Frame | None  # the square that the network saw; None where the picture was left as it is
    seconds: float

    @property
    def views(self) -> NDArray[np.float32]:
        """(6, v, v, 3), in the order of the rig's cameras."""
        return split_sheet(self.sheet)


def six_views(
    picture: NDArray[np.float32], weights: Path | Networks, rig: str, options: SixViewsOptions, seed: int, report: Progress
) -> SixViews:
    """Six views of the object on `picture` (h, w, 4), straight alpha, sRGB values 0 to 1; (h, w, 3) is taken as opaque.

    `weights` is the folder of an installed model, or networks that `load_networks` made from it, so that another seed need not
    load again. `rig` is the one that the views are asked for ("v1.1", or "zero123plus-v1.1"). The same seed, device
    and precision give the same sheet.

    Raises bad-input problems: an empty picture, options out of range, weights of another rig or version or truncated, a sampler
    that gave no numbers; missing-resource problems: weights or device not there, too little memory on the device.
    """
    began = time.monotonic()
    _check(picture, options)
    model = _model_of(weights, rig)
    square, frame = (picture, None) if options.fill is None else framed(picture, options.fill)
    try:
        if isinstance(weights, Networks):
            networks = weights
        else:
            networks = load_networks(weights, options.device, options.precision, Part(report, 0, 0.1))
        if options.view_px % networks.step_px:
            raise bad_input(f"views of {options.view_px} px cannot be made", f"choose a multiple of {networks.step_px}")
        sheet = _sampled(networks, on_grey(square), options, seed, Part(report, 0.1, 1))
    except torch.OutOfMemoryError as error:
        said = str(error).splitlines()[0]
        raise missing_resource(f"the graphics card has too little memory ({said})", "close other programs, or choose device cpu",
                               Action.CHANGE_OPTIONS) from error  # fmt: skip
    where = f"{networks.device.type} {str(networks.dtype).removeprefix('torch.')}"
    return SixViews(sheet, model, _short(rig), seed, options, where, frame, time.monotonic() - began)


def _sampled(
    networks: Networks, rgb: NDArray[np.uint8], options: SixViewsOptions, seed: int, report: Progress
) -> NDArray[np.float32]:
    report(0, "looking at the picture")
    draws = seeded_draws(seed)
    schedule = make_schedule(networks.settings.noise, options.steps, options.sampler)
    vae_pixels, clip_pixels = (
        pixel_values(rgb, preparation) for preparation in (networks.settings.vae_picture, networks.settings.clip_picture)
    )
    condition = condition_on(networks, vae_pixels, clip_pixels, options.guidance > 1, draws)
    side = options.view_px // networks.vae_factor
    latents = None
    steps = sample(
        networks, condition, schedule, (ROWS * side, COLUMNS * side), options.guidance, draws, Part(report, 0.05, 0.95)
    )
    for step in steps:
        latents = step.latents
    if latents is None:
        raise ValueError("a schedule has at least one step")
    report(0.95, "decoding the sheet")
    sheet = sheet_of(decode(networks, latents))
    if not np.isfinite(sheet).all():
        raise bad_input("the autoencoder gave values that are no numbers", "verify the weights with `grotto models verify`")
    report(1, "six views")
    return sheet


def _check(picture: NDArray[np.float32], options: SixViewsOptions) -> None:
    check_picture(picture)
    if not 1 <= options.guidance <= 50:
        raise bad_input(f"a guidance of {options.guidance:g} is out of range", "choose 1 (none) to 50; 4 is usual")
    if options.fill is not None and not 0.1 <= options.fill <= 1:
        raise bad_input(f"a fill of {options.fill:g} is out of range", "choose 0.1 to 1")
    if not 1 <= options.view_px <= 2048:
        raise bad_input(f"views of {options.view_px} px cannot be made", "choose 320, which the weights were trained at")


def _model_of(weights: Path | Networks, rig: str) -> str:
    """The registry's name of the weights; refuses a rig that they were not trained for."""
    record = _record_of(weights, rig)
    if record is None:
        raise missing_resource(
            f"the weights{f' at {weights}' if isinstance(weights, Path) else ''} do not say of which rig they are",
            f"install them: `grotto models install {_full(rig)} --from FOLDER`",
        )
    if record.rig != _short(rig):
        raise bad_input(
            f"the weights {record.name} are of rig {record.rig or 'unknown'}, and rig {_short(rig)} is asked for",
            f"choose that rig, or install {_full(rig)}",
        )
    return record.name


def _record_of(weights: Path | Networks, rig: str) -> Record | None:
    if isinstance(weights, Networks):
        return weights.record
    if not weights.is_dir():
        raise missing_resource(f"there are no weights at {weights}", f"see `grotto models show {_full(rig)}`")
    return read_record(weights)


def _short(rig: str) -> str:
    return rig.removeprefix("zero123plus-")


def _full(rig: str) -> str:
    return f"zero123plus-{_short(rig)}"
