"""Assets of a result, with paths relative to the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...contract import Asset
from ...runner import Run


@dataclass(frozen=True)
class AssetList:
    """Builds the assets of a job that share a frame and its units."""

    run: Run
    frame: str = ""
    units: str = ""

    def asset(self, kind: str, path: Path, role: str = "") -> Asset:
        """A file or folder of the job."""
        return Asset(kind=kind, path=self.run.relative(path), frame=self.frame, units=self.units, role=role)

    def meshes(self, folder: Path, file: str, lods: Sequence[str], collider: str = "") -> tuple[Asset, ...]:
        """The mesh, its levels of detail, and its collider, where there is one."""
        return (
            self.asset("mesh", folder / file),
            *(self.asset("mesh", folder / lod, f"lod{level}") for level, lod in enumerate(lods, start=1)),
            *((self.asset("mesh", folder / collider, "collider"),) if collider else ()),
        )
