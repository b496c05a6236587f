"""All points of a model whose cameras were found with few: triangulated anew, sharpened, adjusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pycolmap

from ...contract import Part, Progress
from ...contract.options import CameraOptions
from ...photos import PhotoSet
from ..cancellable import run_cancellable
from ..lenses import Whole, regroup
from .incremental import adjust, adjust_points
from .lens import Lens
from .mapping_settings import mapping_settings
from .observations import refine_observations
from .patch_aligner import PatchAligner


def add_all_points(
    model: pycolmap.Reconstruction,
    matches: Path,
    lenses: Sequence[Lens],
    labels: Whole,
    photos: PhotoSet,
    options: CameraOptions,
    aligner: PatchAligner,
    report: Progress,
) -> None:
    """Add the points of all matches to the model; its lenses stay as they are, its cameras up to a last adjustment.

    labels (n,): each photo's lens.
    """
    database = matches.with_name("dense.db")
    regroup(matches, database, [lens.camera() for lens in lenses], labels.tolist())
    triangulation = mapping_settings(len(labels), True, False, options).get_triangulation()

    def triangulate(token: pycolmap.CancellationToken) -> None:
        with pycolmap.Database.open(str(database)) as opened:
            mapper = pycolmap.IncrementalMapper(pycolmap.DatabaseCache.create(opened, pycolmap.DatabaseCacheOptions()))
        mapper.begin_reconstruction(model)
        for image_id in sorted(model.reg_image_ids()):
            if token.is_cancelled:
                break
            mapper.triangulate_image(triangulation, image_id)
        mapper.complete_and_merge_tracks(triangulation)
        mapper.end_reconstruction(False)

    report(0.0, "triangulating all points")
    run_cancellable(triangulate, report)
    database.unlink()
    if options.sharpen_points:
        aligned = refine_observations(model, photos, aligner, Part(report, 0.3, 0.8))
        report(0.8, f"{aligned:.0%} of all observations sharpened")
    adjust_points(model, report)
    adjust(model, hold=True, observable=False, report=Part(report, 0.9, 1.0), rounds=(10,))
