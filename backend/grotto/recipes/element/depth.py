"""The stage `depth` of an element: estimate relative depth by a network, where its weights are installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...contract.options import ReliefOptions
from ...contract.recipes import ElementOptions
from ...formats import Artefact
from ...models.registry import Installed, find, is_installed
from ...runner import AnyStage, Run, Stage
from ..weights import gpu_of_weights, models_used
from .cut import CutElement
from .work import work_cut

DEPTH_MODEL = "depth-anything-v2-small"
DEPTH_FILE = "depth.npy"


@dataclass(frozen=True, kw_only=True)
class ElementDepth(Artefact):
    """How near each pixel of the element is, at working size."""

    device: str
    depth: str = DEPTH_FILE

    def nearness(self) -> NDArray[np.float32]:
        """(h, w) larger is nearer; scale and zero are the model's own."""
        return np.load(self.folder / self.depth)


def estimate_depth(cut: CutElement, weights: Path, folder: Path, report: Progress) -> ElementDepth:
    """Estimate the depth of the element with `weights` (a folder); raises what `load_depth` and `relative_depth` do."""
    from ...models.depth import load_depth, relative_depth  # here, as a relief without depth needs no torch

    report(0.0, "loading the depth model")
    model = load_depth(weights, report)
    report(0.3, "estimating depth")
    np.save(folder / DEPTH_FILE, relative_depth(work_cut(cut).colour, model))
    report(1.0, "depth estimated")
    return ElementDepth(folder=folder, device=model.device.type)


def forecast_depth(cut: CutElement, weights: Path) -> int:
    """Bytes: the weights, and what they compute of 518 x 1036 px."""
    return 2 * sum(file.stat().st_size for file in weights.rglob("*.safetensors")) + 1_500_000_000


def gpu_of_depth(cut: CutElement, weights: Path) -> int:
    """Bytes on a GPU: the network."""
    return gpu_of_weights(weights)


DEPTH = Stage("depth", "Estimating depth", estimate_depth, version=1, share=4, forecast=forecast_depth, gpu=gpu_of_depth)


def depth_weights(options: ReliefOptions) -> Installed | None:
    """The weights that shape the relief; None where they are not installed, or depth has no part in it."""
    if options.depth_weight == 0 or options.shape == "standee" or not is_installed(DEPTH_MODEL):
        return None
    return find(DEPTH_MODEL)


def plan_depth(options: ElementOptions) -> tuple[AnyStage, ...]:
    """The stage of depth, where its weights are installed and wanted."""
    return (DEPTH,) if depth_weights(options.relief) else ()


def estimated_depth(cut: CutElement, options: ElementOptions, run: Run) -> ElementDepth | None:
    """The depth of the element, or None."""
    weights = depth_weights(options.relief)
    return None if weights is None else run(DEPTH, cut, weights.folder)


def depth_models(options: ElementOptions) -> tuple[dict[str, str], ...]:
    """The weights that took part, as the result manifest lists them."""
    weights = depth_weights(options.relief)
    return () if weights is None else models_used(weights)
