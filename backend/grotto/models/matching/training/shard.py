"""The views of one training wall, as SIFT points with their exact maps: made once, then read from a file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..points import MatchPoints
from .view_map import VIEW_HEIGHT, VIEW_WIDTH, ViewMap, draw_view_map
from .view_picture import draw_view, spoil
from .wall import WALL_PX, training_wall

VIEWS = 6  # in a cluster
MOST_POINTS = 1200
_CONTRAST = 0.02  # OpenCV divides it by its three layers an octave: COLMAP's peak threshold
_FARTHEST = 0.75  # of a view's size, between the middles of a cluster's views and the cluster's own


@dataclass(frozen=True, kw_only=True)
class ShardSize:
    """How large a wall is, and how often it is looked at; smaller in tests."""

    wall_px: int = WALL_PX  # side
    clusters: int = 9


@dataclass(frozen=True)
class View:
    """A made view."""

    map: ViewMap
    points: MatchPoints


@dataclass(frozen=True)
class Shard:
    """Views of one wall, `VIEWS` of each cluster one after another."""

    views: tuple[View, ...]

    @property
    def clusters(self) -> int:
        return len(self.views) // VIEWS


def shard_path(folder: Path, number: int) -> Path:
    """The file of wall `number`."""
    return folder / f"wall_{number:03d}.npz"


def read_or_make_shard(folder: Path, seed: int, number: int, size: ShardSize) -> Shard:
    """The views of wall `number`: read from `folder`, or made and kept there. A damaged file is made again."""
    path = shard_path(folder, number)
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, make_shard(seed, number, size))
        return _read(path)  # so that descriptors are rounded as they will be the next time


def make_shard(seed: int, number: int, size: ShardSize) -> Shard:
    """Paint wall `number`, look at it from some places, `VIEWS` times from near each, and find the points."""
    wall = training_wall(seed, number, size.wall_px)
    random = np.random.default_rng([seed, number, 2])
    margin = 0.25 * min(wall.shape)
    views = []
    for _ in range(size.clusters):
        middle = random.uniform(margin, np.array(wall.shape[::-1]) - margin)
        for _ in range(VIEWS):
            offset = random.uniform(-_FARTHEST, _FARTHEST, 2) * (VIEW_WIDTH, VIEW_HEIGHT)
            view = draw_view_map(middle + offset, random)
            picture = spoil(draw_view(wall, view), random)
            views.append(View(view, find_view_points(picture, random)))
    return Shard(tuple(views))


def find_view_points(picture: NDArray[np.uint8], random: np.random.Generator) -> MatchPoints:
    """SIFT points of a grey picture (h, w) as the product stores them, at most `MOST_POINTS`.

    Of two views in three the largest points, as the extractor keeps them where there are too many; of the third any.
    OpenCV's SIFT: on the same points its RootSIFT has a cosine of .99 with COLMAP's, at a third of the time.
    """
    sift = cv2.SIFT_create(contrastThreshold=_CONTRAST, edgeThreshold=10)
    keypoints = sift.detect(picture, None)
    size = np.array([keypoint.size for keypoint in keypoints])
    order = np.argsort(-size, kind="stable") if random.random() < 2 / 3 else random.permutation(len(size))
    keypoints, raw = sift.compute(picture, [keypoints[int(row)] for row in order[:MOST_POINTS]])
    height, width = picture.shape
    if not keypoints:
        none = np.zeros(0, np.float32)
        return MatchPoints(np.zeros((0, 2), np.float32), none, none, np.zeros((0, 128), np.float32), width, height)
    # OpenCV finds points in a doubled picture and forgets its shift of a quarter of a pixel
    place = np.array([keypoint.pt for keypoint in keypoints], np.float32) + 0.25
    scale = np.array([keypoint.size / 2 for keypoint in keypoints], np.float32)
    angle_deg = np.array([keypoint.angle for keypoint in keypoints], np.float32)
    unit = np.sqrt(raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return MatchPoints(place, scale, np.radians(angle_deg), unit, width, height)


def _write(path: Path, shard: Shard) -> None:
    points = [view.points for view in shard.views]
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(
            file,
            homographies=np.stack([view.map.wall_from_view for view in shard.views]),
            waves=np.stack([view.map.waves for view in shard.views]),
            counts=np.array([len(one) for one in points]),
            places=np.concatenate([one.place for one in points]),
            sizes=np.concatenate([one.size for one in points]),
            angles=np.concatenate([one.angle for one in points]),
            descriptors=np.round(np.concatenate([one.descriptors for one in points]) * 512).clip(0, 255).astype(np.uint8),
        )
    temporary.replace(path)


def _read(path: Path) -> Shard:
    with np.load(path) as file:
        stored = {name: file[name] for name in file.files}
    ends = np.cumsum(stored["counts"])
    views = []
    for number, (start, end) in enumerate(zip(ends - stored["counts"], ends, strict=True)):
        descriptors = stored["descriptors"][start:end].astype(np.float32)
        descriptors /= np.maximum(np.linalg.norm(descriptors, axis=1, keepdims=True), 1e-6)
        points = MatchPoints(
            stored["places"][start:end],
            stored["sizes"][start:end],
            stored["angles"][start:end],
            descriptors,
            VIEW_WIDTH,
            VIEW_HEIGHT,
        )
        views.append(View(ViewMap(stored["homographies"][number], stored["waves"][number]), points))
    return Shard(tuple(views))
