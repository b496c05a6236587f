"""Sharper observations: every point of a track is aligned to the track's reference photo by its image patch.

SIFT places a feature to about a tenth of a pixel, each photo for itself. Distortion and the bend of a flat wall hang on
smaller errors than that. Aligning the patches themselves (Lucas & Kanade 1981) is several times as exact, and costs
little once the model says which patches belong together. The idea of refining tracks from the pictures is that of
Pixel-Perfect SfM (Lindenberger et al. 2021); grey values take the place of its learned features.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import PhotoSet, read_image
from ..align import fit_similarity

WINDOW = 21  # px of the patch
FARTHEST = 1.0  # px: a patch that moves farther was another thing
FEWEST = 12  # points that two photos must share for a warp between them
OPEN_BYTES = 1_200_000_000  # of grey photos held at once
CALM = 12.0  # px: the scale above which brightness is taken for light, not paint
LEAST_MAGNIFICATION = 1.19  # between two photos: with less both are taken as of one scale


@dataclass(frozen=True)
class Link:
    """Observations of one photo whose tracks have their reference in another."""

    reference: int  # image ids
    other: int
    reference_rows: NDArray[np.int64]  # (k,) rows of points2D
    other_rows: NDArray[np.int64]


def refine_observations(model: pycolmap.Reconstruction, photos: PhotoSet, report: Progress) -> float:
    """Move the observations of all points in `model` in place; returns the part of them that were aligned.

    A track's reference is the photo that sees the point nearest to its middle, and keeps its place: an error there only
    moves the point. Observations whose patch does not align are left as they were.
    """
    places = {image_id: np.array([point.xy for point in image.points2D]) for image_id, image in model.images.items()}
    grey: dict[tuple[int, float], NDArray[np.float32]] = {}

    def open_photo(image_id: int, finer: float) -> NDArray[np.float32]:
        if (image_id, finer) not in grey:
            while len(grey) > 2 and sum(photo.nbytes for photo in grey.values()) > OPEN_BYTES:
                grey.pop(next(iter(grey)))
            grey[image_id, finer] = flatten(read_image(photos.photos[image_id - 1]), finer)
        return grey[image_id, finer]

    links = sorted(_links(model, places), key=lambda link: (link.reference, link.other))
    aligned = total = 0
    for number, link in enumerate(links):
        report(number / len(links), f"sharpening observations, {number + 1} of {len(links)} pairs")
        total += len(link.other_rows)
        if len(link.other_rows) < FEWEST:
            continue
        start, goal = places[link.reference][link.reference_rows], places[link.other][link.other_rows]
        larger = magnification(start, goal)
        found, good = align_patches(
            open_photo(link.reference, max(1 / larger, 1.0)), open_photo(link.other, max(larger, 1.0)), start, goal
        )
        image = model.images[link.other]
        for row, place in zip(link.other_rows[good], found[good], strict=True):
            image.points2D[int(row)].xy = place
        aligned += int(good.sum())
    model.update_point_3d_errors()
    return aligned / max(total, 1)


def _links(model: pycolmap.Reconstruction, places: dict[int, NDArray[np.float64]]) -> Iterator[Link]:
    middle = {
        image_id: np.array([model.cameras[image.camera_id].width, model.cameras[image.camera_id].height]) / 2
        for image_id, image in model.images.items()
    }
    rows: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for point in model.points3D.values():
        seen = [(element.image_id, element.point2D_idx) for element in point.track.elements]
        apart = [float(np.abs(places[image][row] - middle[image]).max()) for image, row in seen]
        reference = seen[int(np.argmin(apart))]
        for observation in seen:
            if observation[0] != reference[0]:
                rows[reference[0], observation[0]].append((reference[1], observation[1]))
    for (reference_id, other_id), pairs in rows.items():
        table = np.array(pairs, np.int64)
        yield Link(reference_id, other_id, table[:, 0], table[:, 1])


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
    return np.asarray(detail / (contrast + 2.0), np.float32)


def align_patches(
    reference: NDArray[np.float32],  # (h, w) flattened
    other: NDArray[np.float32],
    reference_places: NDArray[np.float64],  # (k, 2) px, COLMAP's convention
    other_places: NDArray[np.float64],  # (k, 2) px, to a pixel or so
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Align patches of `other` to `reference`: places (k, 2) px in `other`, and which of them converged.

    The photo that shows things larger is first warped to the other one by the homography of all places, so that patches differ by
    little more than a shift, and hold as much of the wall as the coarser photo's pixels can place.
    """
    # OpenCV puts the first pixel's centre at 0, COLMAP at 0.5
    start, goal = reference_places - 0.5, other_places - 0.5
    fitted, _ = cv2.findHomography(goal.astype(np.float32), start.astype(np.float32), cv2.RANSAC, 8.0)
    if fitted is None or abs(np.linalg.det(fitted)) < 1e-6:
        return other_places, np.zeros(len(other_places), bool)
    to_reference: NDArray[np.float64] = np.asarray(fitted, np.float64)
    to_other: NDArray[np.float64] = np.asarray(np.linalg.inv(to_reference), np.float64)
    if magnification(start, goal) < 1:
        warped = _warped(reference, to_other, other.shape)
        moved, ok = _align(_as_byte(warped), _as_byte(other), cv2.perspectiveTransform(start[None], to_other)[0], goal)
        good = ok & (np.linalg.norm(moved - goal, axis=1) < FARTHEST)
        return moved + 0.5, good
    expected = cv2.perspectiveTransform(goal[None], to_reference)[0]
    moved, ok = _align(_as_byte(reference), _as_byte(_warped(other, to_reference, reference.shape)), start, expected)
    found = cv2.perspectiveTransform(moved[None], to_other)[0]
    good = ok & (np.linalg.norm(moved - expected, axis=1) < FARTHEST) & np.isfinite(found).all(axis=1)
    return found + 0.5, good


def _as_complex(places: NDArray[np.float64]) -> NDArray[np.complex128]:
    return places[:, 0] + 1j * places[:, 1]


def _warped(flat: NDArray[np.float32], matrix: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.asarray(cv2.warpPerspective(flat, matrix, shape[1::-1], flags=cv2.INTER_CUBIC, borderValue=0.0), np.float32)


def _as_byte(flat: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(flat * 40.0 + 128.0, 0, 255).astype(np.uint8)


def _align(
    reference: NDArray[np.uint8], warped: NDArray[np.uint8], start: NDArray[np.float64], expected: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    moved, status, _ = cv2.calcOpticalFlowPyrLK(
        reference,
        warped,
        start.astype(np.float32),
        expected.astype(np.float32),
        winSize=(WINDOW, WINDOW),
        maxLevel=0,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3),
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        minEigThreshold=1e-3,
    )
    return moved.astype(np.float64), status.ravel() == 1
