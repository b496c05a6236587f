"""Options of the photos: which are used, how they are checked, how they are written without distortion."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class PhotoOptions:
    """Read and check the photos."""

    blur_limit: float = option(
        default=0.25,
        label="Blur limit",
        text="Report photos whose sharpness is below this part of the folder's median",
        least=0.0,
        most=1.0,
    )
    skip_blurred: bool = option(
        default=False, label="Skip blurred photos", text="Leave blurred photos out instead of only reporting them"
    )
    largest_photo_mp: float = option(
        default=400.0,
        label="Largest photo",
        text="Refuse photos with more pixels than this",
        unit="megapixels",
        least=0.1,
        most=4000.0,
    )


@option_group
class SourceOptions:
    """Choose the pictures to use, and those to keep out for measuring the result."""

    holdout: int = option(
        default=0,
        label="Hold out every",
        text="Keep every n-th photo in name order out of the fit and measure the result on it; 0 uses all photos",
        least=0,
        most=1000,
        zero="None",
    )
    video_frames: int = option(
        default=120, label="Video frames", text="Take this many sharp frames of a video, evenly spread", least=6, most=2000
    )
    pairing: str = option(
        default="auto",
        label="Pairing",
        text="auto compares all pairs of up to 60 photos, and neighbours of more; sequence trusts the order of names; "
        "exhaustive compares all pairs",
        choices=("auto", "sequence", "exhaustive"),
    )


@option_group
class UndistortOptions:
    """Write the photos without lens distortion, for the cameras in Blender."""

    undistorted_px: int = option(
        default=0,
        label="Undistorted size",
        text="Largest longer side of undistorted photos; 0 keeps full size",
        unit="px",
        least=0,
        most=100000,
        zero="Full size",
    )
