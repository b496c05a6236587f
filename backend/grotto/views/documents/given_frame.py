"""Given cameras in the photos' own pixels and in a frame near the origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...formats import NO_SHIFT, GivenCamera, Shift, turn_of
from ...photos import Photo, PlacedLens

FAR = 20.0  # times the cameras' spread: farther from the origin, float32 coordinates lose more than 1 / 400,000 of the spread
_QUARTER = (5, 6, 7, 8)  # EXIF orientations that exchange width and height
_TURNS = (3, 6, 8)
_MIRRORED = (2, 4, 5, 7)


def place_cameras(cameras: Sequence[GivenCamera], photos: Sequence[Photo], report: Progress) -> list[PlacedLens]:
    """The cameras of upright photos.

    Some programs (COLMAP, instant-ngp) find cameras for the pixels as they are stored, others for the photo that EXIF turns
    upright. Where a camera has the stored photo's shape and not the upright one's, it is turned with the photo. Where both fit,
    it is taken as most of the others are, and the other way is kept beside it, for the matches to decide.
    Raises bad input for a photo of another shape than its camera, and for a mirrored one whose camera is of the stored pixels.
    """
    stored = [not _fits_upright(c, p) and _fits_stored(c, p) for c, p in zip(cameras, photos, strict=True)]
    for camera, photo, is_stored in zip(cameras, photos, stored, strict=True):
        if is_stored and photo.turn in _MIRRORED:
            raise bad_input(
                f"the photo {camera.photo} is mirrored by EXIF (orientation {photo.turn}), its camera is of the stored pixels",
                "save the photo upright, and find its camera again",
            )
    upright = sum(p.turn in (6, 8) and not _fits_stored(c, p) for c, p in zip(cameras, photos, strict=True))
    mostly_stored = sum(stored) > upright
    placed = []
    unclear = 0
    for camera, photo, is_stored in zip(cameras, photos, stored, strict=True):
        is_open = photo.turn in _TURNS and _fits_upright(camera, photo) and _fits_stored(camera, photo)
        unclear += is_open
        first = _of_stored if is_stored or (is_open and mostly_stored) else _of_upright
        second = _of_upright if first is _of_stored else _of_stored
        placed.append(replace(first(camera, photo), other=second(camera, photo) if is_open else None))
    if any(stored):
        which = f"the cameras of {sum(stored)} photos are of the pixels as stored, without the EXIF turn"
        report.note(f"{which}: they are turned with the photos")
    if unclear:
        how = "as stored" if mostly_stored else "made upright"
        report.note(
            f"{unclear} photos have an EXIF turn that their shape does not show: their cameras are taken for those of the photos"
            f" {how}, unless the matches say otherwise"
        )
    return placed


def _stored_size(photo: Photo) -> tuple[int, int]:
    return (photo.height, photo.width) if photo.turn in _QUARTER else (photo.width, photo.height)


def _fits_upright(camera: GivenCamera, photo: Photo) -> bool:
    return camera.fits(photo.width, photo.height)


def _fits_stored(camera: GivenCamera, photo: Photo) -> bool:
    return camera.fits(*_stored_size(photo))


def _of_upright(camera: GivenCamera, photo: Photo) -> PlacedLens:
    return PlacedLens(lens=camera.lens_of(photo.width, photo.height), camera_from_world=_numbers(camera.camera_from_world))


def _of_stored(camera: GivenCamera, photo: Photo) -> PlacedLens:
    lens = camera.lens_of(*_stored_size(photo)).turned(photo.turn)
    return PlacedLens(lens=lens, camera_from_world=_numbers(turn_of(photo.turn) @ camera.camera_from_world))


def near_the_origin(cameras: Sequence[PlacedLens], report: Progress) -> tuple[list[PlacedLens], Shift]:
    """The cameras in a frame about their own middle where that is far from the origin, and the shift that was taken away.

    Map and geocentric coordinates (UTM, ECEF) are millions of metres; what is fitted and written in float32 would be rough. The
    shift is rounded to a power of ten of the cameras' spread, so that it is short and exact.
    """
    centres = np.stack([camera.centre for camera in cameras])
    middle = np.median(centres, axis=0)
    spread = float(np.median(np.linalg.norm(centres - middle, axis=1)))
    if spread == 0.0 or np.linalg.norm(middle) <= FAR * spread:
        return list(cameras), NO_SHIFT
    step = 10.0 ** np.floor(np.log10(spread))
    x, y, z = (float(value) for value in np.round(middle / step) * step)
    report.note(
        f"the given cameras lie about ({x:.10g}, {y:.10g}, {z:.10g}), far from their origin: results are in a local frame, and"
        " this shift is to be added to them (world_shift in result.json)"
    )
    return [_shifted(camera, np.array([x, y, z])) for camera in cameras], (x, y, z)


def _shifted(camera: PlacedLens, shift: NDArray[np.float64]) -> PlacedLens:
    matrix = camera.matrix.copy()
    matrix[:3, 3] = -matrix[:3, :3] @ (camera.centre - shift)
    other = None if camera.other is None else _shifted(camera.other, shift)
    return replace(camera, camera_from_world=_numbers(matrix), other=other)


def _numbers(matrix: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in matrix.reshape(-1))
