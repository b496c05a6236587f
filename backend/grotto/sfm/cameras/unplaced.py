"""Photos that found no place: named, and those that are mirrored recognised."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import PhotoSet, read_image
from ..align import vote_similarity
from ..pairs import mutual_matches

LONGEST_PX = 800
POINTS = 1500
TRIALS = 12  # placed photos that one is held against in a mirror: its neighbours in the order of taking
LOOKED_AT = 8  # photos, at most
NAMED = 6
LEAST_MATCHES, LEAST_SHARE = 25, 0.3

Grey = NDArray[np.uint8]


def describe_unplaced(photos: PhotoSet, unplaced: Sequence[int], report: Progress) -> list[str]:
    """Sentences on the photos at these positions: which are left out, and which of them are mirrored."""
    if not unplaced:
        return []
    names = [photos.photos[position].name for position in unplaced]
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    sentences = [f"{len(names)} {'photo is' if len(names) == 1 else 'photos are'} left out, as no place was found: {listed}"]
    placed = [position for position in range(len(photos.photos)) if position not in set(unplaced)]
    for position in unplaced[:LOOKED_AT]:
        report.check()
        mirrored = _grey(photos, position)[:, ::-1]
        near = sorted(placed, key=lambda other: abs(other - position))[:TRIALS]
        if any(show_the_same(_grey(photos, other), mirrored) for other in near):
            sentences.append(f"{photos.photos[position].name} is mirrored: turn it over (left for right) and run again")
    return sentences


def show_the_same(first: Grey, second: Grey) -> bool:
    """Whether many of two pictures' points agree on one similarity, which mirrors nothing."""
    sides = [_points(picture) for picture in (first, second)]
    rows = mutual_matches(sides[0][2], sides[1][2], ratio=0.8)
    if len(rows) < LEAST_MATCHES:
        return False
    (a, shape_a, _), (b, shape_b, _) = sides
    turns = shape_a[rows[:, 0]] / shape_b[rows[:, 1]]
    voted = vote_similarity(a[rows[:, 0]], b[rows[:, 1]], turns, 0.02 * max(first.shape))
    return voted is not None and int(voted[2].sum()) >= max(LEAST_MATCHES, LEAST_SHARE * len(rows))


def _grey(photos: PhotoSet, position: int) -> Grey:
    return np.asarray(cv2.cvtColor(read_image(photos.photos[position], LONGEST_PX), cv2.COLOR_RGB2GRAY), np.uint8)


def _points(picture: Grey) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.float32]]:
    """Places (n,), scale and orientation (n,), unit descriptors (n, 128)."""
    keypoints, descriptors = cv2.SIFT_create(POINTS).detectAndCompute(np.ascontiguousarray(picture), None)
    if not keypoints:
        return np.zeros(0, complex), np.zeros(0, complex), np.zeros((0, 128), np.float32)
    root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))  # RootSIFT
    place = np.array([complex(*point.pt) for point in keypoints])
    angle_deg = np.array([point.angle for point in keypoints])
    shape = np.array([point.size for point in keypoints]) * np.exp(1j * np.radians(angle_deg))
    return place, shape, np.asarray(root, np.float32)
