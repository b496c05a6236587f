"""VolSDF: density as the Laplace distribution of signed distance (Yariv 2021, equations 2 and 3).

The paper places samples by a bound on the error of opacity. Here they are stratified, then drawn by importance.
"""

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

_BETA, _LEAST_BETA = 0.01, 1e-3  # of the region's radius: at first, and never below


def laplace_density(distance: Tensor, beta: Tensor) -> Tensor:
    """Density alpha Psi(-distance) with alpha = 1 / beta and Psi the Laplace distribution's CDF with scale beta.

    In the units of distance and beta: half of 1 / beta at the surface, 1 / beta deep inside.
    """
    outside = 0.5 * torch.exp(-distance.abs() / beta)
    return torch.where(distance > 0, outside, 1 - outside) / beta


class VolSdf(SdfField):
    """An SDF field whose density becomes as steep as the pictures allow."""

    def __init__(self, region: Region, *, levels: int, finest: int, rows_log2: int, coarse: int, fine: int, cells: int) -> None:
        sizes = {"levels": levels, "finest": finest, "rows_log2": rows_log2, "coarse": coarse, "fine": fine, "cells": cells}
        super().__init__(region, **sizes)
        self.log_beta = nn.Parameter(torch.tensor(math.log(_BETA)))

    @property
    def beta(self) -> Tensor:
        """World units."""
        return self.radius * (self.log_beta.exp() + _LEAST_BETA)

    def density(self, distance: Tensor) -> Tensor:
        return laplace_density(distance, self.beta)

    def composite(self, distance: Tensor, colour: Tensor, bounds: tuple[Tensor, Tensor]) -> Composite:
        return composite(self.density(distance), colour, *bounds)


def fit_volsdf(
    views: Sequence[View], region: Region, options: FieldOptions, device: torch.device, folder: Path, report: Progress
) -> Fitted:
    """Fit distance, colour and beta on random rays."""
    torch.manual_seed(options.field_seed)
    field = VolSdf(region, **sizes_on(device, options.field_resolution)).to(device)
    return fit_network(field, SCHEDULES[device.type], views, options, folder, report)


def build_volsdf(region: Region, settings: dict[str, float | int | str]) -> Field:
    """An unfitted field with the sizes of `settings`."""
    return VolSdf(region, **{name: int(settings[name]) for name in ("levels", "finest", "rows_log2", "coarse", "fine", "cells")})
