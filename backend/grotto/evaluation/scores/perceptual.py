"""LPIPS where its weights are installed; without weights there is no number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ...metrics.perceptual import load_lpips
from ...models.registry import MODELS, find, is_installed

WEIGHTS = "lpips-alex"
NOT_MEASURED = f"LPIPS: not measured, as the weights {WEIGHTS} are not installed.\n"


def mean_lpips(pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> float | None:
    """Mean LPIPS distance of pairs of pictures (h, w, 3), values 0 to 1; None where the weights are not installed."""
    if not is_installed(WEIGHTS):
        return None
    folder = find(WEIGHTS).folder
    measure = load_lpips("alex", [folder / file.path for file in MODELS[WEIGHTS].files])
    with torch.no_grad():
        distances = [float(measure(torch.from_numpy(picture), torch.from_numpy(truth))) for picture, truth in pairs]
    return float(np.mean(distances))


def lpips_cell(values: Sequence[float | None]) -> str:
    """A table's cell: the mean of those that were measured, "-" where none was."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def lpips_note(values: Sequence[float | None]) -> str:
    """The line below a table that says why LPIPS is missing; empty where none is."""
    return "" if all(value is not None for value in values) else "\n" + NOT_MEASURED
