"""Mask2Former (Cheng et al., 2022; paper 000's reference 29): every instance on a picture with its class, mask and score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import ELEMENT_CLASSES, UNKNOWN_CLASS, Progress
from ...fitting import choose_device
from ...masks.proposals import Instance, instance_from_mask
from ..loading import CONFIG, Architecture, finite, load_network, memory_problem, read_settings_file
from .pixels import ALTERNATIVE, IMAGENET_MEAN, IMAGENET_STD, SHORTAGE_REMEDY, Triple, tensor_of, triple

Colour = NDArray[np.uint8]

ARCHITECTURE = Architecture(
    title="Mask2Former",
    library="transformers",
    network="Mask2FormerForUniversalSegmentation",
    model_types=("mask2former",),
    computed=("criterion.",),  # belongs to the loss
    head=("class_predictor.",),
    allow_surplus=True,
)
PREPARATION = "preprocessor_config.json"
STEP_PX = 32  # the sides of a picture are multiples of it, so that every halving leaves whole pixels
_SHORTER_PX, _LONGER_PX = 800, 1333  # transformers' defaults for this model
# Classes of COCO that correspond to one of ours.
_OF_COCO = {
    "person": "character", "bird": "animal", "cat": "animal", "dog": "animal", "horse": "animal", "sheep": "animal",
    "cow": "animal", "elephant": "animal", "bear": "animal", "zebra": "animal", "giraffe": "animal", "potted plant": "plant",
}  # fmt: skip


@dataclass(frozen=True)
class InstanceModel:
    """A network, its classes in the order of its outputs, and how pictures are prepared for it."""

    network: Any
    classes: tuple[str, ...]
    mean: Triple
    std: Triple
    size: dict[str, int]

    def instances(self, colour: Colour, least_score: float) -> list[Instance]:
        """Find the instances on a picture (h, w, 3) of sRGB bytes with a score above `least_score`.

        The score of a query is the probability of its class times the mean probability inside its mask, as in the authors'
        inference. Raises bad input where the network computes values that are not finite.
        """
        height, width = colour.shape[:2]
        size = fitted_size(width, height, self.size)
        device = next(self.network.parameters()).device
        with torch.inference_mode(), memory_problem(SHORTAGE_REMEDY):
            out = self.network(pixel_values=tensor_of(colour, size, self.mean, self.std, device))
            classes = finite(out.class_queries_logits, ARCHITECTURE.title, ALTERNATIVE)[0].softmax(dim=-1)[:, :-1]
            masks = finite(out.masks_queries_logits, ARCHITECTURE.title, ALTERNATIVE)[0]
            probability, label = classes.max(dim=-1)
            instances = []
            for query in torch.nonzero(probability > least_score).flatten().tolist():
                logits = torch.nn.functional.interpolate(masks[query][None, None], (height, width), mode="bilinear")
                mask_probability = logits[0, 0].sigmoid()
                mask = mask_probability > 0.5
                if not bool(mask.any()):
                    continue
                score = float(probability[query] * mask_probability[mask].mean())
                instance = instance_from_mask(mask.cpu().numpy(), self.classes[int(label[query])], score)
                if instance is not None and score > least_score:
                    instances.append(instance)
        return instances


def load_instance_model(folder: Path, report: Progress) -> InstanceModel:
    """Load Mask2Former from a folder with its config and weights. Raises what `load_network` raises."""
    network = load_network(folder, ARCHITECTURE, choose_device(report))
    labels = read_settings_file(folder / CONFIG, ARCHITECTURE.title).get("id2label") or {}
    classes = tuple(mural_class(str(labels.get(str(number), ""))) for number in range(network.config.num_labels))
    path = folder / PREPARATION
    prepared = read_settings_file(path, ARCHITECTURE.title) if path.is_file() else {}
    size = prepared.get("size")
    if not isinstance(size, dict):
        size = {"shortest_edge": _SHORTER_PX, "longest_edge": _LONGER_PX}
    return InstanceModel(
        network=network,
        classes=classes,
        mean=triple(prepared.get("image_mean"), IMAGENET_MEAN),
        std=triple(prepared.get("image_std"), IMAGENET_STD),
        size={str(key): int(value) for key, value in size.items() if isinstance(value, int)},
    )


def mural_class(name: str) -> str:
    """Map a class of the network to one of ours, or to the unknown class."""
    return name if name in ELEMENT_CLASSES else _OF_COCO.get(name, UNKNOWN_CLASS)


def fitted_size(width: int, height: int, size: dict[str, int]) -> tuple[int, int]:
    """Compute the (width, height) of the network's input, multiples of STEP_PX."""
    if "height" in size and "width" in size:
        across, down = size["width"], size["height"]
    else:
        shorter, longer = size.get("shortest_edge", _SHORTER_PX), size.get("longest_edge", _LONGER_PX)
        scale = min(shorter / min(width, height), longer / max(width, height))
        across, down = round(width * scale), round(height * scale)
    return max(STEP_PX, round(across / STEP_PX) * STEP_PX), max(STEP_PX, round(down / STEP_PX) * STEP_PX)
