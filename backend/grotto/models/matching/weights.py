"""Weights of a matcher: a safetensors file with the design in its header, and beside it a card with hash and history."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ...contract import Action, bad_input
from ..loading import missing_file, other_version, read_json_object
from ..registry import check_weights_file
from .design import MatcherDesign, design_of
from .network import Matcher

WEIGHTS, CARD = "matcher.safetensors", "matcher.json"
SHIPPED = Path(__file__).parent / "shipped"
TITLE = "the attention matcher"
_DESIGN = "design"


@dataclass(frozen=True)
class LoadedMatcher:
    """A network in evaluation mode, and what its card says."""

    network: Matcher
    card: dict[str, Any]
    sha256: str


def write_matcher(network: Matcher, folder: Path, card: dict[str, Any]) -> str:
    """Write weights and card into a folder; returns the weights' sha256. A folder with both is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {key: value.detach().cpu().contiguous().clone() for key, value in network.state_dict().items()}
    temporary = folder / f"{WEIGHTS}.part"
    save_file(state, temporary, metadata={"format": "pt", _DESIGN: json.dumps(network.design.as_dict(), sort_keys=True)})
    digest = _sha256(temporary)
    temporary.replace(folder / WEIGHTS)
    text = json.dumps({"sha256": digest, "design": network.design.as_dict(), **card}, indent=1)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")
    return digest


def load_matcher(folder: Path | None = None, device: torch.device | None = None) -> LoadedMatcher:
    """Load the matcher in a folder, without one that which ships.

    Raises a missing resource where a file is absent, bad input where the weights are damaged, are not those of the card, or
    belong to another version.
    """
    folder = SHIPPED if folder is None else folder
    path = folder / WEIGHTS
    for wanted in (path, folder / CARD):
        if not wanted.is_file():
            raise missing_file(TITLE, wanted)
    check_weights_file(path, f"{folder.name}/{WEIGHTS}")
    card = read_json_object(folder / CARD, "train the matcher again, or take the one that ships")
    digest = _sha256(path)
    if card.get("sha256") != digest:
        found, written = digest[:12], str(card.get("sha256"))[:12]
        raise bad_input(
            f"{folder.name}/{WEIGHTS} is damaged: its sha256 is {found}..., that of its card {written}...",
            "install Grotto again, or train the matcher again",
            Action.NONE,
        )
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            described = (file.metadata() or {}).get(_DESIGN, "{}")
            state = {name: file.get_tensor(name) for name in sorted(file.keys())}
        design = design_of(json.loads(described), f"{folder.name}/{WEIGHTS}")
        network = Matcher(design)
        network.load_state_dict(state)
    except (SafetensorError, RuntimeError, json.JSONDecodeError) as error:
        raise other_version(TITLE, str(error).splitlines()[0]) from error
    if not all(bool(torch.isfinite(value).all()) for value in state.values()):
        raise bad_input(
            f"{folder.name}/{WEIGHTS} holds values that are no numbers",
            "train the matcher again, or take the one that ships",
            Action.NONE,
        )
    return LoadedMatcher(network.to(device).eval(), card, digest)


def new_matcher(design: MatcherDesign, seed: int) -> Matcher:
    """A matcher with random weights; torch's own random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Matcher(design)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
