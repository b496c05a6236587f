"""The stage `mosaic_frame`: the mosaic's plane becomes the wall, upright and to scale where a length is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FrameOptions, MosaicOptions
from ...formats import Artefact
from ...photos import Photo, PhotoSet, read_image
from ..wall import parse_known_points, upright_majority
from .homography import Floats, inverse, local_jacobians, transfer
from .lens import undistort
from .mosaic import Mosaic, MosaicPicture
from .upright import LINES_PX, Lines, by_corners, find_lines, level_by_lines, own_axes

LINE_PICTURES = 6  # the widest, in which lines are looked for
CORNER_NAMES = "PHOTO:x,y PHOTO:x,y PHOTO:x,y PHOTO:x,y"


@dataclass(frozen=True, kw_only=True)
class PlacedPicture:
    """A picture before the wall. Wall frame: x along it, z up; the wall at y = 0."""

    index: int  # in the photo set
    name: str
    picture_from_wall: tuple[tuple[float, ...], ...]  # (3, 3) of (x, z, 1): half diagonals from the picture's middle, y down
    radial: float  # the lens term; see `MosaicPicture`
    pixel: float  # its size on the wall at the picture's middle, in units


@dataclass(frozen=True, kw_only=True)
class MosaicFrame(Artefact):
    """The pictures before the wall. One unit is a metre when metric, else the mosaic's width."""

    pictures: tuple[PlacedPicture, ...]
    metric: bool
    scale_from: str  # in words
    upright_from: str  # in words
    up_known: bool
    x_min: float  # extent of all pictures, in units
    x_max: float
    z_min: float
    z_max: float


def set_mosaic_frame(
    photos: PhotoSet, mosaic: Mosaic, options: MosaicOptions, frame: FrameOptions, folder: Path, report: Progress
) -> MosaicFrame:
    """Straighten the mosaic by the user's corners, else by lines on the wall, else by the pictures' axes; then scale it.

    Raises bad input for points that cannot be read, or that lie in no placed picture.
    """
    pictures = [_Placed(photos.photos[picture.index], picture) for picture in mosaic.pictures]
    plane_from_picture = np.array([inverse(picture.map) for picture in pictures])
    areas = np.array([_area(picture) for picture in pictures])
    ups, known = _quarters(pictures)
    matrix = own_axes(plane_from_picture, areas, ups)
    words = "the axes of the widest pictures"
    report(0.3, "looking for level and plumb lines")
    if options.wall_corners:
        corners = np.array([_locate(pictures, *end) for end in _parse_corners(options.wall_corners)])
        matrix = _by_corners(transfer(matrix, corners)) @ matrix
        words = "the four corners given"
    elif options.straighten:
        levelled = level_by_lines(_lines(pictures, areas, matrix, report))
        if levelled.level or levelled.plumb:
            matrix = levelled.matrix @ matrix
            words = f"{levelled.level} level and {levelled.plumb} plumb lines on the wall"
    matrix = _turned(int(frame.turn_wall)) @ matrix
    outlines = [transfer(matrix @ inverse(picture.map), picture.outline()) for picture in pictures]
    low, high = np.min([o.min(axis=0) for o in outlines], axis=0), np.max([o.max(axis=0) for o in outlines], axis=0)
    scale, metric, scale_from = _scale(frame, pictures, matrix, float(high[0] - low[0]))
    middle, foot = (low[0] + high[0]) / 2, high[1]
    wall_from_plane = np.array([[scale, 0, -scale * middle], [0, -scale, scale * foot], [0, 0, 1]]) @ matrix
    placed = tuple(_placed(picture, wall_from_plane) for picture in pictures)
    report.note(f"the mosaic stands upright by {words}; its height is in proportion to its width as the pictures show it")
    if not metric:
        report.note("no length is known, so the scale is arbitrary: one unit is the mosaic's width")
    if not known and frame.turn_wall == "0":
        report.note(
            "no picture says what is up, so the wall stands as the pictures do: where it lies on its side, use --turn-wall"
        )
    report(1.0, scale_from)
    return MosaicFrame(
        folder=folder,
        pictures=placed,
        metric=metric,
        scale_from=scale_from,
        upright_from=words,
        up_known=known or frame.turn_wall != "0",
        x_min=float(scale * (low[0] - middle)),
        x_max=float(scale * (high[0] - middle)),
        z_min=0.0,
        z_max=float(scale * (high[1] - low[1])),
    )


class _Placed:
    """A picture with its map, and the units of both."""

    def __init__(self, photo: Photo, placed: MosaicPicture) -> None:
        self.photo, self.placed, self.map = photo, placed, placed.matrix
        self.unit = float(np.hypot(photo.width, photo.height)) / 2

    def flat(self, px: Floats) -> Floats:
        """Px (n, 2) without the lens term, in half diagonals from the middle."""
        middle = np.array([self.photo.width, self.photo.height]) / 2
        return undistort((px - middle) / self.unit, np.full(len(px), self.placed.radial))

    def outline(self) -> Floats:
        """The picture's border (32, 2), without the lens term."""
        along = np.linspace(0, 1, 8, endpoint=False)
        none = np.zeros(8)
        sides = [(along, none), (none + 1, along), (1 - along, none + 1), (none, 1 - along)]
        border = np.concatenate([np.column_stack(side) for side in sides]) * (self.photo.width, self.photo.height)
        return self.flat(border)


def _area(picture: _Placed) -> float:
    p = transfer(inverse(picture.map), picture.outline())
    x, y = p[:, 0], p[:, 1]
    return float(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)


def _quarters(pictures: list[_Placed]) -> tuple[NDArray[np.int64], bool]:
    """By how many quarters clockwise each picture stands turned against the majority (n,), and whether a tag says what is up."""
    ups = []
    for picture in pictures:
        up = local_jacobians(inverse(picture.map), np.zeros((1, 2)))[0] @ np.array([0.0, -1.0])
        ups.append([up[0], 0.0, -up[1]])
    vectors = np.array(ups) / np.linalg.norm(ups, axis=1, keepdims=True)
    trusted = np.array([picture.photo.gravity_known for picture in pictures])
    chosen = np.flatnonzero(trusted) if trusted.any() else np.arange(len(pictures))
    agree = chosen[upright_majority(vectors[chosen], np.array([0.0, -1.0, 0.0]))]
    main = vectors[agree].mean(axis=0)
    angle = np.arctan2(vectors[:, 0], vectors[:, 2]) - np.arctan2(main[0], main[2])
    return np.round(angle / (np.pi / 2)).astype(np.int64) % 4, bool(trusted.any())


def _lines(pictures: list[_Placed], areas: Floats, matrix: Floats, report: Progress) -> Lines:
    """The straight edges of the widest pictures, in the plane that `matrix` leads to."""
    start, end = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for index in np.argsort(-areas)[:LINE_PICTURES]:
        report.check()
        picture = pictures[int(index)]
        grey = cv2.cvtColor(read_image(picture.photo, LINES_PX), cv2.COLOR_RGB2GRAY)
        lines = find_lines(np.asarray(grey, np.uint8))
        factor = picture.photo.width / grey.shape[1]
        to_plane = matrix @ inverse(picture.map)
        start.append(transfer(to_plane, picture.flat(lines.start * factor)))
        end.append(transfer(to_plane, picture.flat(lines.end * factor)))
    return Lines(np.concatenate(start), np.concatenate(end))


def _turned(angle_deg: int) -> Floats:
    """Turn a plane with y down clockwise."""
    cos, sin = np.round(np.cos(np.radians(angle_deg))), np.round(np.sin(np.radians(angle_deg)))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def _parse_corners(text: str) -> list[tuple[str, Floats]]:
    pattern = r"(.+?):\s*([\d.]+)\s*,\s*([\d.]+)"
    found = re.fullmatch(r"\s*" + r"\s+".join([pattern] * 4) + r"\s*", text)
    if found is None:
        raise bad_input(
            f"the wall's corners {text!r} cannot be read",
            f"write them as {CORNER_NAMES}, clockwise from the top left",
            option="wall_corners",
        )
    groups = found.groups()
    return [(groups[i], np.array([float(groups[i + 1]), float(groups[i + 2])])) for i in range(0, 12, 3)]


def _by_corners(corners: Floats) -> Floats:
    """`by_corners`. Raises bad input unless the four places (4, 2) go round clockwise without a dent."""
    ahead = np.roll(corners, -1, axis=0) - corners
    after = np.roll(ahead, -1, axis=0)
    if not (ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0] > 0).all():
        raise bad_input(
            "the wall's corners do not go round it clockwise",
            "name the upper left one first, then the upper right, lower right and lower left",
            option="wall_corners",
        )
    return by_corners(corners)


def _locate(pictures: list[_Placed], name: str, px: Floats) -> Floats:
    """The place (2,) in the mosaic's plane of a pixel. Raises bad input where no placed picture has it."""
    picture = next((one for one in pictures if one.photo.name == name), None)
    if picture is None:
        raise bad_input(f"the point's picture {name} is not among those in the mosaic", "choose a point in another picture")
    if not (0 <= px[0] <= picture.photo.width and 0 <= px[1] <= picture.photo.height):
        raise bad_input(
            f"the point lies outside picture {name}", f"give x up to {picture.photo.width} and y up to {picture.photo.height}"
        )
    return transfer(inverse(picture.map), picture.flat(px[None]))[0]


def _scale(frame: FrameOptions, pictures: list[_Placed], matrix: Floats, width: float) -> tuple[float, bool, str]:
    if frame.known_length_m > 0 and not frame.known_points:
        raise bad_input("a known length was given without its two points", "give known points as PHOTO:x,y PHOTO:x,y")
    if frame.known_points and frame.known_length_m <= 0:
        raise bad_input("two known points were given without their distance", "give the known length in metres")
    if frame.known_points:
        ends = transfer(matrix, np.array([_locate(pictures, *end) for end in parse_known_points(frame.known_points)]))
        length = float(np.linalg.norm(ends[0] - ends[1]))
        if length < 1e-3 * width:
            raise bad_input("the two known points lie at the same place", "choose points far apart", option="known_points")
        return frame.known_length_m / length, True, f"the known length of {frame.known_length_m:g} m"
    return 1.0 / width, False, "arbitrary scale"


def _placed(picture: _Placed, wall_from_plane: Floats) -> PlacedPicture:
    wall_from_picture = wall_from_plane @ inverse(picture.map)
    picture_from_wall = np.linalg.inv(wall_from_picture)
    middle = transfer(wall_from_picture, np.zeros((1, 2)))
    depth = float(np.append(middle[0], 1.0) @ picture_from_wall[2])
    picture_from_wall /= depth
    area = abs(float(np.linalg.det(local_jacobians(wall_from_picture, np.zeros((1, 2)))[0])))
    return PlacedPicture(
        index=picture.placed.index,
        name=picture.photo.name,
        picture_from_wall=tuple(tuple(float(v) for v in row) for row in picture_from_wall),
        radial=picture.placed.radial,
        pixel=float(np.sqrt(area)) / picture.unit,
    )
