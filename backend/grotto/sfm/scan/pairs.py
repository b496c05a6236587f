"""Pairs of a scan: photos taken all about a subject, which no layout on a plane describes."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import ScanPhotos
from ..features import Features
from ..pairs import COARSE_FEATURES, Pairs, likely_pairs, read_coarse_features

ALL_PAIRS = 60  # photos up to which all pairs are compared
ALL_PLACED = 20  # the same where the cameras are known, so that neighbours are no guess
FOLLOWERS = 10  # in the order of names, where there are more photos
ALIKE = 12  # photos of the most similar signature
NEIGHBOURS = 10  # cameras from which a photo looks most alike
_WIDEST = 1.05  # radians between two directions of view; SIFT finds nothing in common beyond


def forecast_scan_pairs(photos: ScanPhotos, features: Features, pairing: str) -> int:
    return 200_000_000 + len(photos.photos) * COARSE_FEATURES * (128 * 4 + 32) * 2


def choose_scan_pairs(photos: ScanPhotos, features: Features, pairing: str, folder: Path, report: Progress) -> Pairs:
    """The pairs to compare, by `SourceOptions.pairing`.

    `auto`: all of up to 60 photos; of more, the followers in the order of names and the photos of similar content. Where the
    cameras are given, those that look at the same from near by.
    """
    count = len(photos.photos)
    few = ALL_PLACED if photos.are_placed else ALL_PAIRS
    if pairing == "exhaustive" or (pairing == "auto" and count <= few):
        return _pairs(set(combinations(range(count), 2)), "exhaustive", folder)
    if pairing == "sequence":
        return _pairs(followers(count, FOLLOWERS), "sequence", folder)
    if photos.are_placed:
        matrices = np.stack([camera.matrix for camera in photos.cameras])
        return _pairs(neighbours(matrices, NEIGHBOURS), "cameras", folder)
    report(0.1, "looking for photos with the same content")
    copy = folder / "work.db"  # opening a COLMAP database changes its file, and finished stages stay as they are
    shutil.copyfile(features.folder / features.database, copy)
    descriptors = [photo.descriptors for photo in read_coarse_features(copy, count)]
    for file in folder.glob("work.db*"):
        file.unlink()
    return _pairs(followers(count, FOLLOWERS) | set(likely_pairs(descriptors, 1, ALIKE)), "retrieval", folder)


def followers(count: int, reach: int) -> set[tuple[int, int]]:
    """Each photo with the `reach` that follow it."""
    return {(i, j) for i in range(count) for j in range(i + 1, min(i + reach, count - 1) + 1)}


def neighbours(cameras_from_world: NDArray[np.float64], reach: int) -> set[tuple[int, int]]:
    """Each of (n, 4, 4) cameras with the `reach` that see the most alike.

    Nearness is the angle between the directions of view plus the distance of the centres, measured by their spread: of a ring
    of cameras about an object it is the angle, along a wall the distance.
    """
    rotations = cameras_from_world[:, :3, :3]
    views = rotations[:, 2]
    centres = -np.einsum("nji,nj->ni", rotations, cameras_from_world[:, :3, 3])
    angle = np.arccos(np.clip(views @ views.T, -1, 1))
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    spread = float(np.median(np.linalg.norm(centres - np.median(centres, axis=0), axis=1))) or 1.0
    cost = angle + apart / spread
    cost[angle > _WIDEST] = np.inf
    np.fill_diagonal(cost, np.inf)
    chosen: set[tuple[int, int]] = set()
    for i, row in enumerate(cost):
        nearest = np.argsort(row, kind="stable")[:reach]
        chosen |= {(min(i, int(j)), max(i, int(j))) for j in nearest if np.isfinite(row[j])}
    return chosen


def _pairs(pairs: set[tuple[int, int]], way: str, folder: Path) -> Pairs:
    return Pairs(folder=folder, pairs=tuple(sorted(pairs)), way=way, tolerance_px=0.0, component=())
