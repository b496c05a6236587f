"""Mask2Former (Cheng et al., 2022; paper 000's reference 29): every thing on a picture with its class, mask and score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import ELEMENT_CLASSES, UNKNOWN_CLASS
from ...masks.proposals import Instance, instance_from_mask
from .loading import CONFIG, PREPARATION, load_network, memory_told, numbers, read_json
from .pixels import IMAGENET_MEAN, IMAGENET_SPREAD, Triple, tensor_of, triple

Colour = NDArray[np.uint8]

NAME = "Mask2Former"
STEP_PX = 32  # a picture's sides are multiples of it, to survive every halving
_SHORTER_PX, _LONGER_PX = 800, 1333  # transformers' defaults for this model
# COCO's classes that say which of a mural's a thing is; all others say nothing about it.
_OF_COCO = {
    "person": "character", "bird": "animal", "cat": "animal", "dog": "animal", "horse": "animal", "sheep": "animal",
    "cow": "animal", "elephant": "animal", "bear": "animal", "zebra": "animal", "giraffe": "animal", "potted plant": "plant",
}  # fmt: skip


@dataclass(frozen=True)
class InstanceModel:
    """A network with its classes in the order of its outputs, and how it wants its pictures."""

    network: Any
    classes: tuple[str, ...]
    mean: Triple
    spread: Triple
    size: dict[str, int]

    def instances(self, colour: Colour, least_score: float) -> list[Instance]:
        """The things on a picture (h, w, 3) of sRGB bytes that it is surer of than `least_score`.

        A query's score is its class' probability times the mean probability inside its mask, as in the authors' inference.
        Raises bad input where the network gives no numbers.
        """
        height, width = colour.shape[:2]
        size = fitted_size(width, height, self.size)
        device = next(self.network.parameters()).device
        with torch.inference_mode(), memory_told():
            out = self.network(pixel_values=tensor_of(colour, size, self.mean, self.spread, device))
            classes = numbers(out.class_queries_logits, NAME)[0].softmax(dim=-1)[:, :-1]
            masks = numbers(out.masks_queries_logits, NAME)[0]
            sure, which = classes.max(dim=-1)
            found = []
            for query in torch.nonzero(sure > least_score).flatten().tolist():
                raised = torch.nn.functional.interpolate(masks[query][None, None], (height, width), mode="bilinear")
                whole = raised[0, 0].sigmoid()
                inside = whole > 0.5
                if not bool(inside.any()):
                    continue
                score = float(sure[query] * whole[inside].mean())
                instance = instance_from_mask(inside.cpu().numpy(), self.classes[int(which[query])], score)
                if instance is not None and score > least_score:
                    found.append(instance)
        return found


def load_instance_model(folder: Path) -> InstanceModel:
    """Mask2Former from a folder with `config.json` and `model.safetensors`. Raises what `load_network` raises."""
    network = load_network(folder, "Mask2FormerForUniversalSegmentation", ("mask2former",))
    named = read_json(folder / CONFIG).get("id2label") or {}
    classes = tuple(mural_class(str(named.get(str(number), ""))) for number in range(network.config.num_labels))
    held = read_json(folder / PREPARATION)
    size = held.get("size") if isinstance(held.get("size"), dict) else {"shortest_edge": _SHORTER_PX, "longest_edge": _LONGER_PX}
    return InstanceModel(
        network, classes, triple(held.get("image_mean"), IMAGENET_MEAN), triple(held.get("image_std"), IMAGENET_SPREAD),
        {str(key): int(value) for key, value in (size or {}).items() if isinstance(value, int)},
    )  # fmt: skip


def mural_class(name: str) -> str:
    """The mural's class of a network's class."""
    return name if name in ELEMENT_CLASSES else _OF_COCO.get(name, UNKNOWN_CLASS)


def fitted_size(width: int, height: int, size: dict[str, int]) -> tuple[int, int]:
    """(width, height) at which the network looks, multiples of STEP_PX."""
    if "height" in size and "width" in size:
        across, down = size["width"], size["height"]
    else:
        shorter, longer = size.get("shortest_edge", _SHORTER_PX), size.get("longest_edge", _LONGER_PX)
        scale = min(shorter / min(width, height), longer / max(width, height))
        across, down = round(width * scale), round(height * scale)
    return max(STEP_PX, round(across / STEP_PX) * STEP_PX), max(STEP_PX, round(down / STEP_PX) * STEP_PX)
