"""Measures of how near one thing is to another."""

from .cameras import camera_errors
from .patch_shift import patch_shift
from .pictures import colour_correlation, psnr, silhouette_iou, ssim
from .similarity import Similarity, align_similarity
from .surfaces import chamfer, compare_surfaces, f_score, hausdorff_of_points, sample_surface

__all__ = [
    "Similarity",
    "align_similarity",
    "camera_errors",
    "chamfer",
    "colour_correlation",
    "compare_surfaces",
    "f_score",
    "hausdorff_of_points",
    "patch_shift",
    "psnr",
    "sample_surface",
    "silhouette_iou",
    "ssim",
]
