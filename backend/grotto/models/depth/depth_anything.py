"""Relative depth of a picture by Depth Anything V2 (Yang et al., 2406.09414), its network by transformers, from a local folder.

Pictures are prepared as its authors do (DepthAnything/Depth-Anything-V2, depth_anything_v2/dpt.py): both sides at least the size
of the settings, whole patches, cubic interpolation, normalised with ImageNet's mean and standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress
from ...fitting import choose_device
from ..loading import CONFIG, Architecture, finite, load_network, memory_problem, other_version, read_settings_file

_ARCHITECTURE = Architecture(
    title="Depth Anything",
    library="transformers",
    network="DepthAnythingForDepthEstimation",
    model_types=("depth_anything",),
)
_PREPARATION = "preprocessor_config.json"
_MOST_ELONGATED = 2.0  # longer to shorter side: attention needs memory by the square of the number of patches
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class DepthModel:
    """The network on its device, and how pictures are prepared for it."""

    network: Any
    device: torch.device
    side_px: int  # of the shorter side
    patch_px: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def load_depth(folder: Path, report: Progress, device: str = "auto") -> DepthModel:
    """Load the network from a folder with the published layout of the models for transformers.

    `device` is a request of `choose_device`. Raises the problems of `choose_device` and `load_network`; bad input where the
    weights estimate metric depth.
    """
    title = _ARCHITECTURE.title
    network = load_network(folder, _ARCHITECTURE, choose_device(report, device)).requires_grad_(False)
    kind = read_settings_file(folder / CONFIG, title).get("depth_estimation_type", "relative")
    if kind != "relative":
        raise other_version(title, f"they estimate {kind} depth, which grows with the distance")
    prepared = read_settings_file(folder / _PREPARATION, title)
    return DepthModel(
        network=network,
        device=network.device,
        side_px=_side(prepared.get("size")),
        patch_px=int(network.config.patch_size),
        mean=tuple(prepared.get("image_mean", _MEAN)),
        std=tuple(prepared.get("image_std", _STD)),
    )


def relative_depth(picture: NDArray[np.float32], model: DepthModel) -> NDArray[np.float32]:
    """Estimate nearness (h, w) of a picture (h, w, 3), sRGB 0 to 1: larger is nearer, scale and zero are the model's own.

    Raises a missing resource where memory does not suffice, bad input where the network computes no finite values.
    """
    height, width = picture.shape[:2]
    network_height, network_width = network_size(height, width, model.side_px, model.patch_px)
    resized = cv2.resize(picture, (network_width, network_height), interpolation=cv2.INTER_CUBIC)
    normalised = (resized - np.array(model.mean, np.float32)) / np.array(model.std, np.float32)
    pixels = torch.from_numpy(np.ascontiguousarray(normalised.transpose(2, 0, 1), np.float32))[None].to(model.device)
    with memory_problem("close other programs that use the GPU, or set the depth weight to 0"), torch.inference_mode():
        predicted = model.network(pixel_values=pixels).predicted_depth
        depth = predicted.reshape(1, 1, *predicted.shape[-2:]).float()
        depth = torch.nn.functional.interpolate(depth, (height, width), mode="bilinear", align_corners=True)
    return finite(depth[0, 0], _ARCHITECTURE.title, "set the depth weight to 0").cpu().numpy()


def network_size(height: int, width: int, side_px: int, patch_px: int) -> tuple[int, int]:
    """Height and width of the network's input: whole patches, shorter side near `side_px`, longer side at most twice that."""
    shorter, longer = min(height, width), max(height, width)
    scale = min(side_px / shorter, _MOST_ELONGATED * side_px / longer)
    network_height, network_width = (max(1, round(scale * length / patch_px)) * patch_px for length in (height, width))
    return network_height, network_width


def _side(size: Any) -> int:
    side = size.get("height", size.get("shortest_edge")) if isinstance(size, dict) else size
    if not isinstance(side, int) or not 0 < side < 1 << 14:
        raise other_version(_ARCHITECTURE.title, f"{_PREPARATION} names the size {size!r}")
    return side
