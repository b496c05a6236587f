"""Options of `make-wall`: a painted wall and photographs of it, with exact truth."""

from __future__ import annotations

from .option import option, options


@options
class MakeWallOptions:
    """A painted wall that never was, photographed, with the truth beside it: for tests, demonstrations and measuring."""

    capture: str = option(
        "rail", "Capture", "rail photographs a curved wall from a rail; crops cuts windows out of one flat painting", choices=("rail", "crops")
    )
    style: str = option("mixed", "Style", "What is painted, and how well it is kept", choices=("thousand", "narrative", "faded", "mixed"))
    columns: int = option(0, "Columns", "Photos in a row; 0 takes the usual: 5 on the rail, 11 crops", least=0, most=400)
    rows: int = option(0, "Rows", "Rows of photos; 0 takes the usual: 5 on the rail, 11 crops", least=0, most=400)
    seed: int = option(0, "Seed", "Another seed paints another wall", least=0, most=2**31 - 1)
    grain: float = option(0.7, "Grain", "Unique fine grain of plaster and pigment; little of it is hard to match", least=0.0, most=1.0)
    fade: float = option(0.3, "Fading", "How far the colours have faded and flaked", least=0.0, most=1.0)
    jpeg_quality: int = option(95, "JPEG quality", "Quality of the photos' compression", least=1, most=100)

    photo_width: int = option(1200, "Photo width", "Rail: width of a photo", unit="px", least=64, most=12000)
    photo_height: int = option(800, "Photo height", "Rail: height of a photo", unit="px", least=64, most=12000)
    focal_px: float = option(1300.0, "Focal length", "Rail: focal length of the camera", unit="px", least=50.0, most=100000.0)
    radial: float = option(-0.03, "Distortion", "Rail: k1 of COLMAP's SIMPLE_RADIAL", least=-0.3, most=0.3)
    camera_distance_m: float = option(1.0, "Camera distance", "Rail: from the cameras to the wall", unit="m", least=0.2, most=20.0)
    overlap_along: float = option(0.58, "Overlap along", "Rail: part that neighbours in a row share", least=0.0, most=0.95)
    overlap_up: float = option(0.55, "Overlap up", "Rail: part that neighbours in a column share", least=0.0, most=0.95)
    sag_mm: float = option(40.0, "Sag", "Rail: how far the wall is curved, like a part of a cylinder", unit="mm", least=0.0, most=150.0)
    undulation_mm: float = option(15.0, "Undulation", "Rail: range of the wall's wide waves", unit="mm", least=0.0, most=80.0)
    bumps_mm: float = option(1.2, "Bumps", "Rail: range of the plaster's small bumps", unit="mm", least=0.0, most=10.0)
    position_jitter_mm: float = option(10.0, "Position jitter", "Rail: spread of the stations, per axis", unit="mm", least=0.0, most=100.0)
    rotation_jitter_deg: float = option(
        0.7, "Rotation jitter", "Rail: spread of the camera's turns, per axis", unit="deg", least=0.0, most=8.0
    )
    exposure_walk_ev: float = option(0.05, "Exposure walk", "Rail: step of exposure from photo to photo", unit="EV", least=0.0, most=1.0)
    vignetting: float = option(0.25, "Vignetting", "Rail: light lost in the photo's corners", least=0.0, most=0.8)
    noise_levels: float = option(2.0, "Noise", "Rail: spread of the sensor's noise", unit="grey levels", least=0.0, most=40.0)
    order: str = option(
        "serpentine", "Order", "Rail: serpentine turns round at the end of a row; rows starts each row anew", choices=("serpentine", "rows")
    )
    exif: bool = option(False, "EXIF", "Rail: write maker, lens, focal length and time into the photos")

    painting_px: int = option(6000, "Painting size", "Crops: side of the square painting", unit="px", least=200, most=30000)
    least_crop_overlap: float = option(0.45, "Least crop overlap", "Crops: least part shared by neighbours", least=0.0, most=0.95)
    most_crop_overlap: float = option(0.65, "Most crop overlap", "Crops: most part shared by neighbours", least=0.0, most=0.95)
