"""The output folder of a scan lies outside of its pictures."""

from __future__ import annotations

from pathlib import Path

from ...contract import Action, bad_input
from ...views import ScanSource


def refuse_output_inside(folder: Path, found: ScanSource) -> None:
    """Raise bad input where the output folder lies among the pictures."""
    if folder.resolve().is_relative_to(found.pictures):
        raise bad_input(
            f"the output folder {folder} lies among the pictures in {found.pictures}",
            "choose an output folder outside of it",
            Action.CHOOSE_FOLDER,
        )
