"""Settings of incremental mapping, shared by the ways of adjusting cameras while they are placed."""

from __future__ import annotations

import pycolmap

from ...contract.options import CameraOptions

TOLERANCE = 1e-6  # of the cost in one iteration: once the lenses are known, nothing changes below it
GROWTH = 1.3  # of photos and points, between two adjustments of the whole model


def mapping_settings(count: int, hold: bool, observable: bool, options: CameraOptions) -> pycolmap.IncrementalPipelineOptions:
    """For `count` photos. hold: keep the focal lengths; not observable: keep the distortion, too."""
    settings = pycolmap.IncrementalPipelineOptions(
        min_model_size=2 if count < 6 else 3,
        extract_colors=False,
        ba_refine_focal_length=not hold,
        ba_refine_extra_params=observable,
        random_seed=options.camera_seed,
        max_num_models=12,
        max_extra_param=0.5,
    )
    # the adjustments that follow take the model to its bottom: here it only has to stay near
    settings.ba_global_frames_ratio = settings.ba_global_points_ratio = GROWTH
    settings.ba_global_max_refinements = 2
    settings.ba_global_function_tolerance = settings.ba_local_function_tolerance = TOLERANCE
    # neighbours of a well-made wall capture see each other's points under 8 to 20 degrees; COLMAP's 16 would exclude most
    settings.mapper.init_min_tri_angle = 6.0
    settings.mapper.abs_pose_min_num_inliers = options.least_registration_inliers
    settings.mapper.abs_pose_refine_focal_length = not hold
    settings.mapper.abs_pose_refine_extra_params = observable
    # the rim of a capture is seen by two photos at most; without their points the wall's edge would be guesswork
    settings.triangulation.ignore_two_view_tracks = False
    return settings
