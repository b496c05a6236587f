"""Networks of transformers from a local folder: the kind is checked first, then the file, then every tensor's name and shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ...contract import Action, ProblemError, bad_input, missing_resource
from ...fitting import shortage_told
from ..registry import check_weights_file, quiet_transformers

WEIGHTS = "model.safetensors"
CONFIG = "config.json"
PREPARATION = "preprocessor_config.json"
_HEAD = ("class_predictor.", "criterion.")  # what depends on the number of classes


def load_network(folder: Path, network: str, kinds: tuple[str, ...], classes: tuple[str, ...] = ()) -> Any:
    """The network `network` of transformers from a folder, on the device that is there, ready to look at pictures.

    `kinds` are the model types that its config may name; with `classes` its head is drawn anew for them where it has others.
    Nothing is fetched and no code of the folder is run. Raises missing
    resource where files are not there, bad input where they hold another model, are truncated or lack tensors.
    """
    import transformers

    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise missing_resource(f"{folder} lacks {name}", "install the model again, or choose the segmenter classical")
    kind = str(read_json(folder / CONFIG).get("model_type", "no model"))
    if kind not in kinds:
        raise other_model(folder, f"it is of {kind} and not of {' or '.join(kinds)}")
    check_weights_file(folder / WEIGHTS, f"{folder.name}/{WEIGHTS}")
    settings: dict[str, Any] = {}
    if classes:
        settings = {"id2label": dict(enumerate(classes)), "label2id": {name: number for number, name in enumerate(classes)}}
    with quiet_transformers():
        made, found = getattr(transformers, network).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False, output_loading_info=True,
            ignore_mismatched_sizes=True, dtype=torch.float32, **settings,
        )  # fmt: skip
    shapes = [key if isinstance(key, str) else str(key[0]) for key in found["mismatched_keys"]]
    if classes:
        shapes = [key for key in shapes if not key.startswith(_HEAD)]
    missing = [key for key in found["missing_keys"] if not key.startswith("criterion.")]  # of the loss, not learnt
    for what, keys in (("are missing", sorted(missing)), ("have another shape", sorted(shapes))):
        if keys:
            raise other_model(folder, f"{len(keys)} tensors {what} (the first is {keys[0]})")
    return made.to(device_there()).eval()


def device_there() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def other_model(folder: Path, cause: str) -> ProblemError:
    return bad_input(f"the weights in {folder.name} are of another model: {cause}", "choose another folder", Action.NONE)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object, empty where the file is not there."""
    if not path.is_file():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise bad_input(f"{path.name} is damaged", "install the model again", Action.NONE) from error
    if not isinstance(held, dict):
        raise bad_input(f"{path.name} is damaged", "install the model again", Action.NONE)
    return held


def numbers(values: torch.Tensor, name: str) -> torch.Tensor:
    """The values, where all are finite; else a problem instead of a mask of nothing."""
    if not bool(torch.isfinite(values).all()):
        remedy = "verify its weights, or choose the segmenter classical"
        raise bad_input(f"{name} gave values that are no numbers", remedy, Action.CHANGE_OPTIONS)
    return values


@contextmanager
def memory_told() -> Iterator[None]:
    """CUDA's out-of-memory as a problem with its numbers."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise missing_resource(
            shortage_told(error), "choose smaller tiles, or the segmenter classical", option="tile_px"
        ) from error
