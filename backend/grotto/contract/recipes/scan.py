"""The options of the recipe `scan`, and its qualities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..option import from_flat, group, option, option_group
from ..options import (
    BackdropOptions,
    BakeOptions,
    BudgetOptions,
    CameraOptions,
    FeatureOptions,
    FieldOptions,
    MatchOptions,
    PhotoOptions,
    RefineOptions,
    ScanSurfaceOptions,
    SourceOptions,
    SplatOptions,
    ViewOptions,
)
from .base import RecipeOptions, renamed

RENAMED = {"scan_faces": "faces", "scan_pairing": "pairing"}


@option_group
class ScanOptions(RecipeOptions):
    """Turn photos of an object or a room, or pictures with cameras, into a textured mesh and splats."""

    via: str = option(
        default="both",
        label="Method",
        text="field gives the mesh of an object, splats the look of a scene; both makes both",
        choices=("both", "field", "splats"),
    )
    mesh_from: str = option(
        default="auto",
        label="Mesh from",
        text="auto keeps the mesh that renders nearest to the photos",
        choices=("auto", "field", "splats"),
    )
    mesh_of: str = option(
        default="auto",
        label="Mesh of",
        text="Of a scene without masks: subject meshes what the cameras look at together and leaves its surroundings to the "
        "splats, both adds a coarse backdrop, scene meshes all as one; auto takes both where cameras stand all round a subject, "
        "else scene",
        choices=("auto", "subject", "scene", "both"),
    )
    budget: BudgetOptions = group(default_factory=BudgetOptions)
    source: SourceOptions = group(default_factory=SourceOptions)
    photos: PhotoOptions = group(default_factory=PhotoOptions)
    features: FeatureOptions = group(default_factory=FeatureOptions)
    matches: MatchOptions = group(default_factory=MatchOptions)
    cameras: CameraOptions = group(default_factory=CameraOptions)
    views: ViewOptions = group(default_factory=ViewOptions)
    radiance: FieldOptions = group(default_factory=FieldOptions, label="Field")
    splats: SplatOptions = group(default_factory=SplatOptions)
    surface: ScanSurfaceOptions = group(default_factory=ScanSurfaceOptions)
    backdrop: BackdropOptions = group(default_factory=BackdropOptions)
    refine: RefineOptions = group(default_factory=RefineOptions, label="Refinement")
    bake: BakeOptions = group(default_factory=BakeOptions, label="Texture")

    @classmethod
    def translated(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The names of an earlier release's request as this one has them."""
        return renamed(values, RENAMED)


SCAN_QUALITIES: dict[str, ScanOptions] = {
    "draft": from_flat(
        ScanOptions,
        {
            "max_photo_px": 1600,
            "features_per_photo": 6144,
            "view_px": 400,
            "splat_steps": 1500,
            "splats_most": 60_000,
            "sh_degree": 1,
            "mesh_resolution": 160,
            "faces": 20_000,
            "refine_steps": 200,
            "bake_px": 2048,
            "backdrop_faces": 4000,
            "backdrop_px": 1024,
            "texture_steps": 6,
            "lods": 1,
        },
    ),
    "standard": ScanOptions(),
    "high": from_flat(
        ScanOptions,
        {
            "max_photo_px": 6400,
            "features_per_photo": 24576,
            "view_px": 1600,
            "splat_steps": 30_000,
            "splats_most": 3_000_000,
            "sh_degree": 3,
            "mesh_resolution": 512,
            "faces": 200_000,
            "refine_steps": 2000,
            "bake_px": 8192,
            "backdrop_faces": 40_000,
            "backdrop_px": 4096,
            "highlights": True,
            "lods": 3,
        },
    ),
}
