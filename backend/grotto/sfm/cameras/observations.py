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

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...contract import Progress
from ...photos import PhotoSet
from .alignment import magnification
from .patch_aligner import PatchAligner

FEWEST = 12  # points that two photos must share for a warp between them


@dataclass(frozen=True)
class Link:
    """Observations of one photo whose tracks have their reference in another."""

    reference: int  # image ids
    other: int
    reference_rows: NDArray[np.int64]  # (k,) rows of points2D
    other_rows: NDArray[np.int64]


def refine_observations(model: pycolmap.Reconstruction, photos: PhotoSet, aligner: PatchAligner, report: Progress) -> float:
    """Move the observations of all points in `model` in place; returns the part of them that were aligned.

    A track's reference is the photo that sees the point nearest to its middle, and keeps its place: an error there only
    moves the point. Observations whose patch does not align are left as they were.
    """
    places = {image_id: np.array([point.xy for point in image.points2D]) for image_id, image in model.images.items()}
    links = sorted(_links(model, places), key=lambda link: (link.reference, link.other))
    aligned = total = 0
    for number, link in enumerate(links):
        report(number / len(links), f"sharpening observations, {number + 1} of {len(links)} pairs")
        total += len(link.other_rows)
        if len(link.other_rows) < FEWEST:
            continue
        start, goal = places[link.reference][link.reference_rows], places[link.other][link.other_rows]
        larger = magnification(start, goal)
        sides = (
            (photos.photos[link.reference - 1], max(1 / larger, 1.0)),
            (photos.photos[link.other - 1], max(larger, 1.0)),
        )
        found, good = aligner.align(sides, start, goal, report)
        image = model.images[link.other]
        for row, place in zip(link.other_rows[good], found[good], strict=True):
            image.points2D[int(row)].xy = place
        aligned += int(good.sum())
    aligner.close()
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
