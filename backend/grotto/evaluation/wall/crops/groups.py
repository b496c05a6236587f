"""Groups of crops of made paintings, and the mosaic that a wall job makes of them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ....contract import ProblemError, Silent, from_flat, to_flat
from ....contract.options import MakeWallOptions
from ....contract.recipes import WALL_QUALITIES
from ....photos import read_photos
from ....sfm.align import fit_similarity
from ....sfm.cameras import find_cameras
from ....sfm.features import extract_features
from ....sfm.pairs import choose_pairs, match_pairs
from ....sfm.wall import set_wall_frame
from ....synthetic import WallTruth, make_wall, read_truth

STYLES = ("thousand", "narrative", "faded", "mixed")
GRAINY, PLAIN = 0.7, 0.15
QUALITY = "draft"
GRID = 9  # places along each side of a crop that are mapped
STAGES = ("photos", "features", "pairs", "matches", "cameras", "frame")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class CropOutcome:
    """What a wall job found of a group. Errors are px of the painting, after the similarity that fits best."""

    name: str
    style: str
    grain: float
    total: int
    placed: int  # crops in the largest piece
    pieces: int
    compared: int  # pairs
    error_px: float  # RMS over a grid of places on all crops; nan where nothing was placed
    worst_px: float  # of one place
    cpu_s: dict[str, float]  # of each stage
    refused: str  # the problem where the job was refused

    @property
    def complete(self) -> bool:
        """Whether all crops stand in one piece."""
        return self.placed == self.total

    @property
    def seconds(self) -> float:
        """CPU seconds of all stages."""
        return sum(self.cpu_s.values())


def crop_groups(seed: int, count: int, columns: int, painting_px: int) -> list[MakeWallOptions]:
    """Square groups of all styles in turn, every other one grainy, each style as often as not."""
    made = []
    for number in range(count):
        values = {
            "capture": "crops",
            "style": STYLES[number % len(STYLES)],
            "grain": PLAIN if (number + number // len(STYLES)) % 2 else GRAINY,
            "seed": seed + number,
            "columns": columns,
            "rows": columns,
            "painting_px": painting_px,
        }
        made.append(from_flat(MakeWallOptions, values))
    return made


def group_name(make: MakeWallOptions) -> str:
    """The name of a group's folder and outcome."""
    return f"crops-{make.seed}"


def measured(make: MakeWallOptions, out: Path) -> CropOutcome:
    """Paint and crop the group in `out`, find its mosaic as a draft job does, or read what was found before."""
    described = json.dumps(to_flat(make), sort_keys=True)
    kept = kept_outcome(out / f"{group_name(make)}.json", described)
    if kept is not None:
        return CropOutcome(**kept)
    folder = out / group_name(make)
    outcome = measure_group(make, made_group(make, folder), folder)
    keep_outcome(out / f"{group_name(make)}.json", described, dataclasses.asdict(outcome))
    shutil.rmtree(folder / "job")
    return outcome


def kept_outcome(path: Path, described: str) -> dict[str, Any] | None:
    """The outcome that an earlier run wrote of the same set; None where there is none."""
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return dict(kept["outcome"]) if kept["set"] == described else None


def keep_outcome(path: Path, described: str, outcome: dict[str, Any]) -> None:
    """Write an outcome, under a temporary name first: a stopped run leaves no half of one."""
    path.with_suffix(".part").write_text(json.dumps({"set": described, "outcome": outcome}, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".part").replace(path)


def made_group(make: MakeWallOptions, folder: Path) -> WallTruth:
    """The crops in `folder`/photos, made where they are not there yet."""
    try:
        truth = read_truth(folder)
        if truth.options == make:
            return truth
    except ProblemError:
        pass  # there is no finished group: it is made
    make_wall(folder, make, Silent())
    return read_truth(folder)


def measure_group(make: MakeWallOptions, truth: WallTruth, folder: Path) -> CropOutcome:
    """The stages of a draft job up to the wall's frame, each in a folder below `folder`/job, and their mosaic's error."""
    job, cpu_s = folder / "job", {}
    shutil.rmtree(job, ignore_errors=True)
    draft, report = WALL_QUALITIES[QUALITY], Silent()

    def timed(name: str, stage: Callable[..., T], *inputs: Any) -> T:
        place = job / name
        place.mkdir(parents=True)
        began = time.process_time()
        try:
            return stage(*inputs, place, report)
        finally:
            cpu_s[name] = round(time.process_time() - began, 2)

    placed, pieces, compared, error, worst, refused = 0, 0, 0, float("nan"), float("nan"), ""
    try:
        photos = timed("photos", read_photos, folder / "photos", draft.photos)
        features = timed("features", extract_features, photos, draft.features)
        pairs = timed("pairs", choose_pairs, photos, features, draft.pairs)
        compared = len(pairs.pairs)
        matches = timed("matches", match_pairs, features, pairs, photos, draft.matches)
        cameras = timed("cameras", find_cameras, photos, matches, draft.cameras)
        frame = timed("frame", set_wall_frame, photos, cameras, draft.frame)
        placed, pieces = len(cameras.registered), cameras.models_found
        error, worst = mosaic_error(frame.read_model(), truth)
    except ProblemError as problem:
        refused = problem.problem.sentence()
    return CropOutcome(
        name=group_name(make),
        style=make.style,
        grain=make.grain,
        total=len(truth.photos),
        placed=placed,
        pieces=pieces,
        compared=compared,
        error_px=error,
        worst_px=worst,
        cpu_s=cpu_s,
        refused=refused,
    )


def mosaic_error(model: pycolmap.Reconstruction, truth: WallTruth) -> tuple[float, float]:
    """RMS and largest miss (px of the painting) of places on the crops, mapped to the wall plane y = 0 of the model.

    A similarity, which crops leave open, is fitted first. nan where the model holds fewer than two of the crops.
    """
    found, true = [], []
    for image in model.images.values():
        photo = truth.photo(image.name)
        if photo is None or photo.offset_px is None or not image.has_pose:
            continue
        camera = model.cameras[image.camera_id]
        u, v = np.meshgrid(*(np.linspace(0.02, 0.98, GRID),) * 2)
        px = np.column_stack([u.ravel() * camera.width, v.ravel() * camera.height])
        found.append(on_wall(px, camera, np.asarray(image.cam_from_world().matrix())))
        left, top = photo.offset_px
        true.append((px[:, 0] + left) - 1j * (px[:, 1] + top))
    if len(found) < 2:
        return float("nan"), float("nan")
    places, targets = np.concatenate(found), np.concatenate(true)
    turn, shift = fit_similarity(places, targets)
    miss = np.abs(turn * places + shift - targets)
    return float(np.sqrt(np.mean(miss**2))), float(miss.max())


def on_wall(px: NDArray[np.float64], camera: pycolmap.Camera, camera_from_wall: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Where the rays of pixels (n, 2) meet the plane y = 0, as x + i z; camera_from_wall (3, 4)."""
    rays = np.column_stack([np.asarray(camera.cam_from_img(px)), np.ones(len(px))]) @ camera_from_wall[:, :3]
    centre = -camera_from_wall[:, :3].T @ camera_from_wall[:, 3]
    places = centre - centre[1] / rays[:, 1:2] * rays
    return np.asarray(places[:, 0] + 1j * places[:, 2], np.complex128)
