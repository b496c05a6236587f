"""Options of a wall's height map, orthophoto and mesh."""

from __future__ import annotations

from ..option import option, option_group
from .budget import face_budget


@option_group
class HeightOptions:
    """Make the wall's height map."""

    height_spacing_mm: float = option(
        default=0.0,
        label="Height map step",
        text="Distance between height samples; 0 follows the density of points",
        unit="mm",
        least=0.0,
        most=1000.0,
        zero="Auto",
    )


@option_group
class OrthoOptions:
    """Make the orthophoto."""

    mm_per_pixel: float = option(
        default=0.0,
        label="Pixel size",
        text="Size of an orthophoto pixel on the wall; 0 keeps the photos' own resolution",
        unit="mm",
        least=0.0,
        most=1000.0,
        zero="Auto",
    )
    balance_exposure: bool = option(
        default=True, label="Balance exposure", text="Even out brightness between photos where they overlap"
    )
    ortho_memory_mb: int = option(
        default=1024,
        label="Memory for tiles",
        text="Largest memory for the pieces that the orthophoto is made in",
        unit="MB",
        least=128,
        most=1_000_000,
    )


@option_group
class MeshOptions:
    """Make the wall's textured mesh."""

    faces: int = face_budget(default=40_000, least=2)
    texture_px: int = option(
        default=8192, label="Texture size", text="Largest longer side of the mesh's texture", unit="px", least=64, most=32768
    )
