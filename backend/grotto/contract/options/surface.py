"""Options of the surface: from field or splats to a mesh, and its refinement."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class SurfaceOptions:
    """Extract a mesh from field or splats."""

    mesh_resolution: int = option(
        default=256, label="Mesh resolution", text="Cells along the region's longest side", least=32, most=1024
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
