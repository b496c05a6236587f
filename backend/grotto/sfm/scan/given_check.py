"""Check given cameras against the photos' matches, before anything is fitted to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...photos import ScanPhotos
from ..pairs import VerifiedPair

DISAGREES_PX = 10.0  # of 1000 px on the longer side: the median error of a photo whose camera is not believed
LEAST_PAIRS = 3  # with fewer the matches are no witness against the scene
LEAST_MATCHES = 100
WIDEST_DEG = 60.0  # between two views: SIFT does not match beyond, unless an ornament repeats about the subject


@dataclass(frozen=True, kw_only=True)
class CameraAgreement:
    """Re-projection of matches under the given cameras, in pixels of the photos."""

    overall_px: float  # median over all matches; nan without matches
    by_photo_px: Mapping[int, float]  # median by position in the photo set, of photos that have matches
    matches: int


def measure_agreement(photos: ScanPhotos, pairs: Sequence[VerifiedPair], database: pycolmap.Database) -> CameraAgreement:
    """The re-projection error that is left when each match is triangulated from its two given cameras alone.

    To first order this is Sampson's distance to the epipolar line (Hartley & Zisserman, 2nd edition, equation 11.9): half the
    correction lies in each photo. It needs no triangulation, so that cameras that are far off are measured too. Pairs whose
    views differ by more than WIDEST_DEG are not used: a vase or a pillar turned by one repeat matches itself.
    """
    lenses = [
        pycolmap.Camera(
            model=placed.lens.model, width=placed.lens.width, height=placed.lens.height, params=list(placed.lens.params)
        )
        for placed in photos.cameras
    ]
    errors: dict[int, list[NDArray[np.float64]]] = {}
    everything = []
    for pair in pairs:
        if _viewing_deg(photos, pair) > WIDEST_DEG:
            continue
        geometry = database.read_two_view_geometry(pair.first + 1, pair.second + 1)
        matches = np.asarray(geometry.inlier_matches)
        rays = []
        for position, rows in ((pair.first, matches[:, 0]), (pair.second, matches[:, 1])):
            places = np.asarray(database.read_keypoints(position + 1), np.float64)[rows, :2]
            rays.append(np.asarray(lenses[position].cam_from_img(places)).reshape(-1, 2))
        focals = [photos.cameras[position].lens.params[0] for position in (pair.first, pair.second)]
        second_from_first = photos.cameras[pair.second].matrix @ np.linalg.inv(photos.cameras[pair.first].matrix)
        error = sampson(rays[0], rays[1], second_from_first) * np.sqrt(focals[0] * focals[1])
        error = error[np.isfinite(error)]
        everything.append(error)
        for position in (pair.first, pair.second):
            errors.setdefault(position, []).append(error)
    joined = np.concatenate(everything) if everything else np.zeros(0)
    return CameraAgreement(
        overall_px=float(np.median(joined)) if len(joined) else float("nan"),
        by_photo_px={position: float(np.median(np.concatenate(parts))) for position, parts in sorted(errors.items())},
        matches=len(joined),
    )


def _viewing_deg(photos: ScanPhotos, pair: VerifiedPair) -> float:
    """Angle between the viewing directions of a pair's given cameras."""
    first, second = (photos.cameras[position].matrix[2, :3] for position in (pair.first, pair.second))
    return float(np.degrees(np.arccos(np.clip(first @ second, -1, 1))))


def sampson(
    first: NDArray[np.float64], second: NDArray[np.float64], second_from_first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) distances of matches (n, 2), (n, 2) on the planes at depth 1, from the epipolar geometry of a (4, 4) motion."""
    rotation, shift = second_from_first[:3, :3], second_from_first[:3, 3]
    length = np.linalg.norm(shift)
    if length < 1e-12:
        return np.full(len(first), np.nan)  # one place: every match agrees
    x, y, z = shift / length
    essential = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) @ rotation
    a = np.column_stack([first, np.ones(len(first))])
    b = np.column_stack([second, np.ones(len(second))])
    line_b, line_a = a @ essential.T, b @ essential
    gradient = (line_b[:, :2] ** 2).sum(1) + (line_a[:, :2] ** 2).sum(1)
    return np.abs((b * line_b).sum(1)) / np.sqrt(np.maximum(gradient, 1e-18))


def refuse_disagreeing(photos: ScanPhotos, agreement: CameraAgreement, pairs: int, report: Progress) -> None:
    """A note for single photos whose cameras do not fit the matches; bad input where the scene as a whole does not."""
    if pairs < LEAST_PAIRS or agreement.matches < LEAST_MATCHES:
        return
    size = float(np.median([max(photo.width, photo.height) for photo in photos.photos]))
    limit = DISAGREES_PX * size / 1000
    wrong = {position: error for position, error in agreement.by_photo_px.items() if error > limit}
    worst = sorted(wrong, key=lambda position: -wrong[position])
    named = ", ".join(f"{photos.photos[position].name} ({wrong[position]:.0f} px)" for position in worst[:5])
    if agreement.overall_px > limit or len(wrong) > 0.5 * len(agreement.by_photo_px):
        raise bad_input(
            f"the given cameras disagree with the photos: matches miss by {agreement.overall_px:.0f} px (median), worst {named}",
            "check that each camera belongs to its photo, and in which axes the cameras are written",
        )
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        report.note(f"the given cameras of {len(wrong)} photos disagree with the photos: {named}{more}")
