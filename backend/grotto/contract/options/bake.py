"""Options of unwrapping and texture baking."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class BakeOptions:
    """Unwrap the mesh and bake its textures."""

    bake_px: int = option(default=4096, label="Texture size", text="Side of the texture", unit="px", least=64, most=16384)
    bake_padding: int = option(
        default=8, label="Padding", text="Distance between islands in the texture", unit="px", least=1, most=64
    )
    texture_steps: int = option(
        default=12,
        label="Texture steps",
        text="Optimise the texture so that its renders match the photos; 0 keeps the projected photos",
        least=0,
        most=200,
    )
    highlights: bool = option(
        default=False,
        label="Separate highlights",
        text="Also write textures and a small network for view-dependent colour, next to the GLB",
    )
