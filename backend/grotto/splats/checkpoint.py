"""A long fit's checkpoint: written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

CHECKPOINT = "splats.pt"


def write_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write under a temporary name, then rename."""
    temporary = folder / f".{CHECKPOINT}.part"
    torch.save(state, temporary)
    temporary.replace(folder / CHECKPOINT)


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """What was written, tensors and plain values only, on the CPU; None where nothing was."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    return dict(torch.load(path, map_location="cpu", weights_only=True))
