"""Fine-tune Mask2Former on an artist's murals: AdamW from a pretrained network, with a new head for our classes.

Rates, decay and clipping are those of the authors' training on COCO instances (Cheng et al., 2022, section 4.1).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from ...contract import ELEMENT_CLASSES, VERSION, Progress, bad_input
from ...contract.options import TrainOptions
from ...fitting import choose_device
from ..loading import CONFIG, load_network, memory_problem, read_json_object
from .instance_model import ARCHITECTURE, PREPARATION, STEP_PX
from .pixels import IMAGENET_MEAN, IMAGENET_STD, SHORTAGE_REMEDY, tensor_of
from .training_set import Example

PROVENANCE = "provenance.json"
_CHECKPOINT = "checkpoint.pt"
_DECAY, _CLIP, _BACKBONE = 0.05, 0.01, 0.1
_EVERY = 200  # steps between checkpoints
_FAULTS = 10  # steps in a row without numbers end the training
_BRIGHTER = 0.15


@dataclass(frozen=True)
class TrainedSegmenter:
    """The folder that `load_instance_model` reads, and the mean loss of the first and of the last tenth of the steps."""

    folder: Path
    first_loss: float
    last_loss: float
    steps: int


@dataclass
class _State:
    step: int = 0
    losses: list[float] = field(default_factory=list)


def train_segmenter(
    examples: list[Example], counts: dict[str, int], base: Path, options: TrainOptions, out: Path, told: dict[str, Any],
    report: Progress,
) -> TrainedSegmenter:  # fmt: skip
    """Tune the network in `base` on the examples and write it, with `told` as part of its provenance, into `out`.

    A stopped training goes on from its checkpoint in `out`: each step's chances depend on its number alone. Raises what
    loading raises, bad input where the loss is no number from the first step on.
    """
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    report.note(f"It learns from {said}, on {len(examples)} tiles of murals")
    with torch.random.fork_rng():
        torch.manual_seed(options.train_seed)  # the head for other classes is drawn by chance
        network = load_network(base, ARCHITECTURE, choose_device(report), classes=ELEMENT_CLASSES).train()
    optimiser = torch.optim.AdamW(_groups(network, options.train_rate), lr=options.train_rate, weight_decay=_DECAY)
    out.mkdir(parents=True, exist_ok=True)
    stamp = json.dumps([asdict(options), told, len(examples)], sort_keys=True, default=str)
    state = _resumed(out / _CHECKPOINT, stamp, network, optimiser)
    if state.step:
        report.note(f"It goes on from step {state.step}")
    faults = 0
    while state.step < options.train_steps:
        report(0.95 * state.step / options.train_steps, _told(state))
        loss = _step(network, optimiser, examples, options, state.step)
        state.step += 1
        faults = 0 if np.isfinite(loss) else faults + 1
        if np.isfinite(loss):
            state.losses.append(loss)
        if faults >= _FAULTS:
            report.note(f"The loss was no number {_FAULTS} times: the training ended at step {state.step}")
            break
        if state.step % _EVERY == 0:
            _keep(out / _CHECKPOINT, stamp, network, optimiser, state)
    if not state.losses:
        raise bad_input("the loss was no number from the first step on", "give a smaller rate, or another base")
    tenth = max(1, len(state.losses) // 10)
    first, last = float(np.mean(state.losses[:tenth])), float(np.mean(state.losses[-tenth:]))
    told = {**told, "elements": counts, "tiles": len(examples), "steps": state.step, "loss": [round(first, 4), round(last, 4)]}
    _write(network, out, options, told)
    (out / _CHECKPOINT).unlink(missing_ok=True)
    report(1, "written")
    return TrainedSegmenter(out, first, last, state.step)


def _groups(network: Any, rate: float) -> list[dict[str, Any]]:
    """The backbone learns at a tenth of the rate; norms, biases and embeddings do not decay."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        plain = parameter.ndim < 2 or "embed" in name or "position" in name
        groups.setdefault((".encoder." in name, plain), []).append(parameter)
    return [
        {"params": members, "lr": rate * (_BACKBONE if backbone else 1.0), "weight_decay": 0.0 if plain else _DECAY}
        for (backbone, plain), members in groups.items()
    ]


def _step(network: Any, optimiser: torch.optim.Optimizer, examples: list[Example], options: TrainOptions, number: int) -> float:
    """One step; the loss. Where it or its gradient is no number, nothing is changed."""
    random = np.random.default_rng([options.train_seed, number])
    device = next(network.parameters()).device
    side = max(STEP_PX, round(options.train_px / STEP_PX) * STEP_PX)
    pictures, masks, classes = [], [], []
    for index in random.integers(0, len(examples), options.train_batch):
        example = examples[int(index)]
        mirrored = bool(random.random() < 0.5)
        colour = example.colour[:, ::-1] if mirrored else example.colour
        lighter = random.uniform(1 - _BRIGHTER, 1 + _BRIGHTER)
        lit = np.clip(colour.astype(np.float32) * np.float32(lighter), 0, 255).astype(np.uint8)
        pictures.append(tensor_of(np.ascontiguousarray(lit), (side, side), IMAGENET_MEAN, IMAGENET_STD, device))
        mask = np.ascontiguousarray(example.masks[:, :, ::-1] if mirrored else example.masks)
        resized = torch.nn.functional.interpolate(torch.from_numpy(mask)[None].float(), (side, side), mode="nearest")[0]
        masks.append(resized.to(device))
        classes.append(torch.from_numpy(example.classes).to(device))
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), memory_problem(SHORTAGE_REMEDY):
        torch.manual_seed(options.train_seed * 1_000_003 + number)  # the loss is measured at points drawn by chance
        loss = network(pixel_values=torch.cat(pictures), mask_labels=masks, class_labels=classes).loss
        optimiser.zero_grad(set_to_none=True)
        if not bool(torch.isfinite(loss)):
            return float("nan")
        loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
    if not bool(torch.isfinite(norm)):
        return float("nan")
    optimiser.step()
    return float(loss.detach())


def _told(state: _State) -> str:
    recent = state.losses[-20:]
    return f"step {state.step}" + (f", loss {np.mean(recent):.3f}" if recent else "")


def _keep(path: Path, stamp: str, network: Any, optimiser: torch.optim.Optimizer, state: _State) -> None:
    part = path.with_suffix(".part")
    held = {
        "stamp": stamp, "step": state.step, "losses": state.losses, "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
    }  # fmt: skip
    torch.save(held, part)
    part.replace(path)


def _resumed(path: Path, stamp: str, network: Any, optimiser: torch.optim.Optimizer) -> _State:
    if not path.is_file():
        return _State()
    held = torch.load(path, map_location="cpu", weights_only=True)
    if held["stamp"] != stamp:
        return _State()
    network.load_state_dict(held["network"])
    optimiser.load_state_dict(held["optimiser"])
    return _State(int(held["step"]), [float(loss) for loss in held["losses"]])


def _write(network: Any, out: Path, options: TrainOptions, told: dict[str, Any]) -> None:
    """Config, preparation and provenance first, the weights last: a folder with weights is whole."""
    network.config.to_json_file(str(out / CONFIG))
    side = max(STEP_PX, round(options.train_px / STEP_PX) * STEP_PX)
    _json(out / PREPARATION, {
        "do_resize": True, "size": {"shortest_edge": side, "longest_edge": 2 * side}, "do_normalize": True,
        "image_mean": list(IMAGENET_MEAN), "image_std": list(IMAGENET_STD),
    })  # fmt: skip
    _json(out / PROVENANCE, {"made_by": f"grotto {VERSION}", "options": asdict(options), **told})
    state = {key: value.detach().cpu().contiguous().clone() for key, value in network.state_dict().items()}
    part = out / f"{ARCHITECTURE.weights}.part"
    save_file(state, part, metadata={"format": "pt"})
    part.replace(out / ARCHITECTURE.weights)


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read what a trained segmenter was trained on; empty for weights that were not trained here."""
    path = folder / PROVENANCE
    return read_json_object(path, "train the segmenter again") if path.is_file() else {}


def _json(path: Path, held: dict[str, Any]) -> None:
    path.write_text(json.dumps(held, indent=1, default=str) + "\n", encoding="utf-8")
