"""Fine-tune Mask2Former on an artist's murals: AdamW from a pretrained network, with a new head for our classes.

Rates, decay and clipping are those of the authors' training on COCO instances (Cheng et al., 2022, section 4.1).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from ...contract import ELEMENT_CLASSES, VERSION, Part, Progress, bad_input
from ...contract.options import TrainOptions
from ...fitting import CHECKPOINT_FILE, Divergence, FitPlan, State, choose_device, run_fit
from ..loading import CONFIG, load_network, read_json_object
from .instance_model import ARCHITECTURE, PREPARATION, STEP_PX
from .pixels import IMAGENET_MEAN, IMAGENET_STD, tensor_of
from .training_set import Example

PROVENANCE = "provenance.json"
_DECAY, _CLIP, _BACKBONE = 0.05, 0.01, 0.1
# Batches of few tiles differ much in their loss; a step without a finite gradient changes nothing, so some may fail.
DIVERGENCE = Divergence(factor=10.0, patience=500, faults=9)
_BRIGHTER = 0.15


@dataclass(frozen=True)
class TrainedSegmenter:
    """The folder that `load_instance_model` reads, and the mean loss of the first and of the last tenth of the steps."""

    folder: Path
    first_loss: float
    last_loss: float
    steps: int


def train_segmenter(
    examples: list[Example],
    counts: dict[str, int],
    base: Path,
    options: TrainOptions,
    out: Path,
    provenance: dict[str, Any],
    report: Progress,
) -> TrainedSegmenter:
    """Tune the network in `base` on the examples and write it, with `provenance`, into `out`.

    A stopped training continues from its checkpoint in `out`. Raises what loading raises, and bad input where the loss is not
    finite from the first step on.
    """
    classes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    report.note(f"Training on {classes}, on {len(examples)} tiles of murals")
    with torch.random.fork_rng():
        torch.manual_seed(options.train_seed)  # the head for other classes starts from random weights
        network = load_network(base, ARCHITECTURE, choose_device(report), classes=ELEMENT_CLASSES).train()
    out.mkdir(parents=True, exist_ok=True)
    fit = SegmenterFit(network, examples, options)
    plan = FitPlan(
        steps=options.train_steps,
        remedy="choose a smaller train_px",
        option="train_px",
        divergence=DIVERGENCE,
        checkpoint_folder=out,
        identity=json.dumps([asdict(options), provenance, len(examples)], sort_keys=True, default=str),
    )
    outcome = run_fit(fit, plan, Part(report, 0.0, 0.95))
    if not fit.losses:
        raise bad_input("the loss was not finite from the first step on", "give a smaller rate, or another base")
    tenth = max(1, len(fit.losses) // 10)
    first, last = float(np.mean(fit.losses[:tenth])), float(np.mean(fit.losses[-tenth:]))
    result = {"elements": counts, "tiles": len(examples), "steps": outcome.steps, "loss": [round(first, 4), round(last, 4)]}
    _write(network, out, options, {**provenance, **result})
    (out / CHECKPOINT_FILE).unlink(missing_ok=True)
    report(1, "written")
    return TrainedSegmenter(out, first, last, outcome.steps)


class SegmenterFit:
    """The training in progress: a `Fit`. The random numbers of a step depend on its number alone."""

    def __init__(self, network: Any, examples: list[Example], options: TrainOptions) -> None:
        self._network, self._examples, self._options = network, examples, options
        self._batch = options.train_batch
        groups = _groups(network, options.train_rate)
        self._optimiser = torch.optim.AdamW(groups, lr=options.train_rate, weight_decay=_DECAY)
        self.losses: list[float] = []  # of all steps with a finite one

    def step(self, number: int) -> float:
        """Where the loss or its gradient is not finite, nothing is changed."""
        pictures, masks, classes = self._drawn(np.random.default_rng([self._options.train_seed, number]))
        device = pictures.device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self._options.train_seed * 1_000_003 + number)  # the loss is measured at random points
            loss = self._network(pixel_values=pictures, mask_labels=masks, class_labels=classes).loss
            self._optimiser.zero_grad(set_to_none=True)
            if not bool(torch.isfinite(loss)):
                return math.nan
            torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(self._network.parameters(), _CLIP)
        if not bool(torch.isfinite(norm)):
            return math.nan
        self._optimiser.step()
        self.losses.append(float(loss.detach()))
        return self.losses[-1]

    def state(self) -> State:
        return {
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "losses": self.losses,
            "batch": self._batch,
        }

    def restore(self, state: State) -> None:
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.losses, self._batch = [*state["losses"]], state["batch"]

    def halve(self) -> str:
        if self._batch < 2:
            return ""
        self._batch //= 2
        return f"{self._batch} tiles per step"

    def size(self) -> str:
        return ""

    def _drawn(self, random: np.random.Generator) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
        """A batch: pictures (b, 3, side, side), masks (n, side, side) and classes (n,) of each; mirrored and relit at random."""
        device = next(self._network.parameters()).device
        side = _side(self._options)
        pictures, masks, classes = [], [], []
        for index in random.integers(0, len(self._examples), self._batch):
            example = self._examples[int(index)]
            mirrored = bool(random.random() < 0.5)
            colour = example.colour[:, ::-1] if mirrored else example.colour
            brightness = random.uniform(1 - _BRIGHTER, 1 + _BRIGHTER)
            relit = np.clip(colour.astype(np.float32) * np.float32(brightness), 0, 255).astype(np.uint8)
            pictures.append(tensor_of(np.ascontiguousarray(relit), (side, side), IMAGENET_MEAN, IMAGENET_STD, device))
            mask = np.ascontiguousarray(example.masks[:, :, ::-1] if mirrored else example.masks)
            resized = torch.nn.functional.interpolate(torch.from_numpy(mask)[None].float(), (side, side), mode="nearest")[0]
            masks.append(resized.to(device))
            classes.append(torch.from_numpy(example.classes).to(device))
        return torch.cat(pictures), masks, classes


def _side(options: TrainOptions) -> int:
    """Pixels along the sides of the network's input."""
    return max(STEP_PX, round(options.train_px / STEP_PX) * STEP_PX)


def _groups(network: Any, rate: float) -> list[dict[str, Any]]:
    """Parameter groups: the backbone at a tenth of the rate; norms, biases and embeddings without decay."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        plain = parameter.ndim < 2 or "embed" in name or "position" in name
        groups.setdefault((".encoder." in name, plain), []).append(parameter)
    return [
        {"params": members, "lr": rate * (_BACKBONE if backbone else 1.0), "weight_decay": 0.0 if plain else _DECAY}
        for (backbone, plain), members in groups.items()
    ]


def _write(network: Any, out: Path, options: TrainOptions, provenance: dict[str, Any]) -> None:
    """Write config, preparation and provenance first, the weights last: a folder with weights is complete."""
    network.config.to_json_file(str(out / CONFIG))
    preparation = {
        "do_resize": True,
        "size": {"shortest_edge": _side(options), "longest_edge": 2 * _side(options)},
        "do_normalize": True,
        "image_mean": list(IMAGENET_MEAN),
        "image_std": list(IMAGENET_STD),
    }
    _write_json(out / PREPARATION, preparation)
    _write_json(out / PROVENANCE, {"made_by": f"grotto {VERSION}", "options": asdict(options), **provenance})
    state = {key: value.detach().cpu().contiguous().clone() for key, value in network.state_dict().items()}
    temporary = out / f"{ARCHITECTURE.weights}.part"
    save_file(state, temporary, metadata={"format": "pt"})
    temporary.replace(out / ARCHITECTURE.weights)


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read what a trained segmenter was trained on; empty for weights that were not trained here."""
    path = folder / PROVENANCE
    return read_json_object(path, "train the segmenter again") if path.is_file() else {}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")
