"""Whether given cameras are of photos as stored or made upright, where only the matches can show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pycolmap

from ...contract import Progress
from ...photos import ScanPhotos
from ..pairs import VerifiedPair
from .given_check import LEAST_MATCHES, CameraAgreement, measure_agreement


def choose_turns(
    photos: ScanPhotos, pairs: Sequence[VerifiedPair], database: pycolmap.Database, report: Progress
) -> tuple[ScanPhotos, CameraAgreement]:
    """The photos with the cameras that the matches fit better, and how well they fit.

    All photos whose turn is open are decided together: one program found their cameras.
    """
    agreement = measure_agreement(photos, pairs, database)
    open_turns = [position for position, camera in enumerate(photos.cameras) if camera.other is not None]
    if not open_turns:
        return photos, agreement
    turned = replace(photos, cameras=tuple(camera.other or camera for camera in photos.cameras))
    others = measure_agreement(turned, pairs, database)
    mine, theirs = _median_of(agreement, open_turns), _median_of(others, open_turns)
    if agreement.matches < LEAST_MATCHES or not np.isfinite(mine) or not np.isfinite(theirs):
        report.note(f"too few matches show whether the EXIF turn of {len(open_turns)} photos belongs to their cameras")
        return photos, agreement
    if theirs >= mine:
        return photos, agreement
    report.note(
        f"the matches show that the cameras of {len(open_turns)} photos with an EXIF turn go with the photos the other way up:"
        f" they miss by {theirs:.1f} px instead of {mine:.1f}, so these cameras are turned"
    )
    return turned, others


def _median_of(agreement: CameraAgreement, positions: Sequence[int]) -> float:
    errors = [agreement.by_photo_px[position] for position in positions if position in agreement.by_photo_px]
    return float(np.median(errors)) if errors else float("nan")
