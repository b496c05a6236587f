"""Options of the recipe `scan`, one group a stage."""

from __future__ import annotations

from .option import from_flat, group, option, options
from .wall import CameraOptions, FeatureOptions, MatchOptions, PhotoOptions


@options
class SourceOptions:
    """Which pictures are used, and which are kept out to judge the result."""

    holdout: int = option(
        default=0,
        label="Hold out every",
        text="Keep out each photo whose number in name order is divisible by this, and measure the result on it; 0 uses all",
        least=0,
        most=1000,
    )
    video_frames: int = option(
        default=120, label="Frames of a video", text="Choose this many sharp frames, evenly spread", least=6, most=2000
    )
    scan_pairing: str = option(
        default="auto",
        label="Pairing",
        text="auto compares all of up to 60 photos and neighbours among more; sequence trusts the order of names",
        choices=("auto", "sequence", "exhaustive"),
    )


@options
class ViewOptions:
    """The undistorted pictures that the fits look at, and the part of the world they fill."""

    view_px: int = option(
        default=800, label="Picture size", text="Longer side of the pictures that fits look at", unit="px", least=64, most=8192
    )
    background: str = option(
        default="auto",
        label="Background",
        text="auto: pictures with alpha or masks show one bounded object, others a scene; object or scene decide it",
        choices=("auto", "object", "scene"),
    )
    region_size: float = option(
        default=1.0,
        label="Region",
        text="Enlarge (or reduce) the box in which the subject is looked for",
        least=0.05,
        most=20.0,
    )


@options
class FieldOptions:
    """The radiance or distance field."""

    field: str = option(
        default="auto",
        label="Field",
        text="auto: zerorf for up to 12 pictures, voxel for more on a CPU, hash on CUDA",
        choices=("auto", "zerorf", "voxel", "vm", "hash", "nerf", "volsdf", "neus"),
    )
    field_steps: int = option(
        default=0, label="Field steps", text="Steps of the fit; 0 takes what suits the field", least=0, most=1_000_000
    )
    field_resolution: int = option(
        default=0,
        label="Field resolution",
        text="Cells along the region's longest side; 0 takes what suits the field",
        least=0,
        most=1024,
    )
    field_seed: int = option(default=0, label="Field seed", text="Seed of the fit's random choices", least=0, most=2**31 - 1)


@options
class SplatOptions:
    """The Gaussian splats."""

    splat_kind: str = option(
        default="3d", label="Splats", text="3d: ellipsoids; 2d: discs that lie on surfaces", choices=("3d", "2d")
    )
    splat_steps: int = option(default=7000, label="Splat steps", text="Steps of the fit", least=10, most=1_000_000)
    splats_most: int = option(
        default=500_000, label="Most splats", text="Never more splats than this", least=100, most=20_000_000
    )
    densify: str = option(
        default="mcmc",
        label="Densification",
        text="mcmc moves unused splats to where they help; default splits and clones by gradient; none keeps the points",
        choices=("mcmc", "default", "none"),
    )
    sh_degree: int = option(
        default=2, label="View dependence", text="Degree of the spherical harmonics of colour", least=0, most=3
    )
    align_splats: bool = option(
        default=False,
        label="Hold to surfaces",
        text="Press ellipsoids against the surfaces they show: a better mesh from splats, slower, slightly worse pictures",
    )
    exposure: bool = option(
        default=True, label="Even out exposure", text="Find a brightness and tint for each photo, so that splats do not have to"
    )
    splat_seed: int = option(default=0, label="Splat seed", text="Seed of the fit's random choices", least=0, most=2**31 - 1)


@options
class SurfaceOptions:
    """From field or splats to a mesh."""

    mesh_from: str = option(
        default="auto",
        label="Mesh from",
        text="auto: what renders nearest to the photos is kept",
        choices=("auto", "field", "splats"),
    )
    mesh_resolution: int = option(
        default=256, label="Mesh resolution", text="Cells along the region's longest side", least=32, most=1024
    )
    scan_faces: int = option(
        default=50_000, label="Faces", text="Reduce the mesh to at most this many triangles", least=100, most=20_000_000
    )
    refine_steps: int = option(
        default=600,
        label="Refinement steps",
        text="Move and split faces to look like the photos; 0 leaves the mesh as it was. The better of both is kept",
        least=0,
        most=100_000,
    )


@options
class BakeOptions:
    """Unwrapping, textures and levels of detail."""

    bake_px: int = option(default=4096, label="Texture size", text="Side of the texture", unit="px", least=64, most=16384)
    bake_padding: int = option(
        default=8, label="Padding", text="Distance between islands in the texture", unit="px", least=1, most=64
    )
    texture_steps: int = option(
        default=12,
        label="Texture steps",
        text="Bring the texture nearer to the photos, drawn through their cameras; 0 leaves it as projected",
        least=0,
        most=200,
    )
    highlights: bool = option(
        default=False,
        label="Highlights apart",
        text="Also write textures and a small network for colours that depend on the view, beside the GLB",
    )
    lods: int = option(
        default=2, label="Levels of detail", text="Also write this many meshes, each with half the faces", least=0, most=6
    )


@options
class ScanOptions:
    """Photos of an object or a room, or pictures with cameras, become a textured mesh and splats."""

    via: str = option(
        default="both",
        label="By way of",
        text="field gives the mesh of an object, splats the look of a scene; both makes both",
        choices=("both", "field", "splats"),
    )
    source: SourceOptions = group(default_factory=SourceOptions)
    photos: PhotoOptions = group(default_factory=PhotoOptions)
    features: FeatureOptions = group(default_factory=FeatureOptions)
    matches: MatchOptions = group(default_factory=MatchOptions)
    cameras: CameraOptions = group(default_factory=CameraOptions)
    views: ViewOptions = group(default_factory=ViewOptions)
    radiance: FieldOptions = group(default_factory=FieldOptions)
    splats: SplatOptions = group(default_factory=SplatOptions)
    surface: SurfaceOptions = group(default_factory=SurfaceOptions)
    bake: BakeOptions = group(default_factory=BakeOptions)
    memory_limit_mb: int = option(
        default=0,
        label="Memory limit",
        text="Refuse stages that would need more; 0 takes what is free",
        unit="MB",
        least=0,
        most=10_000_000,
    )


SCAN_QUALITIES: dict[str, ScanOptions] = {
    "draft": from_flat(
        ScanOptions,
        {
            "max_photo_px": 1600,
            "features_per_photo": 4096,
            "view_px": 400,
            "splat_steps": 1500,
            "splats_most": 60_000,
            "sh_degree": 1,
            "mesh_resolution": 160,
            "scan_faces": 20_000,
            "refine_steps": 200,
            "bake_px": 2048,
            "texture_steps": 6,
            "lods": 1,
        },
    ),
    "standard": ScanOptions(),
    "high": from_flat(
        ScanOptions,
        {
            "max_photo_px": 6400,
            "features_per_photo": 16384,
            "view_px": 1600,
            "splat_steps": 30_000,
            "splats_most": 3_000_000,
            "sh_degree": 3,
            "mesh_resolution": 512,
            "scan_faces": 200_000,
            "refine_steps": 2000,
            "bake_px": 8192,
            "highlights": True,
            "lods": 3,
        },
    ),
}
