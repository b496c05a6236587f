"""What is known of a lens while photos are being mapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pycolmap


@dataclass(frozen=True, kw_only=True)
class Lens:
    """What is known of a lens before mapping."""

    group: str
    width: int
    height: int
    focal_px: float
    source: str  # "given", "EXIF" or "guessed"
    radial: float = 0.0  # k1 of COLMAP's SIMPLE_RADIAL
    found: bool = False  # focal length and distortion come from a block of its photos

    def camera(self) -> pycolmap.Camera:
        return pycolmap.Camera(
            model="SIMPLE_RADIAL",
            width=self.width,
            height=self.height,
            params=[self.focal_px, self.width / 2, self.height / 2, self.radial],
            has_prior_focal_length=self.found or self.source != "guessed",
        )


def lens_names(lenses: Sequence[Lens]) -> list[str]:
    """The group of each lens, numbered where several lenses come from one group."""
    names = [lens.group for lens in lenses]
    return [
        f"{name}, lens {names[:index].count(name) + 1} of {names.count(name)}" if names.count(name) > 1 else name
        for index, name in enumerate(names)
    ]
