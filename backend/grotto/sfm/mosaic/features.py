"""The stage `mosaic_features`: points of every picture, fine ones too, for pictures whose scales may differ by eight."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Progress, bad_input
from ...contract.options import FeatureOptions
from ...formats import Artefact
from ...photos import Photo, PhotoSet, left_out_clause, read_image, read_mask

CELLS = 8  # the strongest points are chosen in each cell of so many by so many: a detail may cover one of them alone
CONTRAST = 0.02  # half of OpenCV's: faded paint has little
SHARE = 4 / 3  # times `features_per_photo`: a wide picture needs its finest points, which show what a detail shows coarsely
LEAST = 30  # points, for a picture to be of use


@dataclass(frozen=True)
class Points:
    """The points of one picture, n of them: the strongest of each part of it first."""

    place: NDArray[np.float64]  # (n, 2) px of the full picture; the top left pixel's centre is (0.5, 0.5)
    size: NDArray[np.float64]  # (n,) diameter, px of the full picture
    angle: NDArray[np.float64]  # (n,) radians, clockwise in the picture
    descriptors: NDArray[np.float32]  # (n, 128), unit length


@dataclass(frozen=True, kw_only=True)
class MosaicFeatures(Artefact):
    """Points of all pictures, in NumPy files named by position in the photo set."""

    counts: tuple[int, ...]  # per photo
    reduced: tuple[float, ...]  # px of the full picture in one px of the picture that was looked at

    def read(self, index: int) -> Points:
        """The points of a picture."""
        with np.load(self.folder / f"{index:06d}.npz") as file:
            return Points(file["place"], file["size"], file["angle"], file["descriptors"].astype(np.float32) / 512)


def forecast_mosaic_features(photos: PhotoSet, options: FeatureOptions) -> int:
    """Bytes: SIFT's pyramid of doubled size (floats, Gaussians and differences), and the full picture."""
    full = max(photo.width * photo.height for photo in photos.photos)
    looked = max(
        min(1.0, options.max_photo_px / max(photo.width, photo.height)) ** 2 * photo.width * photo.height
        for photo in photos.photos
    )
    return int(looked * 4 * 4 * 12 + full * 3 * 2) + 200_000_000


def extract_mosaic_features(photos: PhotoSet, options: FeatureOptions, folder: Path, report: Progress) -> MosaicFeatures:
    """Find SIFT points (OpenCV's) in every picture. Raises bad input where fewer than two pictures have detail."""
    counts, reduced = [], []
    for index, photo in enumerate(photos.photos):
        report(index / len(photos.photos), f"picture {index + 1} of {len(photos.photos)}")
        factor = max(1.0, max(photo.width, photo.height) / options.max_photo_px)
        points = find_points(photo, options.max_photo_px, round(SHARE * options.features_per_photo))
        np.savez(
            folder / f"{index:06d}.npz",
            place=points.place,
            size=points.size,
            angle=points.angle,
            descriptors=np.round(points.descriptors * 512).astype(np.uint16),
        )
        counts.append(len(points.place))
        reduced.append(factor)
    if sum(count >= LEAST for count in counts) < 2:
        raise bad_input(
            f"hardly any detail was found in the pictures{left_out_clause(photos)}",
            "take sharper pictures, or remove masks that cover everything",
        )
    report(1.0, f"{sum(counts)} points")
    return MosaicFeatures(folder=folder, counts=tuple(counts), reduced=tuple(reduced))


def find_points(photo: Photo, longest_px: int, most: int) -> Points:
    """SIFT points of the picture reduced to `longest_px`, at most about `most`, spread over it; masked parts left out."""
    grey = np.asarray(cv2.cvtColor(read_image(photo, longest_px), cv2.COLOR_RGB2GRAY), np.uint8)
    keep = read_mask(photo, longest_px)
    mask = None if keep is None else keep.astype(np.uint8)
    return points_of(grey, mask, max(1.0, max(photo.width, photo.height) / longest_px), most)


def points_of(grey: NDArray[np.uint8], mask: NDArray[np.uint8] | None, factor: float, most: int) -> Points:
    """SIFT points of a grey picture (h, w); places and sizes are multiplied by `factor`.

    Descriptors are Arandjelovic and Zisserman's RootSIFT (CVPR 2012).
    """
    sift = cv2.SIFT_create(contrastThreshold=CONTRAST, edgeThreshold=12, enable_precise_upscale=True)
    keypoints = _strongest(sift.detect(grey, mask), grey.shape[:2], most)
    keypoints, raw = sift.compute(grey, keypoints)
    if not keypoints:
        return Points(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros((0, 128), np.float32))
    unit = np.sqrt(raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    place = np.array([keypoint.pt for keypoint in keypoints]) + 0.5
    size = np.array([keypoint.size for keypoint in keypoints])
    angle_deg = [keypoint.angle for keypoint in keypoints]
    angle = np.radians(angle_deg)
    return Points(place * factor, size * factor, angle, unit)


def _strongest(keypoints: tuple[cv2.KeyPoint, ...], shape: tuple[int, ...], most: int) -> list[cv2.KeyPoint]:
    if not keypoints:
        return []
    place = np.array([keypoint.pt for keypoint in keypoints])
    response = np.array([keypoint.response for keypoint in keypoints])
    cell = np.minimum(place * CELLS / (shape[1], shape[0]), CELLS - 1).astype(int) @ np.array([1, CELLS])
    order = np.lexsort((-response, cell))
    starts = np.searchsorted(cell[order], cell[order])
    rank = np.arange(len(order)) - starts
    kept = order[np.argsort(rank, kind="stable")[:most]]  # the first of every cell, then the second, until there are enough
    return [keypoints[int(index)] for index in kept]
