"""Resolve which segmenter a job uses and where its weights are, by the option, what is installed, and licences."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ...contract import Action, ProblemError, bad_input, bug, missing_resource
from ...models.registry import find, is_installed
from .installed import models_used

_WEIGHTS = {"mask2former": "mask2former", "sam2": "sam2-small", "vitmatte": "vitmatte-small"}


@dataclass(frozen=True)
class Segmenter:
    """`name` is classical, mask2former, sam2 or vitmatte; the folder of its weights; `models` as the result lists them."""

    name: str
    folder: Path | None = None
    models: tuple[dict[str, str], ...] = ()

    def weights(self) -> Path:
        """The folder of its weights."""
        if self.folder is None:
            raise bug(f"{self.name} was chosen without weights")
        return self.folder

    def models_of(self, method: str) -> tuple[dict[str, str], ...]:
        """The weights that took part in a cut-out by this method; none where it was made without any."""
        return self.models if self.folder is not None and self.folder.name in method else ()


def resolve_segmenter(name: str, own_folder: str = "") -> Segmenter:
    """The segmenter of that name; auto is SAM 2 where it is installed. Non-commercial weights are used by name only.

    own_folder: a tuned Mask2Former, which overrides the name. Raises missing resource where the weights are not installed, bad
    input where the own folder does not exist.
    """
    if own_folder:
        folder = Path(own_folder).expanduser().absolute()
        if not folder.is_dir():
            raise bad_input(f"there is no folder {folder}", "name what grotto train segmenter wrote", option="segmenter_folder")
        return Segmenter("mask2former", folder, _tuned_model(folder))
    if name == "auto":
        name = "sam2" if is_installed(_WEIGHTS["sam2"]) else "classical"
    if name not in _WEIGHTS:
        return Segmenter(name)
    try:
        weights = find(_WEIGHTS[name])
    except ProblemError as error:
        cause, remedy = error.problem.cause, error.problem.remedy
        raise missing_resource(
            cause, f"{remedy}; or choose the segmenter classical", Action.CHANGE_OPTIONS, option="segmenter"
        ) from error
    return Segmenter(name, weights.folder, models_used(weights))


def _tuned_model(folder: Path) -> tuple[dict[str, str], ...]:
    """The same of a tuned segmenter, whose licence stands in its provenance."""
    from ...models.segmenters import read_provenance  # here, as its room loads torch

    provenance, weights = read_provenance(folder), folder / "model.safetensors"
    if not weights.is_file():
        return ()  # loading it raises the problem
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ({"name": folder.name, "licence": str(provenance.get("licence", "unknown")), "sha256": digest},)
