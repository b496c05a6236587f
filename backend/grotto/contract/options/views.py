"""Options of the views: the undistorted pictures that fits use, and the region that they show."""

from __future__ import annotations

from ..option import option, option_group


@option_group
class ViewOptions:
    """Undistort the pictures for the fits, and find the region to reconstruct."""

    view_px: int = option(
        default=800, label="Picture size", text="Longer side of the pictures that are fitted", unit="px", least=64, most=8192
    )
    background: str = option(
        default="auto",
        label="Background",
        text="auto: pictures with alpha or masks show one bounded object, others a scene; object or scene decides it",
        choices=("auto", "object", "scene"),
    )
    region_size: float = option(
        default=1.0,
        label="Region",
        text="Scale the box that is reconstructed around the subject",
        least=0.05,
        most=20.0,
    )
    subject_box: str = option(
        default="",
        label="Subject's box",
        text="Six numbers in the result's frame, lowest x y z, then highest x y z: the box of a scene's subject; "
        "empty finds what the cameras look at together",
    )
