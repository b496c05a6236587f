"""Options of six views of an element: their sheet, the orbit rendered from them, and the picture laid on the front."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class SheetOptions:
    """Generate six views with a model, or read a finished sheet of them."""

    rig: str = option(
        default="zero123plus-v1.1",
        label="Multi-view model",
        text="Model whose cameras the sheet's views have",
        choices=("zero123plus-v1.1", "zero123plus-v1.2"),
    )
    view_steps: int = option(
        default=28, label="Sampler steps", text="Steps of the sampler that draws six views; use 75 for faces", least=1, most=1000
    )
    view_guidance: float = option(
        default=4.0, label="Guidance scale", text="How closely views follow the picture; 1 is not at all", least=1.0, most=50.0
    )
    view_seed: int = option(default=0, label="Seed of views", text="Another seed gives other views", least=0, most=2**31 - 1)
    view_tries: int = option(
        default=3, label="Attempts", text="Draw a faulty sheet again with the next seed, up to this many times", least=1, most=50
    )


@option_group
class OrbitOptions:
    """Render the element's field from all around."""

    orbit_frames: int = option(
        default=100,
        label="Turntable frames",
        text="Frames of the orbit, as a video and as views; 0 makes none",
        least=0,
        most=2000,
    )
    orbit_px: int = option(default=320, label="Frame size", text="Side of the orbit's frames", unit="px", least=32, most=4096)


@option_group
class FromViewsOptions:
    """Choose what else is made from six views."""

    via_sfm: bool = option(
        default=False,
        label="COLMAP's cameras",
        text="For comparison: estimate the orbit's cameras with COLMAP, as the paper does, and write its LLFF dataset",
    )
    front_picture: bool = option(
        default=True, label="Picture on the front", text="Project the input picture onto the front of the model's mesh"
    )
