"""Options of radiance and distance fields."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class FieldOptions:
    """Fit a radiance or distance field."""

    field: str = option(
        default="auto",
        label="Field",
        text="auto: zerorf for up to 12 pictures; for more, voxel, and on CUDA neus for an object",
        choices=("auto", "zerorf", "voxel", "vm", "hash", "nerf", "volsdf", "neus"),
    )
    field_steps: int = option(
        default=0,
        label="Field steps",
        text="Steps of the fit; 0 takes the field's default, and fewer for a small scene that gets splats, too",
        least=0,
        most=1_000_000,
        zero="Auto",
    )
    field_resolution: int = option(
        default=0,
        label="Field resolution",
        text="Cells along the region's longest side; 0 takes the field's default",
        least=0,
        most=1024,
        zero="Auto",
    )
    field_seed: int = option(default=0, label="Field seed", text="Seed of the fit's random choices", least=0, most=2**31 - 1)
