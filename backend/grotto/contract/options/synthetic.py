"""Options of `make-wall` and `make-object`: a painted wall, an object, and photographs of them, with exact truth."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class MakeWallOptions:
    """A painted wall that never was, photographed, with the truth beside it: for tests, demonstrations and measuring."""

    capture: str = option(
        default="rail",
        label="Capture",
        text="rail photographs a curved wall from a rail; crops cuts windows out of one flat painting",
        choices=("rail", "crops"),
    )
    style: str = option(
        default="mixed",
        label="Style",
        text="What is painted, and how well it is kept",
        choices=("thousand", "narrative", "faded", "mixed"),
    )
    columns: int = option(
        default=0, label="Columns", text="Photos in a row; 0 takes the usual: 5 on the rail, 11 crops", least=0, most=400
    )
    rows: int = option(
        default=0, label="Rows", text="Rows of photos; 0 takes the usual: 5 on the rail, 11 crops", least=0, most=400
    )
    seed: int = option(default=0, label="Seed", text="Another seed paints another wall", least=0, most=2**31 - 1)
    grain: float = option(
        default=0.7,
        label="Grain",
        text="Unique fine grain of plaster and pigment; little of it is hard to match",
        least=0.0,
        most=1.0,
    )
    fade: float = option(default=0.3, label="Fading", text="How far the colours have faded and flaked", least=0.0, most=1.0)
    jpeg_quality: int = option(default=95, label="JPEG quality", text="Quality of the photos' compression", least=1, most=100)

    photo_width: int = option(default=1200, label="Photo width", text="Rail: width of a photo", unit="px", least=64, most=12000)
    photo_height: int = option(default=800, label="Photo height", text="Rail: height of a photo", unit="px", least=64, most=12000)
    focal_px: float = option(
        default=1300.0, label="Focal length", text="Rail: focal length of the camera", unit="px", least=50.0, most=100000.0
    )
    radial: float = option(default=-0.03, label="Distortion", text="Rail: k1 of COLMAP's SIMPLE_RADIAL", least=-0.3, most=0.3)
    camera_distance_m: float = option(
        default=1.0, label="Camera distance", text="Rail: from the cameras to the wall", unit="m", least=0.2, most=20.0
    )
    overlap_along: float = option(
        default=0.58, label="Overlap along", text="Rail: part that neighbours in a row share", least=0.0, most=0.95
    )
    overlap_up: float = option(
        default=0.55, label="Overlap up", text="Rail: part that neighbours in a column share", least=0.0, most=0.95
    )
    sag_mm: float = option(
        default=40.0,
        label="Sag",
        text="Rail: how far the wall is curved, like a part of a cylinder",
        unit="mm",
        least=0.0,
        most=150.0,
    )
    undulation_mm: float = option(
        default=15.0, label="Undulation", text="Rail: range of the wall's wide waves", unit="mm", least=0.0, most=80.0
    )
    bumps_mm: float = option(
        default=1.2, label="Bumps", text="Rail: range of the plaster's small bumps", unit="mm", least=0.0, most=10.0
    )
    position_jitter_mm: float = option(
        default=10.0, label="Position jitter", text="Rail: spread of the stations, per axis", unit="mm", least=0.0, most=100.0
    )
    rotation_jitter_deg: float = option(
        default=0.7, label="Rotation jitter", text="Rail: spread of the camera's turns, per axis", unit="deg", least=0.0, most=8.0
    )
    exposure_walk_ev: float = option(
        default=0.05, label="Exposure walk", text="Rail: step of exposure from photo to photo", unit="EV", least=0.0, most=1.0
    )
    vignetting: float = option(
        default=0.25, label="Vignetting", text="Rail: light lost in the photo's corners", least=0.0, most=0.8
    )
    noise_levels: float = option(
        default=2.0, label="Noise", text="Rail: spread of the sensor's noise", unit="grey levels", least=0.0, most=40.0
    )
    order: str = option(
        default="serpentine",
        label="Order",
        text="Rail: serpentine turns round at the end of a row; rows starts each row anew",
        choices=("serpentine", "rows"),
    )
    exif: bool = option(default=False, label="EXIF", text="Rail: write maker, lens, focal length and time into the photos")

    painting_px: int = option(
        default=6000, label="Painting size", text="Crops: side of the square painting", unit="px", least=200, most=30000
    )
    least_crop_overlap: float = option(
        default=0.45, label="Least crop overlap", text="Crops: least part shared by neighbours", least=0.0, most=0.95
    )
    most_crop_overlap: float = option(
        default=0.65, label="Most crop overlap", text="Crops: most part shared by neighbours", least=0.0, most=0.95
    )


@option_group
class MakeObjectOptions:
    """An object that never was, photographed all round with alpha, with the truth beside it."""

    rig: str = option(
        default="v1.2",
        label="Rig",
        text="v1.1 and v1.2 are the six views of Zero123++; orbit goes round at one height; random looks from anywhere",
        choices=("v1.1", "v1.2", "orbit", "random"),
    )
    size: int = option(default=320, label="Size", text="Side of the square photos", unit="px", least=16, most=4096)
    views: int = option(default=24, label="Views", text="orbit and random: number of photos", least=1, most=2000)
    samples: int = option(
        default=3, label="Samples", text="Rays across a pixel; a pixel is the mean of the square of it", least=1, most=16
    )
    inconsistent: bool = option(
        default=False, label="Inconsistent", text="Warp and tint each photo a little, as generated views disagree"
    )
    seed: int = option(
        default=0, label="Seed", text="Another seed makes another object, other random cameras and other disturbances",
        least=0, most=2**31 - 1,
    )  # fmt: skip
