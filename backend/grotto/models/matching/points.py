"""The points of a picture as a matcher takes them: place and descriptor, and of SIFT also size and orientation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

Detector = Literal["sift", "aliked"]
_TYPICAL_LOG_SIZE = -4.0  # of a point's size in half a picture's longer side


@dataclass(frozen=True)
class MatchPoints:
    """n points of one picture."""

    place: NDArray[np.float32]  # (n, 2) px; the top left pixel's centre is (0.5, 0.5)
    size: NDArray[np.float32]  # (n,) SIFT's scale, px; 1 where the detector finds none
    angle: NDArray[np.float32]  # (n,) radians, clockwise in the picture; 0 where the detector finds none
    descriptors: NDArray[np.float32]  # (n, 128) unit length, RootSIFT's for SIFT
    width: int  # of the picture, px
    height: int
    detector: Detector = "sift"  # others have no size and no orientation, and their surest points come first

    def __len__(self) -> int:
        return len(self.place)

    def chosen(self, rows: NDArray[np.int64]) -> MatchPoints:
        """The points of these rows, in their order."""
        return dataclasses.replace(
            self,
            place=self.place[rows],
            size=self.size[rows],
            angle=self.angle[rows],
            descriptors=self.descriptors[rows],
        )

    @property
    def oriented(self) -> bool:
        """Whether sizes and angles are found ones."""
        return self.detector == "sift"


def points_from_colmap(
    keypoints: NDArray[np.float32],  # (n, 6) place and affine shape, as COLMAP's database holds them
    descriptors: NDArray[np.uint8],  # (n, 128) RootSIFT times 512
    width: int,
    height: int,
) -> MatchPoints:
    """Points of COLMAP's database. Its descriptors, and OpenCV's after the square root, have one order of bins."""
    keypoints = np.asarray(keypoints, np.float32).reshape(-1, 6)
    length = np.linalg.norm(descriptors.astype(np.float32).reshape(-1, 128), axis=1, keepdims=True)
    unit = descriptors.astype(np.float32).reshape(-1, 128) / np.maximum(length, 1e-6)
    size = np.hypot(keypoints[:, 2], keypoints[:, 4])
    angle = np.arctan2(keypoints[:, 4], keypoints[:, 2])
    return MatchPoints(keypoints[:, :2], size, angle, unit, width, height)


def largest_rows(points: MatchPoints, most: int) -> NDArray[np.int64]:
    """Rows of the `most` largest points, without sizes the surest: those that other photos are likeliest to show as well."""
    return np.sort(np.argsort(-points.size, kind="stable")[:most])


class PointBatch(NamedTuple):
    """Points of b pictures, n of each, as tensors."""

    place: torch.Tensor  # (b, n, 2) about the picture's middle, in halves of its longer side
    shape: torch.Tensor  # (b, n, 3) log size in the same unit, about what is typical; cosine and sine of the angle
    descriptors: torch.Tensor  # (b, n, 128)


def batch_of(pictures: Sequence[MatchPoints], device: torch.device | None = None) -> PointBatch:
    """Pictures with equally many points as one batch."""
    places, shapes = [], []
    for points in pictures:
        half = max(points.width, points.height) / 2
        places.append((points.place - np.array([points.width, points.height], np.float32) / 2) / half)
        log_size = np.log(np.maximum(points.size, 1e-3) / half) - _TYPICAL_LOG_SIZE
        shapes.append(np.column_stack([log_size, np.cos(points.angle), np.sin(points.angle)]))
    return PointBatch(
        torch.from_numpy(np.stack(places).astype(np.float32)).to(device),
        torch.from_numpy(np.stack(shapes).astype(np.float32)).to(device),
        torch.from_numpy(np.stack([points.descriptors for points in pictures])).to(device),
    )
