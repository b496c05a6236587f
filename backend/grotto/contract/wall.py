"""Options of the recipe `wall`, one group a stage."""

from __future__ import annotations

from .option import from_flat, group, option, options


@options
class PhotoOptions:
    """Reading and checking the photos."""

    blur_limit: float = option(
        default=0.25,
        label="Blur limit",
        text="Name photos whose sharpness is below this part of the folder's median",
        least=0.0,
        most=1.0,
    )
    skip_blurred: bool = option(
        default=False, label="Skip blurred photos", text="Leave out the photos found blurred, instead of only naming them"
    )
    largest_photo_mp: float = option(
        default=400.0,
        label="Largest photo",
        text="Refuse photos with more pixels than this",
        unit="megapixels",
        least=0.1,
        most=4000.0,
    )


@options
class FeatureOptions:
    """Finding points that can be recognised again (SIFT)."""

    max_photo_px: int = option(
        default=3200,
        label="Photo size for matching",
        text="Photos are reduced to this longer side for feature finding",
        unit="px",
        least=400,
        most=20000,
    )
    features_per_photo: int = option(
        default=8192, label="Features per photo", text="At most this many points a photo", least=256, most=65536
    )


@options
class PairOptions:
    """Choosing which photos to compare."""

    pairing: str = option(
        default="auto",
        label="Pairing",
        text="auto finds the capture's layout from a coarse mosaic; sequence trusts the order of names; exhaustive compares all",
        choices=("auto", "sequence", "exhaustive"),
    )
    neighbours: int = option(
        default=12, label="Neighbours", text="Compare each photo with at most this many that overlap it most", least=2, most=200
    )
    least_overlap: float = option(
        default=0.15,
        label="Least overlap",
        text="Compare photos that the layout shows to share at least this part",
        least=0.01,
        most=0.9,
    )


@options
class MatchOptions:
    """Matching the chosen pairs and checking their geometry."""

    match_ratio: float = option(default=0.8, label="Match ratio", text="Lowe's ratio: lower is stricter", least=0.5, most=0.99)
    least_inliers: int = option(
        default=20, label="Least inliers", text="Drop pairs with fewer verified matches", least=8, most=1000
    )


@options
class CameraOptions:
    """Finding the cameras (structure from motion)."""

    focal_px: float = option(
        default=0.0,
        label="Known focal length",
        text="Focal length of the photos at full width; 0 finds it",
        unit="px",
        least=0.0,
        most=200000.0,
    )
    hold_focal: bool = option(default=False, label="Hold focal length", text="Keep the known focal length as it is")
    sharpen_points: bool = option(
        default=True,
        label="Sharpen points",
        text="Align what the photos show around each point; several times as exact, for a little more time",
    )
    camera_seed: int = option(
        default=0, label="Seed", text="Seed of the random choices in camera finding", least=0, most=2**31 - 1
    )


@options
class FrameOptions:
    """Putting the wall upright, and its scale."""

    camera_distance_m: float = option(
        default=0.0,
        label="Camera distance",
        text="Known usual distance from camera to wall; 0 is unknown",
        unit="m",
        least=0.0,
        most=1000.0,
    )
    known_length_m: float = option(
        default=0.0,
        label="Known length",
        text="True distance between the two known points; 0 is unknown",
        unit="m",
        least=0.0,
        most=10000.0,
    )
    known_points: str = option(
        default="",
        label="Known points",
        text="The two ends of the known length as PHOTO:x,y PHOTO:x,y in pixels from the photo's top left",
    )


@options
class HeightOptions:
    """The wall's relief as a height map."""

    height_spacing_mm: float = option(
        default=0.0,
        label="Height map step",
        text="Distance between height samples; 0 follows the points",
        unit="mm",
        least=0.0,
        most=1000.0,
    )


@options
class OrthoOptions:
    """The orthophoto."""

    mm_per_pixel: float = option(
        default=0.0,
        label="Pixel size",
        text="Size of an orthophoto pixel on the wall; 0 keeps the photos' own detail",
        unit="mm",
        least=0.0,
        most=1000.0,
    )
    balance_exposure: bool = option(
        default=True, label="Balance exposure", text="Even out brightness between photos where they overlap"
    )
    ortho_memory_mb: int = option(
        default=1024,
        label="Memory for tiles",
        text="Work in pieces so that no more than this is held",
        unit="MB",
        least=128,
        most=1_000_000,
    )


@options
class MeshOptions:
    """The textured mesh."""

    faces: int = option(
        default=40000, label="Faces", text="Reduce the wall's mesh to at most this many triangles", least=2, most=20_000_000
    )
    texture_px: int = option(
        default=8192, label="Texture size", text="Longer side of the mesh's texture at most", unit="px", least=64, most=32768
    )


@options
class UndistortOptions:
    """Photos without lens distortion, for the cameras in Blender."""

    undistorted_px: int = option(
        default=0,
        label="Undistorted size",
        text="Longer side of undistorted photos at most; 0 keeps full size",
        unit="px",
        least=0,
        most=100000,
    )


@options
class WallOptions:
    """Photos of a mural, relief or facade become cameras, a height map, an orthophoto and a textured mesh."""

    photos: PhotoOptions = group(default_factory=PhotoOptions)
    features: FeatureOptions = group(default_factory=FeatureOptions)
    pairs: PairOptions = group(default_factory=PairOptions)
    matches: MatchOptions = group(default_factory=MatchOptions)
    cameras: CameraOptions = group(default_factory=CameraOptions)
    frame: FrameOptions = group(default_factory=FrameOptions)
    height: HeightOptions = group(default_factory=HeightOptions)
    orthophoto: OrthoOptions = group(default_factory=OrthoOptions)
    mesh: MeshOptions = group(default_factory=MeshOptions)
    undistort: UndistortOptions = group(default_factory=UndistortOptions)
    memory_limit_mb: int = option(
        default=0,
        label="Memory limit",
        text="Refuse stages that would need more; 0 takes what is free",
        unit="MB",
        least=0,
        most=10_000_000,
    )


WALL_QUALITIES: dict[str, WallOptions] = {
    "draft": from_flat(WallOptions, {"max_photo_px": 1600, "features_per_photo": 4096, "faces": 20000, "texture_px": 4096}),
    "standard": WallOptions(),
    "high": from_flat(WallOptions, {"max_photo_px": 6400, "features_per_photo": 16384, "faces": 200_000}),
}
