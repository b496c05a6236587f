"""Which segmenter a job takes, and where its weights are: the user's word, what is installed, and licences decide."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ...contract import Action, ProblemError, bad_input, bug, missing_resource
from ...models.registry import Installed, find, is_installed
from ...models.segmenters import read_provenance

_WEIGHTS = {"mask2former": "mask2former", "sam2": "sam2-small", "vitmatte": "vitmatte-small"}


@dataclass(frozen=True)
class Chosen:
    """`name` is classical, mask2former, sam2 or vitmatte; the folder of its weights; what the result says of them."""

    name: str
    folder: Path | None = None
    models: tuple[dict[str, str], ...] = ()

    def weights(self) -> Path:
        if self.folder is None:
            raise bug(f"{self.name} was chosen without weights")
        return self.folder


def chosen_segmenter(wish: str, own_folder: str = "") -> Chosen:
    """The segmenter of a wish. Non-commercial weights are taken by name only; auto takes SAM 2 where it is installed.

    Raises missing resource where the named one has no weights, bad input where an own folder is not there.
    """
    if own_folder:
        folder = Path(own_folder).expanduser().absolute()
        if not folder.is_dir():
            raise bad_input(f"there is no folder {folder}", "name what grotto train segmenter wrote", option="segmenter_folder")
        return Chosen("mask2former", folder, _own(folder))
    if wish == "auto":
        wish = "sam2" if is_installed(_WEIGHTS["sam2"]) else "classical"
    if wish not in _WEIGHTS:
        return Chosen(wish)
    try:
        weights = find(_WEIGHTS[wish])
    except ProblemError as error:
        told = error.problem
        raise missing_resource(
            told.cause, f"{told.remedy}; or choose the segmenter classical", Action.CHANGE_OPTIONS, option="segmenter"
        ) from error
    return Chosen(wish, weights.folder, _told(weights))


def _told(weights: Installed) -> tuple[dict[str, str], ...]:
    licence, name = weights.model.licence, weights.model.name
    return tuple({"name": f"{name}/{file}", "licence": licence, "sha256": found} for file, found in weights.record.sha256.items())


def _own(folder: Path) -> tuple[dict[str, str], ...]:
    """What the provenance of a tuned segmenter says of it."""
    told, weights = read_provenance(folder), folder / "model.safetensors"
    if not weights.is_file():
        return ()  # whoever loads it says so
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return ({"name": folder.name, "licence": str(told.get("licence", "unknown")), "sha256": found},)
