"""Relative depth of a picture by Depth Anything V2 (Yang et al., 2406.09414), its networks by transformers, from a local folder.

Pictures are prepared as its authors do (DepthAnything/Depth-Anything-V2, depth_anything_v2/dpt.py): both sides at least the size
of the settings, whole patches, cubic, ImageNet's mean and spread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Action, ProblemError, bad_input, missing_resource
from ..registry import check_weights_file, quiet_transformers

WEIGHTS = "model.safetensors"
_LONGEST = 2.0  # of the shorter side: what is longer is looked at smaller, or attention needs its square in memory
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class DepthModel:
    """The network on its device, and how pictures are prepared for it."""

    network: Any
    device: torch.device
    side_px: int  # of the shorter side
    patch_px: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]


def load_depth(folder: Path, device: str = "auto") -> DepthModel:
    """Load the network from a folder with the published layout of the models for transformers.

    `device` is "auto" (CUDA where it is there), "cpu" or "cuda". Raises a missing-resource problem where files or the device
    are not there, a bad-input problem where weights are damaged or of another version.
    """
    from transformers import DepthAnythingForDepthEstimation

    path = folder / WEIGHTS
    if not path.is_file():
        raise missing_resource(f"the weights of depth lack {WEIGHTS}", "install them again, see `grotto models`")
    check_weights_file(path, WEIGHTS)
    config, prepared = _read(folder / "config.json"), _read(folder / "preprocessor_config.json")
    if config.get("model_type") != "depth_anything":
        raise _other_version(f"its model is {config.get('model_type', 'not named')}")
    if config.get("depth_estimation_type", "relative") != "relative":
        raise _other_version(f"they tell {config['depth_estimation_type']} depth, which grows with the distance")
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise missing_resource("CUDA is not there", "choose device cpu, or auto")
    on = torch.device("cuda" if device == "cuda" or (device == "auto" and there) else "cpu")
    loader: Any = DepthAnythingForDepthEstimation  # typed as if it gave the network alone
    with quiet_transformers():
        network, found = loader.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True, ignore_mismatched_sizes=True,
            dtype=torch.float32,
        )  # fmt: skip
    for what in ("missing_keys", "mismatched_keys", "unexpected_keys"):
        if found[what]:
            raise _other_version(f"{len(found[what])} tensors are {what.removesuffix('_keys')}")
    return DepthModel(
        network=network.to(on).eval().requires_grad_(False), device=on,
        side_px=_side(prepared.get("size")),
        patch_px=int(network.config.patch_size), mean=tuple(prepared.get("image_mean", _MEAN)),
        spread=tuple(prepared.get("image_std", _SPREAD)),
    )  # fmt: skip


def relative_depth(picture: NDArray[np.float32], model: DepthModel) -> NDArray[np.float32]:
    """(h, w) how near a picture (h, w, 3), sRGB's values 0 to 1, is: larger is nearer; scale and zero are the model's own.

    Raises a missing-resource problem where memory does not suffice, a bad-input problem where the network answers no numbers.
    """
    height, width = picture.shape[:2]
    tall, wide = network_size(height, width, model.side_px, model.patch_px)
    fitted = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_CUBIC)
    values = (fitted - np.array(model.mean, np.float32)) / np.array(model.spread, np.float32)
    given = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1), np.float32))[None].to(model.device)
    try:
        with torch.inference_mode():
            found = model.network(pixel_values=given).predicted_depth
    except torch.cuda.OutOfMemoryError as error:
        raise missing_resource(
            f"the depth of {wide} x {tall} px does not fit into the graphics card's memory", "close what else uses it"
        ) from error
    depth = found.reshape(1, 1, *found.shape[-2:]).float()
    depth = torch.nn.functional.interpolate(depth, (height, width), mode="bilinear", align_corners=True)
    result = depth[0, 0].cpu().numpy()
    if not np.isfinite(result).all():
        raise bad_input("the depth model answered values that are no numbers", "verify its weights, or set the depth weight to 0")
    return np.asarray(result, np.float32)


def network_size(height: int, width: int, side_px: int, patch_px: int) -> tuple[int, int]:
    """Height and width at which the network looks: whole patches, the shorter side `side_px`, the longer at most twice that."""
    shorter, longer = min(height, width), max(height, width)
    scale = min(side_px / shorter, _LONGEST * side_px / longer)
    tall, wide = (max(1, round(scale * length / patch_px)) * patch_px for length in (height, width))
    return tall, wide


def _side(size: Any) -> int:
    side = size.get("height", size.get("shortest_edge")) if isinstance(size, dict) else size
    if not isinstance(side, int) or not 0 < side < 1 << 14:
        raise _other_version(f"preprocessor_config.json names the size {size!r}")
    return side


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise missing_resource(f"the weights of depth lack {path.name}", "install them again, see `grotto models`") from error
    except ValueError as error:
        raise _other_version(f"{path.name} is damaged") from error
    if not isinstance(held, dict):
        raise _other_version(f"{path.name} is damaged")
    return held


def _other_version(what: str) -> ProblemError:
    return bad_input(
        f"the weights of depth are of another version: {what}",
        "`grotto models delete depth-anything-v2-small`, then install it again", Action.NONE,
    )  # fmt: skip
