"""What is known of each lens in the end: its focal length, how certain it is, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pycolmap

from ...photos import PhotoSet
from ..lenses import OBSERVABLE, Solved
from .lens import lens_names
from .lens_search import Mapped
from .reconstruction import CameraGroup

# Standard errors from the middle of a 95 % interval to its ends: more than the normal distribution's 1.96, as there are few
# clusters of residuals, and as the lens model is never quite the lens. `python -m grotto.evaluation wall.lenses` checks it.
HALF_WIDTH = 2.6
WIDEST_DEG, NARROWEST_DEG = 115.0, 1.2  # fields of view along the longer side beyond which no rectilinear photo camera is known
FAR_FROM_EXIF = 0.25
_NAMED_AT_MOST = 6


def describe_groups(mapped: Mapped, photos: PhotoSet, hold: bool) -> tuple[CameraGroup, ...]:
    """Every lens of the first model with its interval and doubts."""
    model = mapped.models[0]
    names = lens_names(mapped.lenses)
    described = []
    for camera_id, camera in sorted(model.cameras.items()):
        lens = mapped.lenses[camera_id - 1]
        members = sorted(image.image_id for image in model.images.values() if image.camera_id == camera_id and image.has_pose)
        if not members:
            continue
        row = mapped.row(camera_id - 1)
        interval = (0.0, 0.0) if mapped.solved is None or row is None else _interval(mapped.solved, row)
        exif = photos.photos[members[0] - 1].focal_px
        described.append(
            CameraGroup(
                name=names[camera_id - 1],
                photos=len(members),
                width=camera.width,
                height=camera.height,
                focal_px=float(camera.params[0]),
                focal_interval_px=interval,
                focal_from=lens.source if hold else "photos",
                radial=float(camera.params[3]),
                members=tuple(photos.photos[image_id - 1].name for image_id in members),
                doubt=_doubt(camera, exif, hold, lens.group in mapped.unfit) or _flat(interval, hold),
            )
        )
    return tuple(described)


def lens_notes(groups: Sequence[CameraGroup]) -> list[str]:
    """What the user is told of lenses: several found, or one that cannot be."""
    notes = []
    several = [group for group in groups if ", lens " in group.name]
    if several:
        each = "; ".join(f"{group.focal_px:.0f} px: {_listed(group.members)}" for group in several)
        notes.append(
            f"photos of one size were taken with {len(several)} lenses or zooms, and each has a focal length of its own ({each})"
        )
    notes += [f"{group.name}: {group.doubt}" for group in groups if group.doubt]
    return notes


def field_of_view_deg(camera: pycolmap.Camera) -> float:
    """Degrees along the longer side, distortion left aside."""
    return float(2 * np.degrees(np.arctan(max(camera.width, camera.height) / 2 / camera.params[0])))


def _interval(solved: Solved, row: int) -> tuple[float, float]:
    half = HALF_WIDTH * float(np.sqrt(solved.uncertainty[row, row]))
    middle = float(solved.bundle.log_focal[row])
    return float(np.exp(middle - half)), float(np.exp(middle + half))


def _doubt(camera: pycolmap.Camera, exif_px: float, hold: bool, unfit: bool) -> str:
    """What speaks against a lens' focal length, in words; "" where nothing does."""
    if hold:
        return ""
    if unfit:
        return (
            "its photos differ in focal length, and the lenses could not be told apart: do not zoom between photos, give the "
            "photos of each lens a folder of their own, or keep their EXIF"
        )
    angle = field_of_view_deg(camera)
    if not NARROWEST_DEG <= angle <= WIDEST_DEG:
        return (
            f"the focal length of {camera.params[0]:.0f} px means a field of view of {angle:.0f} degrees, which no photo camera "
            "has: the model is distorted in depth; give the focal length, or take some photos turned by 10 to 20 degrees"
        )
    if exif_px > 0 and abs(np.log(camera.params[0] / exif_px)) > np.log(1 + FAR_FROM_EXIF):
        return (
            f"the focal length of {camera.params[0]:.0f} px is far from the {exif_px:.0f} px that EXIF gives: "
            "the photos were cropped, or the model is distorted in depth"
        )
    return ""


def _flat(interval: tuple[float, float], hold: bool) -> str:
    """Doubt where photos fit nearly as well with any focal length."""
    low, high = interval
    if hold or low <= 0 or np.log(high / low) < 2 * HALF_WIDTH * OBSERVABLE:
        return ""
    return (
        f"the photos hardly tell the focal length (anything from {low:.0f} to {high:.0f} px fits): give it, or take some photos "
        "turned by 10 to 20 degrees"
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED_AT_MOST])
    return f"{shown} and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else shown
