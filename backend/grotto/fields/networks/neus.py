"""NeuS: weights along a ray that are greatest exactly where the distance is zero (Wang 2021, equations 10 to 13)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from ...contract import Progress
from ...contract.options import FieldOptions
from ...render.volume import Composite, composite
from ...scene import Region, View
from ..artefact import Fitted
from ..field import Field
from .network_field import fit_network
from .sdf import SCHEDULES, SdfField, sizes_on

_SHARPNESS = 20.0  # one over the standard deviation at first, in units of the region's radius: exp(10 * 0.3) in NeuS
_LOG_SCALE = 10.0  # its logarithm is stored divided by this, and so changes faster (NeuS, models/fields.py)


def unbiased_alpha(first: Tensor, last: Tensor, sharpness: Tensor) -> Tensor:
    """Opacity of intervals with signed distances `first` and `last` at their ends (equation 13).

    max(0, (Phi(first) - Phi(last)) / Phi(first)) with Phi the logistic function, steeper with `sharpness`; the quotient is
    taken by logarithms, since deep inside both are close to 0.
    """
    ratio = nn.functional.logsigmoid(sharpness * last) - nn.functional.logsigmoid(sharpness * first)
    return -torch.expm1(ratio.clamp_max(0))


class Neus(SdfField):
    """An SDF field with NeuS' weights and a learnt sharpness."""

    def __init__(self, region: Region, *, levels: int, finest: int, rows_log2: int, coarse: int, fine: int, cells: int) -> None:
        sizes = {"levels": levels, "finest": finest, "rows_log2": rows_log2, "coarse": coarse, "fine": fine, "cells": cells}
        super().__init__(region, **sizes)
        self.log_sharpness = nn.Parameter(torch.tensor(math.log(_SHARPNESS) / _LOG_SCALE))  # over _LOG_SCALE

    @property
    def sharpness(self) -> Tensor:
        """Per world unit."""
        return (_LOG_SCALE * self.log_sharpness).exp().clamp_max(1e4) / self.radius

    def composite(self, distance: Tensor, colour: Tensor, bounds: tuple[Tensor, Tensor]) -> Composite:
        """Distances at the ends of intervals are the means of adjacent samples; the outermost are extrapolated."""
        starts, ends = bounds
        middles = 0.5 * (distance[:, 1:] + distance[:, :-1])
        first = torch.cat([2 * distance[:, :1] - middles[:, :1], middles], dim=1)
        last = torch.cat([middles, 2 * distance[:, -1:] - middles[:, -1:]], dim=1)
        alpha = unbiased_alpha(first, last, self.sharpness)
        width = (ends - starts).clamp_min(1e-9)
        return composite(-torch.log1p(-alpha.clamp_max(1 - 1e-7)) / width, colour, starts, starts + width)


def fit_neus(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit distance, colour and sharpness on random rays."""
    torch.manual_seed(options.field_seed)
    field = Neus(region, **sizes_on(device, options.field_resolution)).to(device)
    return fit_network(field, SCHEDULES[device.type], views, options, folder, report)


def build_neus(region: Region, settings: dict[str, float | int | str]) -> Field:
    """An unfitted field with the sizes of `settings`."""
    return Neus(region, **{name: int(settings[name]) for name in ("levels", "finest", "rows_log2", "coarse", "fine", "cells")})
