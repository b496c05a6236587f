"""Points from given cameras: matches are triangulated, the cameras stay exactly as they were given."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Progress
from ...formats import write_shift
from ...photos import ScanPhotos
from ..cameras import colour_points
from ..cancellable import run_cancellable
from ..features import Features, database_name
from ..pairs import Matches
from .given_check import refuse_disagreeing
from .given_turns import choose_turns
from .sparse_scene import MODEL, SparseScene, why_model_is_a_wall, write_scene

LEAST_POINTS = 100  # fewer say nothing about a scene
MISS_PX = 3.0  # by which an observation may miss its point


def forecast_triangulation(photos: ScanPhotos, features: Features, matches: Matches) -> int:
    """Bytes: correspondences and tracks, by measurement about 400 bytes a match."""
    return 300_000_000 + 400 * sum(pair.inliers for pair in matches.pairs)


def triangulate_given(photos: ScanPhotos, features: Features, matches: Matches, folder: Path, report: Progress) -> SparseScene:
    """Triangulate the verified matches with the given cameras, which are checked first.

    Raises bad input, with names and the median error in pixels, where the cameras as a whole disagree with the photos. Too few
    matches (six far views, little detail) give a scene without points, and a note that says so.
    """
    database = folder / "work.db"
    shutil.copyfile(matches.folder / matches.database, database)
    report(0.0, "checking the given cameras against the photos")
    with pycolmap.Database.open(str(database)) as opened:
        photos, agreement = choose_turns(photos, matches.pairs, opened, report)
    refuse_disagreeing(photos, agreement, len(matches.pairs), report)
    model = _model_of(photos, database)
    report(0.2, "triangulating")
    if matches.pairs:
        model = _triangulate(model, database, folder, report)
    for image in model.images.values():
        image.name = photos.photos[image.image_id - 1].name
    report(0.7, "colouring points")
    colour_points(model, photos, report)
    if flat_wall := why_model_is_a_wall(model):
        report.note(flat_wall)
    cloud = write_scene(model, folder, LEAST_POINTS)
    write_shift(folder, photos.world_shift)
    for file in folder.glob("work.db*"):
        file.unlink()
    if not cloud:
        report.note(f"only {model.num_points3D()} points are shared by the photos, so the scan goes on without points")
    report(1.0, f"{model.num_points3D()} points")
    return SparseScene(
        folder=folder,
        model=MODEL,
        cloud=cloud,
        points=model.num_points3D(),
        placed=tuple(photo.name for photo in photos.photos),
        given=True,
        reprojection_px=agreement.overall_px if np.isfinite(agreement.overall_px) else -1.0,
    )


def _model_of(photos: ScanPhotos, database: Path) -> pycolmap.Reconstruction:
    """The given cameras with the photos' keypoints; photos of one lens share it. Names are those of the database."""
    model = pycolmap.Reconstruction()
    lenses: dict[str, int] = {}
    with pycolmap.Database.open(str(database)) as opened:
        for image_id, (photo, placed) in enumerate(zip(photos.photos, photos.cameras, strict=True), start=1):
            if photo.group not in lenses:
                lenses[photo.group] = opened.read_image(image_id).camera_id
                camera = pycolmap.Camera(
                    model=placed.lens.model, width=placed.lens.width, height=placed.lens.height, params=list(placed.lens.params)
                )
                camera.camera_id = lenses[photo.group]
                opened.update_camera(camera)
                model.add_camera_with_trivial_rig(camera)
            places = np.asarray(opened.read_keypoints(image_id), np.float64)[:, :2]
            image = pycolmap.Image(
                name=database_name(image_id), points2D=pycolmap.Point2DList([pycolmap.Point2D(place) for place in places])
            )
            image.image_id, image.camera_id = image_id, lenses[photo.group]
            model.add_image_with_trivial_frame(image, pycolmap.Rigid3d(placed.matrix[:3]))
    return model


def _triangulate(model: pycolmap.Reconstruction, database: Path, folder: Path, report: Progress) -> pycolmap.Reconstruction:
    settings = pycolmap.IncrementalPipelineOptions(extract_colors=False, random_seed=0)
    settings.triangulation.ignore_two_view_tracks = False  # far views share most points by twos
    settings.mapper.filter_max_reproj_error = MISS_PX
    out = folder / "work"
    out.mkdir()
    found: list[pycolmap.Reconstruction] = []

    def run(token: pycolmap.CancellationToken) -> None:
        found.append(
            pycolmap.triangulate_points(
                model, database, folder, out, True, settings, refine_intrinsics=False, cancellation_token=token
            )
        )

    run_cancellable(run, report)
    shutil.rmtree(out)
    return found[0]
