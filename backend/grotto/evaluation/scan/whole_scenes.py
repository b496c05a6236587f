"""Scenes without a subject of their own: what a scan makes of them by itself, beside a scan that is told to mesh the scene."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...contract import Silent
from ...synthetic import make_room_set
from ..markdown import markdown_table
from .job import scan_job

SCENES = ("fox", "room")
SCENE_HEADS = (":scene", ":mesh of", "mesh, dB", "splats, dB", "cover", "faces", "backdrop", ":as the scene")
_NEAR_DB, _NEAR_COVER = 0.1, 0.01


@dataclass(frozen=True, kw_only=True)
class SceneResult:
    """One scan of a scene, by its own facts on the held-out photos."""

    scene: str
    mesh_of: str  # the option
    mesh_db: float
    splats_db: float
    cover: float
    faces: int
    backdrop_faces: int  # -1 where no backdrop was made

    def like(self, other: SceneResult) -> bool:
        """Whether both scans meshed the same with the same success."""
        same_parts = (self.backdrop_faces < 0) == (other.backdrop_faces < 0)
        near = abs(self.mesh_db - other.mesh_db) <= _NEAR_DB and abs(self.splats_db - other.splats_db) <= _NEAR_DB
        return same_parts and near and abs(self.cover - other.cover) <= _NEAR_COVER


def scan_scenes(out: Path, options: Mapping[str, Any], size: int, most: int) -> int:
    """Scan each scene by itself and as a scene, at most so many jobs; returns how many ran. Finished ones stand in `out`."""
    done = 0
    for scene in SCENES:
        for mesh_of in ("auto", "scene"):
            path = _path(out, scene, mesh_of)
            source = _source(out, scene, size)
            if path.is_file() or source is None or done >= most:
                continue
            result = scan_job(source, {**options, "mesh_of": mesh_of}, out / f"{scene}-{mesh_of}-job")
            path.write_text(json.dumps(asdict(_measured(scene, mesh_of, result)), indent=1) + "\n", encoding="utf-8")
            done += 1
    return done


def scene_table(out: Path) -> str:
    """The table of the scenes: those without an outcome are marked as not measured."""
    rows = []
    for scene in SCENES:
        results = [_read(_path(out, scene, mesh_of)) for mesh_of in ("auto", "scene")]
        for mesh_of, one in zip(("auto", "scene"), results, strict=True):
            if one is None:
                rows.append((scene, mesh_of, "not measured", *[""] * (len(SCENE_HEADS) - 3)))
                continue
            verdict = "" if mesh_of == "scene" or results[1] is None else ("yes" if one.like(results[1]) else "no")
            backdrop = "-" if one.backdrop_faces < 0 else f"{one.backdrop_faces:,}"
            figures = (f"{one.mesh_db:.2f}", f"{one.splats_db:.2f}", f"{one.cover:.3f}", f"{one.faces:,}", backdrop)
            rows.append((scene, mesh_of, *figures, verdict))
    return markdown_table(SCENE_HEADS, rows)


def _source(out: Path, scene: str, size: int) -> Path | None:
    """The room is made; the fox's 50 photos lie below GROTTO_DATA, or the row is not measured."""
    if scene == "room":
        if not (out / "room" / "transforms.json").is_file():
            make_room_set(4.0, out / "room", Silent(), size=size)
        return out / "room"
    data = os.environ.get("GROTTO_DATA", "")
    return Path(data) / scene if data and (Path(data) / scene / "transforms.json").is_file() else None


def _measured(scene: str, mesh_of: str, result: Mapping[str, Any]) -> SceneResult:
    facts = result["facts"]
    return SceneResult(
        scene=scene,
        mesh_of=mesh_of,
        mesh_db=facts["heldout_psnr_db"]["mesh"],
        splats_db=facts["heldout_psnr_db"]["splats"],
        cover=facts["mesh_cover"],
        faces=facts["faces"],
        backdrop_faces=facts.get("backdrop_faces", -1),
    )


def _read(path: Path) -> SceneResult | None:
    return SceneResult(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _path(out: Path, scene: str, mesh_of: str) -> Path:
    return out / f"scene-{scene}-{mesh_of}.json"
