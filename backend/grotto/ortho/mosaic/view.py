"""Pictures of a mosaic as the orthophoto takes photos: the wall is flat, so a homography and a lens term are a whole view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...photos import Photo
from ...sfm.mosaic import MosaicFrame, PlacedPicture, inverse, transfer, undistort
from ..lens import Lens
from ..view import PlacedPhoto, Surface

_BORDER_POINTS = 12  # along each side of a picture


@dataclass(frozen=True, kw_only=True)
class FlatView(PlacedPhoto):
    """A picture of a flat wall. Its `camera_from_world` is a homography of (x, z), and no camera: y has no part in it.

    The centre is that of a camera straight before the picture's middle, as far away as its pixel size says.
    """

    middle: tuple[float, float]  # (x, z) on the wall, in units
    pixel: float  # on the wall at the middle, in units

    @property
    def centre(self) -> NDArray[np.float64]:
        """Where a camera that looks straight on would stand (3,)."""
        return np.array([self.middle[0], -self.pixel * self.lens.focal, self.middle[1]])

    def footprint(self, surface: Surface) -> NDArray[np.float64]:
        """(x, z) of the picture's border on the wall (n, 2), in turn."""
        along = np.linspace(0.0, 1.0, _BORDER_POINTS, endpoint=False)
        none = np.zeros_like(along)
        sides = [(along, none), (none + 1, along), (1 - along, none + 1), (none, 1 - along)]
        border = np.concatenate([np.column_stack(side) for side in sides]) - 0.5
        places = border * (self.lens.width, self.lens.height) / self.lens.focal
        flat = undistort(places, np.full(len(places), self.lens.k1))
        return transfer(inverse(self.camera_from_world[:, [0, 2, 3]]), flat)


def flat_views(frame: MosaicFrame, photos: tuple[Photo, ...]) -> list[FlatView]:
    """The views of a mosaic's pictures, in its order."""
    return [_view(picture, photos[picture.index]) for picture in frame.pictures]


def _view(picture: PlacedPicture, photo: Photo) -> FlatView:
    unit = float(np.hypot(photo.width, photo.height)) / 2
    lens = Lens(
        width=photo.width,
        height=photo.height,
        fx=unit,
        fy=unit,
        cx=photo.width / 2,
        cy=photo.height / 2,
        k1=picture.radial,
    )
    matrix = np.array(picture.picture_from_wall)
    middle = transfer(np.linalg.inv(matrix), np.zeros((1, 2)))[0]
    camera_from_world = np.column_stack([matrix[:, 0], np.zeros(3), matrix[:, 1], matrix[:, 2]])
    return FlatView(
        name=photo.name,
        lens=lens,
        camera_from_world=camera_from_world,
        middle=(float(middle[0]), float(middle[1])),
        pixel=picture.pixel,
    )
