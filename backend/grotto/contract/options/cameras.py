"""Options of structure from motion: features, pairs, matches, cameras and the wall's frame."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class FeatureOptions:
    """Find features that can be recognised in other photos (SIFT)."""

    max_photo_px: int = option(
        default=3200,
        label="Photo size for matching",
        text="Reduce photos to this longer side before looking for features",
        unit="px",
        least=400,
        most=20000,
    )
    features_per_photo: int = option(
        default=12288, label="Features per photo", text="Largest number of features in a photo", least=256, most=65536
    )


@option_group
class PairOptions:
    """Choose which photos of a wall to compare."""

    pairing: str = option(
        default="auto",
        label="Pairing",
        text="auto finds the capture's layout from a coarse mosaic; sequence trusts the order of names; exhaustive compares "
        "all pairs",
        choices=("auto", "sequence", "exhaustive"),
    )
    neighbours: int = option(
        default=12,
        label="Neighbours",
        text="Compare each photo with at most this many of those that overlap it most",
        least=2,
        most=200,
    )
    least_overlap: float = option(
        default=0.15,
        label="Minimum overlap",
        text="Compare photos that share at least this part of their area in the layout",
        least=0.01,
        most=0.9,
    )


@option_group
class MatchOptions:
    """Match the chosen pairs and verify their geometry."""

    match_ratio: float = option(default=0.8, label="Match ratio", text="Lowe's ratio: lower is stricter", least=0.5, most=0.99)
    least_inliers: int = option(
        default=20, label="Minimum inliers", text="Drop pairs with fewer verified matches", least=8, most=1000
    )


@option_group
class CameraOptions:
    """Find the cameras (structure from motion)."""

    focal_px: float = option(
        default=0.0,
        label="Known focal length",
        text="Focal length of the photos at full width; 0 estimates it",
        unit="px",
        least=0.0,
        most=200000.0,
        zero="Auto",
    )
    focal_search: str = option(
        default="enumerated",
        label="Focal length search",
        text="enumerated tries focal lengths on a block of photos, then maps with the best one held; free lets every adjustment "
        "change it: slower, and may end at one that no camera has",
        choices=("enumerated", "free"),
    )
    hold_focal: bool = option(default=False, label="Hold focal length", text="Keep the known focal length fixed")
    tell_lenses_apart: bool = option(
        default=True,
        label="Tell lenses apart",
        text="Look for photos of other lenses or zooms among those of one size; otherwise size and EXIF alone tell",
    )
    sharpen_points: bool = option(
        default=True,
        label="Refine points",
        text="Align the photos around each point: several times as exact, for a little more time",
    )
    adjustment: str = option(
        default="global",
        label="Adjustment",
        text="While cameras are placed, adjust the whole model as it grows, or the photos at its edge alone, which is faster for "
        "many photos; a last adjustment takes all of them either way",
        choices=("global", "edge"),
    )
    least_registration_inliers: int = option(
        default=30,
        label="Minimum inliers of a pose",
        text="Place a photo only where at least this many of its matches agree with the model",
        least=12,
        most=1000,
    )
    camera_seed: int = option(
        default=0, label="Seed", text="Seed of the random choices in camera finding", least=0, most=2**31 - 1
    )


@option_group
class FrameOptions:
    """Set the wall upright and find its scale."""

    camera_distance_m: float = option(
        default=0.0,
        label="Camera distance",
        text="Known typical distance from camera to wall; 0 is unknown",
        unit="m",
        least=0.0,
        most=1000.0,
        zero="Unknown",
    )
    known_length_m: float = option(
        default=0.0,
        label="Known length",
        text="True distance between the two known points; 0 is unknown",
        unit="m",
        least=0.0,
        most=10000.0,
        zero="Unknown",
    )
    known_points: str = option(
        default="",
        label="Known points",
        text="The two ends of the known length as PHOTO:x,y PHOTO:x,y, in pixels from the photo's top left",
    )
    turn_wall: str = option(
        default="0",
        label="Turn the wall",
        text="Turn the finished wall clockwise by this angle, in degrees, where it lies on its side",
        choices=("0", "90", "180", "270"),
    )
