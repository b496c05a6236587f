"""result.json: what a job leaves, where it lies, and how it came about."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .job import RESULT_FILE

ASSET_KINDS = (
    "cameras", "colmap_model", "photos", "point_cloud", "mesh", "splats", "orthophoto", "orthophoto_preview",
    "height_map", "mask", "views", "dataset", "video", "texture", "highlights", "report", "preview",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file or folder of the result. The first asset of a kind is the main one; others say their role."""

    kind: str
    path: str  # relative to the job folder, POSIX
    sha256: str = ""  # of the file; empty for a folder
    frame: str = ""  # "wall": x along the wall, z up, wall at y = 0
    units: str = ""  # "m", "mm", or "arbitrary"
    role: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ASSET_KINDS:
            raise ValueError(f"{self.kind} is no kind of asset")


@dataclass(frozen=True, kw_only=True)
class Result:
    recipe: str
    assets: tuple[Asset, ...]
    facts: dict[str, Any]
    models: tuple[dict[str, str], ...] = ()  # name, licence, sha256 of every weight file used
    timings: dict[str, float] = field(default_factory=dict)  # seconds by stage
    versions: dict[str, str] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)  # what was really used, by part
    notes: tuple[str, ...] = ()  # what the user was told on the way
    job: dict[str, Any] = field(default_factory=dict)  # request and stamp: the provenance

    def main(self, kind: str) -> Asset | None:
        """The main asset of a kind, or None where the job made none."""
        return next((asset for asset in self.assets if asset.kind == kind), None)

    def write(self, folder: Path) -> None:
        """Write result.json under a temporary name, then rename: it is there whole or not at all."""
        temporary = folder / f".{RESULT_FILE}.part"
        text = json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n"
        # A name that is not UTF-8 on the user's disk holds lone surrogates; written with a backslash they are JSON again.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        temporary.replace(folder / RESULT_FILE)

    @classmethod
    def read(cls, folder: Path) -> Result:
        data = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
        data["assets"] = tuple(Asset(**asset) for asset in data["assets"])
        data["models"] = tuple(data["models"])
        data["notes"] = tuple(data["notes"])
        return cls(**data)
