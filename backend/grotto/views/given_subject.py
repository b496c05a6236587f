"""The subject of a scene as the user gives it: by a box, or by masks beside a few of the photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..contract import Kind, ProblemError, Progress, bad_input
from ..photos import read_opacity
from ..scene import Subject, region_between
from .region import object_region
from .straighten import JUDGED_PX, Straight
from .view_set import camera_of

FEWEST_MASKS = 2  # a single silhouette bounds no box
_SPARE = 1.1  # of the masks' common box: masks are taken as the lens has them, its distortion left in


def subject_of_box(text: str) -> Subject | None:
    """The box of six numbers: lowest x, y, z, then highest x, y, z, in the result's frame; None for an empty text.

    Raises bad input for anything else, and for a box without volume.
    """
    if not text.strip():
        return None
    try:
        numbers = np.array([float(word) for word in text.replace(",", " ").split()])
    except ValueError:
        numbers = np.zeros(0)
    if len(numbers) != 6 or not np.isfinite(numbers).all() or not (numbers[3:] > numbers[:3]).all():
        raise bad_input(
            f"the subject's box {text!r} is not a box",
            "give six numbers, lowest x y z, then highest x y z, each of these larger than its lowest",
            option="subject_box",
        )
    return Subject(region=region_between(numbers[:3], numbers[3:]), all_round=True, given=True)


def subject_of_masks(pictures: Sequence[Straight], report: Progress) -> Subject | None:
    """The box of what the masks of a few pictures have in common, which is said; None for fewer than two masks.

    Masks without a common part are no help, which is said too.
    """
    masked = [picture for picture in pictures if picture.photo.mask or picture.photo.transparent]
    alphas = [read_opacity(picture.photo, JUDGED_PX) for picture in masked]
    shown = [(camera_of(picture.camera), alpha) for picture, alpha in zip(masked, alphas, strict=True) if alpha is not None]
    if len(shown) < FEWEST_MASKS:
        return None
    try:
        region = object_region([camera for camera, _ in shown], [alpha for _, alpha in shown], _SPARE)
    except ProblemError as error:
        if error.problem.kind is not Kind.BAD_INPUT:
            raise
        report.note(f"the masks of {len(shown)} pictures do not tell the subject from its scene: {error.problem.cause}")
        return None
    report.note(f"the subject is taken from the masks of {len(shown)} pictures")
    return Subject(region=region_between(region.low, region.high), all_round=True)
