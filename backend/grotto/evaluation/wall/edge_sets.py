"""A made wall from a rail with its matches, and its cameras placed by one way of adjustment."""

from __future__ import annotations

import dataclasses
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pycolmap

from ...contract import Silent, from_flat
from ...contract.options import CameraOptions, MakeWallOptions
from ...contract.recipes import WALL_QUALITIES
from ...photos import PhotoSet, read_photos
from ...sfm.cameras import map_photos
from ...sfm.features import GUESSED_FOCAL, extract_features
from ...sfm.lenses import regroup
from ...sfm.pairs import choose_pairs, match_pairs
from ...synthetic import make_wall, read_truth
from ..scores import score_cameras

WIDTH, HEIGHT, FOCAL_PX = 600, 400, 650.0
QUALITY = "standard"
MATCHES = "matched/database.db"


@dataclass(frozen=True, kw_only=True)
class EdgeOutcome:
    """What one run of mapping found."""

    adjustment: str
    hold: bool  # whether the focal length was held at the true value
    placed: int
    total: int
    models: int
    seconds: float  # of CPU time, mapping alone
    centre_mm: float
    out_of_plane_mm: float
    rotation_deg: float
    focal_px: float
    centres_mm: tuple[tuple[float, float, float], ...]  # of the placed photos after the similarity, in order of names


def matched_wall(folder: Path, columns: int, rows: int, features: int, seed: int) -> Path:
    """Make the wall and match its photos, unless `folder` holds them; returns the folder."""
    if (folder / MATCHES).is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    values = {
        "columns": columns,
        "rows": rows,
        "photo_width": WIDTH,
        "photo_height": HEIGHT,
        "focal_px": FOCAL_PX,
        "seed": seed,
    }
    make_wall(folder / "wall", from_flat(MakeWallOptions, values), Silent())
    options = WALL_QUALITIES[QUALITY]
    folders = [folder / name for name in ("features", "pairs", "matches")]
    for each in folders:
        each.mkdir()
    photos = _photos(folder)
    fewer = dataclasses.replace(options.features, features_per_photo=features)
    found = extract_features(photos, fewer, folders[0], Silent())
    pairs = choose_pairs(photos, found, options.pairs, folders[1], Silent())
    matches = match_pairs(found, pairs, photos, options.matches, folders[2], Silent())
    partial = folder / "matching"
    partial.mkdir()
    shutil.copyfile(matches.folder / matches.database, partial / "database.db")
    partial.rename(folder / "matched")
    return folder


def placed(folder: Path, adjustment: str, hold: bool) -> EdgeOutcome:
    """Place the cameras of a matched wall. hold: at the true focal length, else it is free from a guess. Nothing is sharpened."""
    photos = _photos(folder)
    focal = FOCAL_PX if hold else GUESSED_FOCAL * WIDTH
    camera = pycolmap.Camera(
        model="SIMPLE_RADIAL", width=WIDTH, height=HEIGHT, params=[focal, WIDTH / 2, HEIGHT / 2, 0.0], has_prior_focal_length=hold
    )
    work = folder / "mapping"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    regroup(folder / MATCHES, work / "mapping.db", [camera], [0] * len(photos.photos))
    began = time.process_time()
    models = map_photos(work / "mapping.db", len(photos.photos), hold, True, CameraOptions(adjustment=adjustment), work, Silent())
    seconds = time.process_time() - began
    shutil.rmtree(work)
    largest = models[0]
    for image in largest.images.values():
        image.name = photos.photos[image.image_id - 1].name
    truth = read_truth(folder / "wall")
    score, similarity = score_cameras(largest, truth)
    centres = {image.name: image.projection_center() for image in largest.images.values() if image.has_pose}
    return EdgeOutcome(
        adjustment=adjustment,
        hold=hold,
        placed=score.registered,
        total=score.total,
        models=len(models),
        seconds=seconds,
        centre_mm=score.centre_rmse_mm,
        out_of_plane_mm=score.out_of_plane_rmse_mm,
        rotation_deg=score.rotation_deg,
        focal_px=score.focal_most_px,
        centres_mm=tuple(
            tuple((truth.mm_per_unit * similarity.forward(centres[name][None])[0]).tolist()) for name in sorted(centres)
        ),
    )


def _photos(folder: Path) -> PhotoSet:
    target = folder / "photos"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return read_photos(folder / "wall" / "photos", WALL_QUALITIES[QUALITY].photos, target, Silent())
