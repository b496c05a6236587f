"""A wall job against the truth that its photos were made from; only the job's files are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...contract import RESULT_FILE, Result, bad_input
from ...formats import read_artefact
from ...ortho import HeightMap, Orthophoto
from ...synthetic import read_truth
from ..scores import CameraScore, HeightScore, OrthoScore, score_cameras, score_height, score_orthophoto


@dataclass(frozen=True, kw_only=True)
class WallScore:
    """Scores of a wall job. Height map and orthophoto are None where the job made none."""

    models_found: int
    cameras: CameraScore
    height: HeightScore | None
    orthophoto: OrthoScore | None


def score_wall(job: Path, truth: Path) -> WallScore:
    """Score the job folder against a folder of `make_wall`. Raises bad input where one of them is no such folder."""
    import pycolmap

    if not (job / RESULT_FILE).is_file():
        raise bad_input(f"{job} holds no finished job", "give the folder of a job that is done")
    result, wall = Result.read(job), read_truth(truth)
    model = result.main("colmap_model")
    if model is None:
        raise bad_input(f"the job in {job} made no cameras", "give the folder of a wall job")
    cameras, similarity = score_cameras(pycolmap.Reconstruction(str(job / model.path)), wall)
    height, orthophoto = result.main("height_map"), result.main("orthophoto")
    return WallScore(
        models_found=int(result.facts.get("models_found", 1)),
        cameras=cameras,
        height=score_height(read_artefact(HeightMap, (job / height.path).parent), similarity, wall) if height else None,
        orthophoto=(
            score_orthophoto(read_artefact(Orthophoto, (job / orthophoto.path).parent), similarity, wall) if orthophoto else None
        ),
    )
