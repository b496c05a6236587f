"""Options of outside image-to-3D models."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class GeneratorOptions:
    """Run an image-to-3D model that you installed and connected."""

    generator: str = option(
        default="none",
        label="Model",
        text="Model of the route model, see `grotto models list`",
        choices=("none", "triposr", "trellis", "instantmesh", "hunyuan3d"),
    )
    generator_seed: int = option(
        default=0, label="Seed of the model", text="Another seed makes another figure", least=0, most=2**31 - 1
    )
    generator_px: int = option(
        default=2048, label="Texture of the model", text="Side of its texture", unit="px", least=256, most=8192
    )
    generator_device: str = option(
        default="auto", label="Device", text="Device of the model; auto looks for CUDA", choices=("auto", "cuda", "cpu")
    )


@option_group
class GeneratedOptions:
    """Stand the model's figure upright."""

    generator_turn_deg: float = option(
        default=0.0,
        label="Turn",
        text="Turn the figure about the vertical, where the model put its front elsewhere",
        unit="deg",
        least=-360.0,
        most=360.0,
    )
