"""The options of the recipe `wall`, and its qualities."""

from __future__ import annotations

from ..option import from_flat, group, option_group
from ..options import (
    CameraOptions,
    FeatureOptions,
    FrameOptions,
    HeightOptions,
    MatcherOptions,
    MatchOptions,
    MeshOptions,
    MosaicOptions,
    OrthoOptions,
    PairOptions,
    PhotoOptions,
    UndistortOptions,
)
from .base import RecipeOptions


@option_group
class WallOptions(RecipeOptions):
    """Turn photos of a mural, relief or facade into cameras, a height map, an orthophoto and a textured mesh."""

    photos: PhotoOptions = group(default_factory=PhotoOptions)
    features: FeatureOptions = group(default_factory=FeatureOptions)
    pairs: PairOptions = group(default_factory=PairOptions)
    matches: MatchOptions = group(default_factory=MatchOptions)
    matcher: MatcherOptions = group(default_factory=MatcherOptions)
    cameras: CameraOptions = group(default_factory=CameraOptions)
    frame: FrameOptions = group(default_factory=FrameOptions)
    height: HeightOptions = group(default_factory=HeightOptions, label="Height map")
    orthophoto: OrthoOptions = group(default_factory=OrthoOptions)
    mesh: MeshOptions = group(default_factory=MeshOptions)
    mosaic: MosaicOptions = group(default_factory=MosaicOptions)
    undistort: UndistortOptions = group(default_factory=UndistortOptions, label="Undistorted photos")


WALL_QUALITIES: dict[str, WallOptions] = {
    "draft": from_flat(
        WallOptions, {"max_photo_px": 1600, "features_per_photo": 6144, "faces": 20000, "texture_px": 4096, "mosaic_mp": 25.0}
    ),
    "standard": WallOptions(),
    "high": from_flat(WallOptions, {"max_photo_px": 6400, "features_per_photo": 24576, "faces": 200_000, "mosaic_mp": 400.0}),
}
