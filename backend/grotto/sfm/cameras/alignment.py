"""Alignment of patches between two photos, by translation (Lucas & Kanade 1981).

What a photo is, how it is warped and how its patches are tracked is an engine's matter: OpenCV's here, which is the measure
of the others, and torch's for GPUs in `alignment_torch`.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ..align import fit_similarity

WINDOW = 21  # px of the patch
MOST_ITERATIONS, LEAST_MOVE = 30, 1e-3  # px: a patch that moves less has arrived
LEAST_EIGENVALUE = 1e-3  # of a patch's mean squared gradient, in OpenCV's unit of 32 grey levels a pixel
FARTHEST = 1.0  # px: a patch that moves farther was another thing
CALM = 12.0  # px: the scale above which brightness is taken for light, not paint
WEAK = 2.0  # grey levels: contrast that counts as none
LEAST_MAGNIFICATION = 1.19  # between two photos: with less both are taken as of one scale
STEPS_OF_CONTRAST, MIDDLE = 40.0, 128.0  # grey levels of the byte that a flattened photo is tracked in

Floats = NDArray[np.float64]
FlatPhoto = TypeVar("FlatPhoto")


class AlignmentEngine(Protocol[FlatPhoto]):
    """What computes an alignment. A flat photo has rows and columns in `shape`, and `nbytes`."""

    def flatten(self, picture: NDArray[np.uint8], finer: float) -> FlatPhoto:
        """The photo (h, w, 3) as `flatten` makes it."""

    def shape(self, flat: FlatPhoto) -> tuple[int, int]:
        """Rows and columns."""

    def warp(self, flat: FlatPhoto, matrix: Floats, shape: tuple[int, int]) -> FlatPhoto:
        """The photo in another's pixels of this shape, which the homography (3, 3) leads to; bicubic, 0 outside."""

    def track(self, reference: FlatPhoto, other: FlatPhoto, start: Floats, expected: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Places (k, 2) px in `other` of the patches at `start`, sought from `expected`; which of them were found."""


class OpenCVAlignment:
    """The engine of the CPU."""

    def flatten(self, picture: NDArray[np.uint8], finer: float) -> NDArray[np.float32]:
        return flatten(picture, finer)

    def shape(self, flat: NDArray[np.float32]) -> tuple[int, int]:
        return flat.shape[0], flat.shape[1]

    def warp(self, flat: NDArray[np.float32], matrix: Floats, shape: tuple[int, int]) -> NDArray[np.float32]:
        return np.asarray(cv2.warpPerspective(flat, matrix, shape[::-1], flags=cv2.INTER_CUBIC, borderValue=0.0), np.float32)

    def track(
        self, reference: NDArray[np.float32], other: NDArray[np.float32], start: Floats, expected: Floats
    ) -> tuple[Floats, NDArray[np.bool_]]:
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            _as_byte(reference),
            _as_byte(other),
            start.astype(np.float32),
            expected.astype(np.float32),
            winSize=(WINDOW, WINDOW),
            maxLevel=0,
            criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, MOST_ITERATIONS, LEAST_MOVE),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
            minEigThreshold=LEAST_EIGENVALUE,
        )
        return moved.astype(np.float64), status.ravel() == 1


def align_patches(
    reference: FlatPhoto,
    other: FlatPhoto,
    reference_places: Floats,  # (k, 2) px, COLMAP's convention
    other_places: Floats,  # (k, 2) px, to a pixel or so
    engine: AlignmentEngine[FlatPhoto],
) -> tuple[Floats, NDArray[np.bool_]]:
    """Align patches of `other` to `reference`: places (k, 2) px in `other`, and which of them converged.

    The photo that shows things larger is first warped to the other one by the homography of all places, so that patches differ by
    little more than a shift, and hold as much of the wall as the coarser photo's pixels can place.
    """
    # OpenCV puts the first pixel's centre at 0, COLMAP at 0.5
    start, goal = reference_places - 0.5, other_places - 0.5
    fitted, _ = cv2.findHomography(goal.astype(np.float32), start.astype(np.float32), cv2.RANSAC, 8.0)
    if fitted is None or abs(np.linalg.det(fitted)) < 1e-6:
        return other_places, np.zeros(len(other_places), bool)
    to_reference: Floats = np.asarray(fitted, np.float64)
    to_other: Floats = np.asarray(np.linalg.inv(to_reference), np.float64)
    if magnification(start, goal) < 1:
        warped = engine.warp(reference, to_other, engine.shape(other))
        moved, ok = engine.track(warped, other, cv2.perspectiveTransform(start[None], to_other)[0], goal)
        good = ok & (np.linalg.norm(moved - goal, axis=1) < FARTHEST)
        return moved + 0.5, good
    expected = cv2.perspectiveTransform(goal[None], to_reference)[0]
    moved, ok = engine.track(reference, engine.warp(other, to_reference, engine.shape(reference)), start, expected)
    found = cv2.perspectiveTransform(moved[None], to_other)[0]
    good = ok & (np.linalg.norm(moved - expected, axis=1) < FARTHEST) & np.isfinite(found).all(axis=1)
    return found + 0.5, good


def magnification(reference_places: NDArray[np.float64], other_places: NDArray[np.float64]) -> float:
    """How many times larger the other photo shows things, by (k, 2) places in both: 1 near it, else a power of the root of 2."""
    turn, _ = fit_similarity(_as_complex(reference_places), _as_complex(other_places))
    steps = 2 * np.log2(max(abs(turn), 1e-6))
    return float(2 ** (np.round(steps) / 2)) if abs(steps) > 2 * np.log2(LEAST_MAGNIFICATION) else 1.0


def flatten(picture: NDArray[np.uint8], finer: float = 1.0) -> NDArray[np.float32]:
    """Grey (h, w) with the light taken out: local mean 0, local contrast 1, so that exposure and falloff have no effect.

    finer: how many times larger this photo shows things than the one that it is compared with; detail that the other cannot
    show is blurred away.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if finer > 1:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.5 * np.sqrt(finer**2 - 1)), np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), CALM * finer)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), CALM * finer))
    return np.asarray(detail / (contrast + WEAK), np.float32)


def _as_complex(places: NDArray[np.float64]) -> NDArray[np.complex128]:
    return places[:, 0] + 1j * places[:, 1]


def _as_byte(flat: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(flat * STEPS_OF_CONTRAST + MIDDLE, 0, 255).astype(np.uint8)
