"""Options of the surface: from field or splats to a mesh, and its refinement."""

from __future__ import annotations

from ..option import option, option_group

LEVEL_EXTRACTORS = ("marching_cubes", "dual_contouring", "marching_tetrahedra", "flexicubes")
_OF_A_FIELD = (
    "marching_cubes: fast, the most exact from a grid; dual_contouring: also takes the field's own normals, for sharp edges; "
    "flexicubes: dual_contouring's even faces, corners rounder; marching_tetrahedra: no better, three times the faces"
)


@option_group
class SurfaceOptions:
    """Extract a mesh from the field of an object."""

    extractor: str = option(
        default="auto",
        label="Surface extraction",
        text=f"{_OF_A_FIELD}. auto takes marching_cubes",
        choices=("auto", *LEVEL_EXTRACTORS),
    )

    mesh_resolution: int = option(
        default=256, label="Mesh resolution", text="Cells along the region's longest side", least=32, most=1024
    )


@option_group
class ScanSurfaceOptions(SurfaceOptions):
    """Extract a mesh from field or splats."""

    extractor: str = option(
        default="auto",
        label="Surface extraction",
        text=f"Of an object's field, {_OF_A_FIELD}. Of splats, poisson: closed, fills gaps, slow. Of both, and of scenes, "
        "fused_depths: thickens thin parts. auto takes marching_cubes of an object's field, else fused_depths",
        choices=("auto", *LEVEL_EXTRACTORS, "fused_depths", "poisson"),
    )


@option_group
class BackdropOptions:
    """Make a coarse mesh of what surrounds a subject."""

    backdrop_faces: int = option(
        default=10_000,
        label="Backdrop's faces",
        text="Reduce the mesh of a subject's surroundings to at most this many triangles",
        least=100,
        most=20_000_000,
    )
    backdrop_px: int = option(
        default=2048, label="Backdrop's texture", text="Side of its texture", unit="px", least=64, most=16384
    )


@option_group
class RefineOptions:
    """Refine the mesh until it renders like the photos."""

    refine_steps: int = option(
        default=600,
        label="Refinement steps",
        text="Move and split faces to match the photos; 0 skips this. The better mesh of before and after is kept",
        least=0,
        most=100_000,
    )
