"""SAM 2 (Ravi et al., 2024): a mask from a box, points or strokes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...fitting import choose_device
from ...masks import Hints
from ..loading import Architecture, finite, load_network, memory_problem
from .pixels import ALTERNATIVE, IMAGENET_MEAN, IMAGENET_STD, SHORTAGE_REMEDY, tensor_of

Colour = NDArray[np.uint8]
Array32 = NDArray[np.float32]

_ARCHITECTURE = Architecture(
    title="SAM 2",
    library="transformers",
    network="Sam2Model",
    model_types=("sam2", "sam2_video"),  # files for videos hold the same network and more
    allow_surplus=True,
)
_MOST_POINTS = 12  # of the strokes of each kind
_MOST_CANDIDATES = 20_000  # painted pixels from which points are chosen


@dataclass(frozen=True)
class PromptedModel:
    """The network, and the side of its square input in pixels."""

    network: Any
    side_px: int


def load_prompted_model(folder: Path, report: Progress) -> PromptedModel:
    """Load SAM 2 from a folder with its config and weights. Raises what `load_network` raises."""
    network = load_network(folder, _ARCHITECTURE, choose_device(report))
    side = network.config.prompt_encoder_config.image_size
    return PromptedModel(network, int(side if isinstance(side, int) else side[0]))


def prompted_mask(model: PromptedModel, colour: Colour, hints: Hints) -> Array32:
    """Compute the probability (n, n) of the prompted subject over a picture (h, w, 3) of sRGB bytes, squeezed to a square.

    Raises bad input where `hints` hold no prompt, and where the network computes values that are not finite.
    """
    height, width = colour.shape[:2]
    points, labels = _points(hints)
    if hints.box is None and not len(points):
        raise bad_input("SAM 2 has neither a box nor strokes to go by", "give a box, or paint strokes")
    device = model.network.device
    scale = np.array([model.side_px / width, model.side_px / height], np.float32)
    prompt: dict[str, torch.Tensor] = {}
    if len(points):
        prompt["input_points"] = torch.from_numpy(points * scale)[None, None].to(device)
        prompt["input_labels"] = torch.from_numpy(labels)[None, None].to(device)
    if hints.box is not None:
        box = np.asarray(hints.box, np.float32).reshape(2, 2) * scale
        prompt["input_boxes"] = torch.from_numpy(box.reshape(1, 1, 4)).to(device)
    with torch.inference_mode(), memory_problem(SHORTAGE_REMEDY):
        pixels = tensor_of(colour, (model.side_px, model.side_px), IMAGENET_MEAN, IMAGENET_STD, device)
        out = model.network(pixel_values=pixels, multimask_output=len(points) + 2 * (hints.box is not None) < 2, **prompt)
        logits = finite(out.pred_masks, _ARCHITECTURE.title, ALTERNATIVE)[0, 0]
        predicted_iou = finite(out.iou_scores, _ARCHITECTURE.title, ALTERNATIVE)[0, 0]
        mask = logits[int(predicted_iou.argmax())].sigmoid()
    return np.asarray(mask.float().cpu().numpy(), dtype=np.float32)


def _points(hints: Hints) -> tuple[Array32, NDArray[np.int64]]:
    """Points (n, 2), x and y in pixels, spread over the strokes; labels (n,), 1 for the subject and 0 for the background."""
    points, labels = [np.empty((0, 2), np.float32)], [np.empty(0, np.int64)]
    for strokes, label in ((hints.subject, 1), (hints.background, 0)):
        if strokes is not None and strokes.any():
            spread = _spread(np.argwhere(strokes)[:, ::-1].astype(np.float32) + np.float32(0.5))
            points.append(spread)
            labels.append(np.full(len(spread), label, np.int64))
    return np.concatenate(points), np.concatenate(labels)


def _spread(places: Array32) -> Array32:
    """Choose at most _MOST_POINTS of the places (n, 2): the most central one, then each time the one farthest from all chosen."""
    places = places[:: max(1, len(places) // _MOST_CANDIDATES)]
    chosen = [int(np.linalg.norm(places - places.mean(axis=0), axis=1).argmin())]
    distance = np.linalg.norm(places - places[chosen[0]], axis=1)
    while len(chosen) < _MOST_POINTS and distance.max() > 2:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(places - places[chosen[-1]], axis=1))
    return np.asarray(places[chosen], dtype=np.float32)
