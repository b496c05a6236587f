"""What the stage `mosaic` leaves: pictures in one plane, and those that it is without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...formats import Artefact
from .homography import Floats


@dataclass(frozen=True, kw_only=True)
class MosaicPicture:
    """A picture in the plane of the mosaic. Coordinates of a picture: half diagonals from its middle, y down."""

    index: int  # in the photo set
    name: str
    picture_from_plane: tuple[tuple[float, ...], ...]  # (3, 3), depth positive on the picture, without the lens term
    radial: float  # k of COLMAP's SIMPLE_RADIAL with half the diagonal for a focal length
    links: int  # pairs that hold it
    alike: float  # of what it shares with other pictures: windows that are alike, mean of its pairs

    @property
    def matrix(self) -> Floats:
        """`picture_from_plane` as an array."""
        return np.array(self.picture_from_plane)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A picture that the mosaic is without, and why, in words."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Mosaic(Artefact):
    """The largest group of pictures that hang together. The plane is that of the picture with most matches, its own units."""

    pictures: tuple[MosaicPicture, ...]
    left_out: tuple[LeftOut, ...]
    parts: tuple[tuple[str, ...], ...]  # all groups of two pictures or more, the largest first
    pairs: int  # that agree
    dropped: int  # that match, yet contradict the others
    residual_px: float  # median miss of a match, px of the coarser picture
    flat_share: float  # see `MosaicPairs`
