"""The shift of a local frame whose own world lies far from its origin, as map coordinates do."""

from __future__ import annotations

import json
from pathlib import Path

SHIFT_FILE = "world_shift.json"

Shift = tuple[float, float, float]
NO_SHIFT: Shift = (0.0, 0.0, 0.0)


def write_shift(folder: Path, shift: Shift) -> None:
    """Write the shift beside results in its frame; nothing where there is none."""
    if shift == NO_SHIFT:
        return
    document = {
        "world_shift": list(shift),
        "about": "The files here are in a local frame: add the shift to their coordinates for those of the given cameras.",
    }
    (folder / SHIFT_FILE).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
