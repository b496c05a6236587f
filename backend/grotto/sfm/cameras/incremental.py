"""One run of incremental mapping, and the tight adjustment that follows it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pycolmap

from ...contract import Progress
from ...contract.options import CameraOptions
from ..cancellable import run_cancellable
from .edge_mapping import map_by_edges
from .mapping_settings import TOLERANCE, mapping_settings

ROUNDS = (30, 80)  # iterations of the adjustments, at most
LEAST_POINTS = 12  # of a photo that counts as placed; a pose needs three, and a few more may agree by chance


def map_photos(
    database: Path,
    count: int,
    hold: bool,
    observable: bool,
    options: CameraOptions,
    folder: Path,
    report: Progress,
    names: Sequence[str] = (),
) -> list[pycolmap.Reconstruction]:
    """The models of `count` photos, most photos first. hold: keep the focal lengths; not observable: keep the distortion, too.

    `options.adjustment` says what is adjusted while photos are placed: the whole model again and again, or its edge.
    names: of the photos in the database, where not all of them are to be mapped.
    """
    settings = mapping_settings(count, hold, observable, options)
    settings.image_names = list(names)
    found: dict[int, pycolmap.Reconstruction] = {}
    placed = [0]

    def next_image() -> None:
        placed[0] += 1

    out = folder / "work"
    out.mkdir()

    def run(token: pycolmap.CancellationToken) -> None:
        if options.adjustment == "edge":
            found.update(enumerate(map_by_edges(database, settings, token, next_image)))
        else:
            found.update(
                pycolmap.incremental_mapping(
                    database, out, out, settings, next_image_callback=next_image, cancellation_token=token
                )
            )

    def watch() -> None:
        report(min(placed[0] / count, 1.0), f"{min(placed[0], count)} of {count} photos placed")

    run_cancellable(run, report, watch)
    shutil.rmtree(out)
    return sorted(found.values(), key=lambda model: -model.num_reg_images())


def adjust(
    model: pycolmap.Reconstruction, hold: bool, observable: bool, report: Progress, rounds: Sequence[int] = ROUNDS
) -> None:
    """Adjust all cameras together, once for each number of iterations, with a robust loss; drop outliers after each.

    hold: keep the focal lengths; not observable: keep the distortion, too. The bend of a wall is a slow valley with both free.
    The loss follows the residuals' own size: sharpened observations of a flat wall miss by hundredths of a pixel, those of a
    scene with depth by tenths.
    """
    settings = pycolmap.BundleAdjustmentOptions(refine_focal_length=not hold, refine_extra_params=observable, print_summary=False)
    settings.ceres.loss_function_type = pycolmap.LossFunctionType.SOFT_L1
    settings.ceres.solver_options.function_tolerance = TOLERANCE if hold else 0.0  # free lenses creep along a valley
    for number, iterations in enumerate(rounds):
        report(number / len(rounds), "adjusting all cameras together")
        settings.ceres.loss_function_scale = max(0.15, 2.5 * _typical_error(model))
        settings.ceres.solver_options.max_num_iterations = iterations
        run_cancellable(lambda _token: pycolmap.bundle_adjustment(model, settings), report)
        drop_outliers(model)


def adjust_points(model: pycolmap.Reconstruction, report: Progress) -> None:
    """Adjust the points to the cameras, and drop outliers."""
    settings = pycolmap.BundleAdjustmentOptions(
        refine_focal_length=False, refine_extra_params=False, refine_rig_from_world=False, print_summary=False
    )
    settings.ceres.loss_function_type = pycolmap.LossFunctionType.SOFT_L1
    settings.ceres.loss_function_scale = max(0.15, 2.5 * _typical_error(model))
    settings.ceres.solver_options.max_num_iterations = 10
    run_cancellable(lambda _token: pycolmap.bundle_adjustment(model, settings), report)
    drop_outliers(model)


def drop_outliers(model: pycolmap.Reconstruction) -> None:
    """Take away observations that miss by far more than is usual, and photos that hardly any point holds then."""
    model.update_point_3d_errors()
    pycolmap.ObservationManager(model).filter_all_points3D(float(np.clip(10 * _typical_error(model), 0.5, 2.0)), 1.0)
    drop_loose_photos(model)
    model.update_point_3d_errors()


def _typical_error(model: pycolmap.Reconstruction) -> float:
    return float(np.median([point.error for point in model.points3D.values()]))


def drop_loose_photos(model: pycolmap.Reconstruction) -> None:
    """Take photos out of the model that hardly any point holds: the next adjustment may move them anywhere.

    Filters take points away one by one, and a photo that lost all of them would still count as placed. Two photos always stay.
    """
    loose = {image_id for image_id in model.reg_image_ids() if model.images[image_id].num_points3D < LEAST_POINTS}
    if model.num_reg_images() - len(loose) < 2:
        return
    for image_id in loose:
        model.deregister_frame(model.images[image_id].frame_id)
