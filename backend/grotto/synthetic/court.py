"""A figure on a plinth in a paved court: a made object as the subject, and surroundings many times its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..formats import Mesh
from ..scene import Camera, RayCaster, View, look_at
from .objects import (
    IVORY,
    OCHRE,
    PALE_BLUE,
    UMBER,
    MadeObject,
    linear_of_values,
    make_object,
    noise,
    over,
    step,
    values_of_linear,
)

Array = NDArray[np.float32]

_PLINTH_HEIGHT = 0.9  # before the whole is brought to a height of 1
_STEP_HEIGHT, _STEP_WIDTH = 0.16, 0.12
_FOOT = 0.12  # of the figure's height: what stands on the plinth
_SUNK = 0.01
_WALL = 0.45  # height of the walls, in parts of the court's side
_FIGURE, _PLINTH, _GROUND, _WALLS = range(4)
_DISTANCE, _HALF_VIEW = (
    2.0,
    0.3839,
)  # tangent of half the field of view, 42 degrees; in heights of the subject: it fills two thirds of the picture's height
_RINGS_DEG = (4.0, 24.0, 46.0)  # elevations of the cameras, in turn
_WITHIN = 0.9  # heights of the subject from its axis: where a room's cameras stand
_TILTS = (-0.2, 0.1, 0.4)  # of their axes, in turn: tangents of the elevation
_STONE = np.array([0.62, 0.58, 0.52], np.float32)


@dataclass(frozen=True, kw_only=True)
class Court:
    """The court in the world: z up, the ground at z = 0, the subject's axis at x = y = 0, its height 1."""

    figure: MadeObject
    scale: float  # world per length of the figure's own mesh
    shift: Array  # (3,) world: where the figure's own origin stands
    subject: Mesh  # figure and plinth, without what the ground or the plinth hides
    surroundings: Mesh  # ground and walls
    side: float  # of the court, in heights of the subject
    parts: NDArray[np.int8]  # (f,) which part each face belongs to, of the subject's faces and then of the surroundings'

    def whole(self) -> Mesh:
        """Subject and surroundings as one mesh; the subject's faces come first."""
        vertices = np.concatenate([self.subject.vertices, self.surroundings.vertices])
        return Mesh(
            vertices=vertices, faces=np.concatenate([self.subject.faces, self.surroundings.faces + len(self.subject.vertices)])
        )

    def colours(self, points: Array, faces: NDArray[np.integer]) -> Array:
        """sRGB's values (n, 3) at places (n, 3) of the faces (n,)."""
        colour = np.zeros_like(points)
        for part, paint in ((_FIGURE, self._figure), (_PLINTH, _plinth), (_GROUND, _ground), (_WALLS, self._walls)):
            here = np.flatnonzero(self.parts[faces] == part)
            if len(here):
                colour[here] = paint(points[here])
        return np.clip(colour, 0, 1).astype(np.float32)

    def _figure(self, points: Array) -> Array:
        return self.figure.colour_at(((points - self.shift) / np.float32(self.scale)).astype(np.float32))

    def _walls(self, points: Array) -> Array:
        return _facades(points, np.float32(self.side))


def make_court(name: str, side: float, seed: int = 0, *, cells: int = 128) -> Court:
    """The made object `name` on a plinth in a court whose side is so many times the subject's height.

    `cells`: of the figure's mesh along its longest side.
    Equal arguments give equal courts. Raises a bad-input problem for the name of no object.
    """
    figure = make_object(name, seed, cells=cells)
    low, high = figure.mesh.vertices.min(0), figure.mesh.vertices.max(0)
    foot = figure.mesh.vertices[figure.mesh.vertices[:, 2] < low[2] + _FOOT * (high[2] - low[2])]
    half = np.abs(foot[:, :2]).max(0) + 0.1
    scale = 1.0 / float(_PLINTH_HEIGHT + high[2] - low[2] - _SUNK)
    shift = np.array([0, 0, _PLINTH_HEIGHT - _SUNK - low[2]], np.float32) * np.float32(scale)
    standing = figure.mesh.vertices * np.float32(scale) + shift
    body = _box(half, _STEP_HEIGHT, _PLINTH_HEIGHT)
    base = _box(half + _STEP_WIDTH, 0.0, _STEP_HEIGHT)
    plinth = np.concatenate([body, base]) * np.float32(scale)
    visible = (standing[:, 2] > _PLINTH_HEIGHT * scale - 1e-6)[figure.mesh.faces].any(1)
    figure_faces = figure.mesh.faces[visible]
    subject = Mesh(
        vertices=np.concatenate([standing, plinth.reshape(-1, 3)]).astype(np.float32),
        faces=np.concatenate([figure_faces, len(standing) + _quads(len(plinth))]).astype(np.int32),
    )
    yard = _yard(side)
    surroundings = Mesh(vertices=yard.reshape(-1, 3), faces=_quads(len(yard)))
    counts = ((len(figure_faces), _FIGURE), (2 * len(plinth), _PLINTH), (2, _GROUND), (8, _WALLS))
    parts = np.concatenate([np.full(count, part, np.int8) for count, part in counts])
    return Court(
        figure=figure, scale=scale, shift=shift, subject=subject, surroundings=surroundings, side=side, parts=parts
    )  # fmt: skip


def court_cameras(count: int, size: int) -> list[Camera]:
    """`count` square cameras all round the subject, in turn at three heights, two of its heights away from its middle."""
    middle = np.array([0, 0, 0.5])
    cameras = []
    for index in range(count):
        elevation_deg = _RINGS_DEG[index % len(_RINGS_DEG)]
        azimuth, elevation = 2 * np.pi * index / count, np.radians(elevation_deg)
        towards = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
        cameras.append(_square_camera(middle + _DISTANCE * towards, middle, size))
    return cameras


def room_cameras(count: int, size: int) -> list[Camera]:
    """`count` square cameras on a ring about the subject that look away from it, as rooms are taken from within."""
    cameras = []
    for index in range(count):
        azimuth = 2 * np.pi * index / count
        outwards = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        place = _WITHIN * outwards + [0, 0, 0.5]
        tilt = _TILTS[index % len(_TILTS)]
        cameras.append(_square_camera(place, place + outwards + [0, 0, tilt], size))
    return cameras


def _square_camera(place: NDArray[np.floating], target: NDArray[np.floating], size: int) -> Camera:
    focal = 0.5 * size / _HALF_VIEW
    return Camera(
        camera_from_world=look_at(place, target),
        focal_x=focal,
        focal_y=focal,
        centre_x=size / 2,
        centre_y=size / 2,
        width=size,
        height=size,
    )


def photograph_court(court: Court, camera: Camera, name: str, samples: int = 2) -> View:
    """What the camera sees under a plain sky; alpha is the subject's share of each pixel, by `samples` x `samples` rays."""
    whole = court.whole()
    fine = camera.resized(camera.width * samples, camera.height * samples)
    hits = RayCaster(whole.vertices, whole.faces).through(fine)
    met = np.flatnonzero(hits.face >= 0)
    points = np.einsum("nk,nkd->nd", hits.barycentric[met], whole.vertices[whole.faces[hits.face[met]]]).astype(np.float32)
    colour = _sky(fine.directions().reshape(-1, 3))
    colour[met] = court.colours(points, hits.face[met])
    mine = (hits.face >= 0) & (hits.face < len(court.subject.faces))

    def averaged(values: Array) -> Array:
        return np.asarray(values.reshape(camera.height, samples, camera.width, samples, -1).mean((1, 3)), np.float32)

    mean = values_of_linear(averaged(linear_of_values(colour)))
    return View(name=name, camera=camera, colour=mean, alpha=averaged(mine.astype(np.float32))[..., 0])


def _box(half: NDArray[np.floating], low: float, high: float) -> Array:
    """(5, 4, 3) the four sides and the top of a box about the axis, counter-clockwise from outside."""
    x, y = float(half[0]), float(half[1])
    corners = [(-x, -y), (x, -y), (x, y), (-x, y)]
    sides = [
        [(*corners[i], low), (*corners[(i + 1) % 4], low), (*corners[(i + 1) % 4], high), (*corners[i], high)] for i in range(4)
    ]
    return np.array([*sides, [(*corner, high) for corner in corners]], np.float32)


def _yard(side: float) -> Array:
    """(5, 4, 3) the ground and four walls that face inwards."""
    half, top = 0.5 * side, _WALL * side
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    walls = [
        [(*corners[i], 0.0), (*corners[i], top), (*corners[(i + 1) % 4], top), (*corners[(i + 1) % 4], 0.0)] for i in range(4)
    ]
    return np.array([[(*corner, 0.0) for corner in corners], *walls], np.float32)


def _quads(count: int) -> NDArray[np.int32]:
    """(2 * count, 3) triangles of quads whose corners follow one another."""
    return (4 * np.arange(count)[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.int32)


def _hash(*cells: NDArray[np.floating]) -> Array:
    """(n,) numbers 0 to 1 that depend on whole cells alone."""
    mixed = sum((np.asarray(cell, np.float64) * weight for cell, weight in zip(cells, (12.9898, 78.233, 37.719), strict=False)))
    return np.asarray(np.mod(np.sin(mixed) * 43758.5453, 1.0), np.float32)


def _slabs(across: Array, up: Array, width: float, height: float, joint: float) -> tuple[Array, Array]:
    """Of stones laid in bond: (n,) a number 0 to 1 of each stone, and (n,) 1 in its joints."""
    row = np.floor(up / height)
    along = across / width + 0.5 * np.mod(row, 2)
    stone = _hash(np.floor(along), row, 3 * np.floor(across * 0))
    edge = np.minimum(
        np.minimum(np.mod(along, 1), 1 - np.mod(along, 1)) * width,
        np.minimum(np.mod(up / height, 1), 1 - np.mod(up / height, 1)) * height,
    )
    return stone, step(joint - edge, 0.0, joint)


def _grain(points: Array, cell: float, seed: int) -> Array:
    return (0.72 + 0.56 * noise(points, cell, seed)).astype(np.float32)[:, None]


def _plinth(points: Array) -> Array:
    """Stone blocks with veins, each side lit otherwise."""
    side = np.where(np.abs(points[:, 0]) > np.abs(points[:, 1]), points[:, 1], points[:, 0])
    stone, joint = _slabs(side + np.float32(3), points[:, 2], 0.14, 0.09, 0.006)
    colour = _STONE * (0.75 + 0.5 * stone[:, None]) * _grain(points, 0.025, 3)
    colour = over(colour.astype(np.float32), OCHRE, 0.4 * step(noise(points, 0.07, 4), 0.62, 0.1))
    return over(colour, UMBER, 0.8 * joint)


def _ground(points: Array) -> Array:
    """Paving, darker about the plinth."""
    stone, joint = _slabs(points[:, 0], points[:, 1], 0.34, 0.22, 0.012)
    colour = np.array([0.50, 0.47, 0.44], np.float32) * (0.65 + 0.7 * stone[:, None]) * _grain(points, 0.05, 5)
    colour = over(colour.astype(np.float32), UMBER, 0.7 * joint)
    near = np.linalg.norm(points[:, :2], axis=1)
    return np.asarray(colour * (0.7 + 0.3 * step(near, 0.5, 0.4))[:, None], np.float32)


def _facades(points: Array, side: np.float32) -> Array:
    """Courses of stone with rows of windows; what is drawn grows with the court, so that it is seen from its middle."""
    across = np.where(np.abs(points[:, 0]) > np.abs(points[:, 1]), points[:, 1], points[:, 0]) / side
    which = np.where(np.abs(points[:, 0]) > np.abs(points[:, 1]), np.sign(points[:, 0]), 2 + np.sign(points[:, 1]))
    up = points[:, 2] / side
    stone, joint = _slabs((across + 3 + which).astype(np.float32), up, 0.035, 0.018, 0.0016)
    tint = np.where(which[:, None] > 0.5, OCHRE, IVORY) * np.float32(0.8)
    colour = tint * (0.7 + 0.6 * stone[:, None]) * _grain(points / side, 0.012, 6)
    colour = over(colour.astype(np.float32), UMBER, 0.5 * joint)
    column, row = across / 0.09, (up - 0.04) / 0.11
    place = np.stack([np.mod(column, 1) - 0.5, np.mod(row, 1) - 0.5])
    inside = np.minimum(0.24 - np.abs(place[0]), 0.36 - np.abs(place[1])) * (row > 0)
    colour = over(colour, IVORY, step(inside, -0.05, 0.02))
    glass = PALE_BLUE * (0.25 + 0.7 * _hash(np.floor(column), np.floor(row), which))[:, None]
    colour = over(colour, glass.astype(np.float32), step(inside, 0.0, 0.02))
    bars = np.minimum(np.abs(place[0]), np.abs(np.mod(place[1] * 4, 1) - 0.5) / 4)
    return over(colour, UMBER, step(inside, 0.0, 0.02) * step(0.02 - bars, 0.0, 0.015))


def _sky(directions: Array) -> Array:
    up = directions[:, 2] / np.maximum(np.linalg.norm(directions, axis=1), 1e-9)
    return np.asarray(
        PALE_BLUE + (np.array([0.90, 0.93, 0.95], np.float32) - PALE_BLUE) * np.clip(1 - up, 0, 1)[:, None], np.float32
    )
