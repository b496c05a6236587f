"""SAM 2 (Ravi et al., 2024): a mask of what a box, points or strokes mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import bad_input
from ...masks import Hints
from .loading import load_network, memory_told, numbers
from .pixels import IMAGENET_MEAN, IMAGENET_SPREAD, tensor_of

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]

NAME = "SAM 2"
_POINTS = 12  # of the strokes of each kind, at most


@dataclass(frozen=True)
class PromptedModel:
    """The network and the side of the squares that it looks at, in pixels."""

    network: Any
    side_px: int


def load_prompted_model(folder: Path) -> PromptedModel:
    """SAM 2 from a folder with `config.json` and `model.safetensors`; files for videos hold the same network and more.

    Raises what `load_network` raises.
    """
    network = load_network(folder, "Sam2Model", ("sam2", "sam2_video"))
    side = network.config.prompt_encoder_config.image_size
    return PromptedModel(network, int(side if isinstance(side, int) else side[0]))


def prompted_mask(model: PromptedModel, colour: Colour, hints: Hints) -> Array32:
    """Probability (n, n) of being what is meant, over the whole picture (h, w, 3) of sRGB bytes, squashed to a square.

    Raises bad input where hints say nothing, and where the network gives no numbers.
    """
    height, width = colour.shape[:2]
    points, kinds = _points(hints)
    if hints.box is None and not len(points):
        raise bad_input("SAM 2 was told nothing of what is meant", "give a box, or paint strokes")
    device = next(model.network.parameters()).device
    scale = np.array([model.side_px / width, model.side_px / height], np.float32)
    prompt: dict[str, torch.Tensor] = {}
    if len(points):
        prompt["input_points"] = torch.from_numpy(points * scale)[None, None].to(device)
        prompt["input_labels"] = torch.from_numpy(kinds)[None, None].to(device)
    if hints.box is not None:
        box = np.asarray(hints.box, np.float32).reshape(2, 2) * scale
        prompt["input_boxes"] = torch.from_numpy(box.reshape(1, 1, 4)).to(device)
    with torch.inference_mode(), memory_told():
        pixels = tensor_of(colour, (model.side_px, model.side_px), IMAGENET_MEAN, IMAGENET_SPREAD, device)
        out = model.network(pixel_values=pixels, multimask_output=len(points) + 2 * (hints.box is not None) < 2, **prompt)
        masks, likely = numbers(out.pred_masks, NAME)[0, 0], numbers(out.iou_scores, NAME)[0, 0]
        best = masks[int(likely.argmax())].sigmoid()
    return np.asarray(best.float().cpu().numpy(), dtype=np.float32)


def _points(hints: Hints) -> tuple[Array32, NDArray[np.int64]]:
    """Points (n, 2), x and y in pixels, spread over the strokes; 1 for the subject's and 0 for the background's."""
    places, kinds = [np.empty((0, 2), np.float32)], [np.empty(0, np.int64)]
    for painted, kind in ((hints.subject, 1), (hints.background, 0)):
        if painted is not None and painted.any():
            found = _spread(np.argwhere(painted)[:, ::-1].astype(np.float32) + np.float32(0.5))
            places.append(found)
            kinds.append(np.full(len(found), kind, np.int64))
    return np.concatenate(places), np.concatenate(kinds)


def _spread(places: Array32) -> Array32:
    """At most _POINTS of the places (n, 2): the one nearest to their middle, then each time the one farthest from all."""
    places = places[:: max(1, len(places) // 20_000)]
    chosen = [int(np.linalg.norm(places - places.mean(axis=0), axis=1).argmin())]
    distance = np.linalg.norm(places - places[chosen[0]], axis=1)
    while len(chosen) < _POINTS and distance.max() > 2:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(places - places[chosen[-1]], axis=1))
    return np.asarray(places[chosen], dtype=np.float32)
