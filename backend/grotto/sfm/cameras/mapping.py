"""Cameras: incremental structure from motion with one shared camera per group, and whether the focal length is observable."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Part, Progress, bad_input
from ...contract.options import CameraOptions
from ...photos import PhotoSet, left_out_clause, read_image
from ..cancellable import run_cancellable
from ..pairs import Matches
from .focal import focal_intervals
from .observations import OPEN_BYTES, refine_observations
from .reconstruction import CameraGroup, Reconstruction

SHIFT_ONLY_PX = 0.5  # pairs that a similarity explains this well say nothing on the focal length


def forecast_cameras(photos: PhotoSet, matches: Matches, options: CameraOptions) -> int:
    """Bytes: correspondences, tracks and the normal equations, by measurement about 400 bytes a match; open photos."""
    largest = max(photo.width * photo.height for photo in photos.photos)
    opened = min(4 * largest * len(photos.photos), OPEN_BYTES) + 8 * 4 * largest
    return 300_000_000 + 400 * sum(pair.inliers for pair in matches.pairs) + opened


def find_cameras(photos: PhotoSet, matches: Matches, options: CameraOptions, folder: Path, report: Progress) -> Reconstruction:
    """COLMAP's incremental mapper on shared SIMPLE_RADIAL cameras, then one tight bundle adjustment over all.

    A capture of pure shifts over a flat wall leaves the focal length unobservable (a free one collapses); then it is
    held at the known or guessed value together with the distortion, and `focal_observable` says so.
    """
    observable = bool(np.median([pair.similarity_px for pair in matches.pairs]) > SHIFT_ONLY_PX)
    if not observable:
        report.note("the photos are shifted copies of a flat wall, so their focal length cannot be found and is held")
    database = folder / "mapping.db"
    shutil.copyfile(matches.folder / matches.database, database)
    if options.focal_px > 0:
        _set_focal(database, options.focal_px)
    hold = options.hold_focal or not observable
    models = _map(database, len(photos.photos), hold, observable, options, folder, report)
    if not models:
        raise bad_input(
            f"no two photos could be put together in space{left_out_clause(photos)}",
            "take photos that overlap by half or more, each from a place of its own rather than by turning the camera",
        )
    largest, *others = sorted(models, key=lambda model: -model.num_reg_images())
    if options.sharpen_points:
        aligned = refine_observations(largest, photos, Part(report, 0.5, 0.65))
        report(0.65, f"{aligned:.0%} of the observations sharpened")
    _adjust(largest, hold, observable, Part(report, 0.65, 0.95))
    intervals = focal_intervals(largest, refine_distortion=observable) if not hold else {}
    for image in largest.images.values():
        image.name = photos.photos[image.image_id - 1].name
    report(0.95, "colouring points")
    colour_points(largest, photos, report)
    model = folder / "model"
    model.mkdir()
    largest.write_binary(str(model))
    database.unlink()
    registered = set(largest.reg_image_ids())
    names = [photo.name for photo in photos.photos]
    left_out = tuple(name for image_id, name in enumerate(names, 1) if image_id not in registered)
    weakest = _weakest_link(registered, [set(model.reg_image_ids()) for model in others], matches, names)
    for sentence in filter(None, [weakest, f"{len(left_out)} photos could not be placed" if left_out else ""]):
        report.note(sentence)
    groups = tuple(
        _describe_group(camera, largest, photos, options, hold, intervals.get(camera.camera_id, (0.0, 0.0)))
        for camera in largest.cameras.values()
        if any(image.camera_id == camera.camera_id for image in largest.images.values())
    )
    report(1.0, f"{len(registered)} of {len(names)} photos placed")
    return Reconstruction(
        folder=folder,
        model="model",
        registered=tuple(name for image_id, name in enumerate(names, 1) if image_id in registered),
        unregistered=left_out,
        models_found=len(models),
        groups=groups,
        reprojection_px=float(largest.compute_mean_reprojection_error()),
        focal_observable=observable,
        weakest_link=weakest,
    )


def _set_focal(path: Path, focal_px: float) -> None:
    with pycolmap.Database.open(str(path)) as database:
        for camera in database.read_all_cameras():
            camera.params = [focal_px, *camera.params[1:]]
            camera.has_prior_focal_length = True
            database.update_camera(camera)


def _map(
    database: Path, count: int, hold: bool, observable: bool, options: CameraOptions, folder: Path, report: Progress
) -> list[pycolmap.Reconstruction]:
    settings = pycolmap.IncrementalPipelineOptions(
        min_model_size=2 if count < 6 else 3,
        extract_colors=False,
        ba_refine_focal_length=not hold,
        ba_refine_extra_params=observable,
        random_seed=options.camera_seed,
        max_num_models=12,
        max_extra_param=0.5,
    )
    # neighbours of a well-made wall capture see each other's points under 8 to 20 degrees; COLMAP's 16 would exclude most
    settings.mapper.init_min_tri_angle = 6.0
    settings.mapper.abs_pose_refine_focal_length = not hold
    settings.mapper.abs_pose_refine_extra_params = observable
    # the rim of a capture is seen by two photos at most; without their points the wall's edge would be guesswork
    settings.triangulation.ignore_two_view_tracks = False
    placed = [0]

    def next_image() -> None:
        placed[0] += 1

    out = folder / "work"
    out.mkdir()
    found: dict[int, pycolmap.Reconstruction] = {}

    def run(token: pycolmap.CancellationToken) -> None:
        found.update(
            pycolmap.incremental_mapping(database, out, out, settings, next_image_callback=next_image, cancellation_token=token)
        )

    def watch() -> None:
        report(0.5 * min(placed[0] / count, 1.0), f"{min(placed[0], count)} of {count} photos placed")

    run_cancellable(run, report, watch)
    shutil.rmtree(out)
    return list(found.values())


def _adjust(model: pycolmap.Reconstruction, hold: bool, observable: bool, report: Progress) -> None:
    """Two tight adjustments with a robust loss, outliers dropped between them: the bend of a wall is a slow valley.

    The loss and the outlier bound follow the residuals' own size: sharpened observations of a flat wall miss by hundredths
    of a pixel, those of a scene with depth by tenths.
    """
    settings = pycolmap.BundleAdjustmentOptions(refine_focal_length=not hold, refine_extra_params=observable, print_summary=False)
    settings.ceres.loss_function_type = pycolmap.LossFunctionType.SOFT_L1
    for round_number, iterations in enumerate((30, 80)):
        report(0.5 * round_number, "adjusting all cameras together")
        typical = float(np.median([point.error for point in model.points3D.values()]))
        settings.ceres.loss_function_scale = max(0.15, 2.5 * typical)
        settings.ceres.solver_options.max_num_iterations = iterations
        run_cancellable(lambda _token: pycolmap.bundle_adjustment(model, settings), report)
        model.update_point_3d_errors()
        typical = float(np.median([point.error for point in model.points3D.values()]))
        pycolmap.ObservationManager(model).filter_all_points3D(float(np.clip(10 * typical, 0.5, 2.0)), 1.0)
        model.update_point_3d_errors()


def _weakest_link(main: set[int], others: list[set[int]], matches: Matches, names: list[str]) -> str:
    """One sentence on where the set falls apart; empty where all photos stand in one model."""
    outside = set().union(*others) - main if others else set()
    if not outside:
        return ""
    links = [
        pair
        for pair in matches.pairs
        if ((pair.first + 1) in main) != ((pair.second + 1) in main) and {pair.first + 1, pair.second + 1} & outside
    ]
    remedy = "give each wall a folder of its own, or add photos that join the parts"
    parts = f"the photos fall into {1 + len(others)} parts ({len(main)} and {len(outside)} photos)"
    if not links:
        example = names[min(outside) - 1]
        return f"{parts}; no photo of one part matches a photo of the other (the other part begins with {example}): {remedy}"
    best = max(links, key=lambda pair: pair.inliers)
    return f"{parts}; the weakest link is between {names[best.first]} and {names[best.second]} ({best.inliers} matches): {remedy}"


def _describe_group(
    camera: pycolmap.Camera,
    model: pycolmap.Reconstruction,
    photos: PhotoSet,
    options: CameraOptions,
    hold: bool,
    interval: tuple[float, float],
) -> CameraGroup:
    members = [image.image_id for image in model.images.values() if image.camera_id == camera.camera_id]
    photo = photos.photos[members[0] - 1]
    known = "given" if options.focal_px > 0 else "EXIF" if photo.focal_px > 0 else "guessed"
    return CameraGroup(
        name=photo.group,
        photos=len(members),
        width=camera.width,
        height=camera.height,
        focal_px=float(camera.params[0]),
        focal_interval_px=interval,
        focal_from=known if hold else "photos",
        radial=float(camera.params[3]),
    )


def colour_points(model: pycolmap.Reconstruction, photos: PhotoSet, report: Progress) -> None:
    """Give each point the mean colour of its observations, sampled in the photos as they are."""
    total = {point_id: np.zeros(4) for point_id in model.points3D}
    for image in model.images.values():
        if not image.has_pose:
            continue
        report.check()
        photo = photos.photos[image.image_id - 1]
        picture = read_image(photo, 1600)
        scale = picture.shape[1] / photo.width
        observed = [(point.xy, point.point3D_id) for point in image.points2D if point.has_point3D()]
        if not observed:
            continue
        place = np.array([xy for xy, _ in observed]) * scale
        column = np.clip(place[:, 0].astype(int), 0, picture.shape[1] - 1)
        row = np.clip(place[:, 1].astype(int), 0, picture.shape[0] - 1)
        for (_, point_id), colour in zip(observed, picture[row, column], strict=True):
            total[point_id] += [*colour, 1]
    for point_id, summed in total.items():
        if summed[3] > 0:
            model.points3D[point_id].color = np.round(summed[:3] / summed[3]).astype(np.uint8)
