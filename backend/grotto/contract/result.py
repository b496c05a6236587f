"""result.json: what a job leaves, where it lies, and how it came about."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from .job import RESULT_FILE
from .json_text import parse_json
from .malformed import malformed_as_bad_input
from .typed import typed

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
        windows = PureWindowsPath(self.path)  # which takes both kinds of slash, drives and shares
        if not PurePosixPath(self.path).name or windows.anchor or ".." in windows.parts or "\0" in self.path:
            raise ValueError(f"{self.path!r} is no place in the job's folder")


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
        """The result in a job folder. Raises OSError where there is none to read, bad input where it is no result."""
        file = folder / RESULT_FILE
        with malformed_as_bad_input(f"{file} is not a job's result", "run the job again"):
            return typed(cls, parse_json(file.read_bytes()))
