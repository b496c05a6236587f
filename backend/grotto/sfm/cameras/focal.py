"""How well the photos fix their focal length."""

from __future__ import annotations

import numpy as np
import pycolmap


def focal_intervals(model: pycolmap.Reconstruction, refine_distortion: bool) -> dict[int, tuple[float, float]]:
    """95 % interval of each camera's focal length in pixels, by camera id, from the adjustment's own covariance.

    The inverse of the normal equations (points eliminated) scaled by the residuals' variance. It holds for errors of
    the points alone: a wrong lens model or matches that move together widen the truth beyond it.
    A camera without observations or whose normal equations are singular is left out.
    """
    settings = pycolmap.BundleAdjustmentOptions(refine_extra_params=refine_distortion, print_summary=False)
    config = pycolmap.BundleAdjustmentConfig()
    for image_id in model.reg_image_ids():
        config.add_image(image_id)
    config.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
    adjuster = pycolmap.create_default_ceres_bundle_adjuster(settings, config, model)
    options = pycolmap.BACovarianceOptions()
    options.params = pycolmap.BACovarianceOptionsParams.ALL
    covariance = pycolmap.estimate_ba_covariance(options, model, adjuster)
    if covariance is None:
        return {}
    errors = np.array([point.error for point in model.points3D.values()])
    tracks = np.array([point.track.length() for point in model.points3D.values()])
    residuals = 2 * tracks.sum()
    freedom = residuals - 3 * len(tracks) - 6 * model.num_reg_images()
    variance = float((errors**2 * tracks).sum() / max(freedom, 1))
    intervals = {}
    for camera_id, camera in model.cameras.items():
        block = covariance.get_other_params_cov(camera.params)
        if block is not None:
            half = 1.96 * float(np.sqrt(max(block[0, 0], 0.0) * variance))
            intervals[camera_id] = (float(camera.params[0] - half), float(camera.params[0] + half))
    return intervals
