"""At what scale each photo shows the wall, from the pairs' similarities."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from ...photos import PhotoSet
from ..align import PairSimilarity, fit_similarity
from .layout import solve_layout

TOLERANCE = 0.05  # of the photo's longer side


def photo_scales(database: Path, photos: PhotoSet) -> NDArray[np.float64]:
    """Log scale (n,) of each photo: focal length over distance, about their mean; NaN where no pair ties it to the others.

    Photos of the largest component have the layout's scale. Photos taken by hand with two lenses often fall into several, as
    similarities between them do not close; the others have the scale that their pairs give them.
    database: verified matches, read through a copy, as COLMAP writes on opening.
    """
    count = len(photos.photos)
    size = float(np.median([max(photo.width, photo.height) for photo in photos.photos]))
    pairs = read_similarities(database)
    layout = solve_layout(count, pairs, size, TOLERANCE * size)
    scales = -np.log(np.maximum(np.abs(layout.turn), 1e-9))
    scales[layout.component != 0] = np.nan
    scales = with_tied_scales(scales, pairs)
    return np.asarray(scales - np.nanmean(scales), np.float64)


def with_tied_scales(scales: NDArray[np.float64], pairs: Sequence[PairSimilarity]) -> NDArray[np.float64]:
    """Log scales (n,) with those that are NaN taken from pairs with photos whose scale is known, the best tied photo first."""
    found = scales.copy()
    while True:
        told: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for pair in pairs:
            larger = float(np.log(max(abs(pair.turn), 1e-9)))
            if np.isfinite(found[pair.first]) and np.isnan(found[pair.second]):
                told[pair.second].append((found[pair.first] - larger, pair.inliers))
            if np.isfinite(found[pair.second]) and np.isnan(found[pair.first]):
                told[pair.first].append((found[pair.second] + larger, pair.inliers))
        if not told:
            return found
        photo = max(told, key=lambda position: sum(inliers for _, inliers in told[position]))
        values, weights = (np.array(column, np.float64) for column in zip(*sorted(told[photo]), strict=True))
        found[photo] = values[int(np.searchsorted(np.cumsum(weights), weights.sum() / 2))]  # weighted median


def read_similarities(database: Path) -> list[PairSimilarity]:
    """The similarity of every verified pair, pixels of the second photo to pixels of the first."""
    copy = database.with_name(f".{database.name}.scales")
    shutil.copyfile(database, copy)
    found = []
    with pycolmap.Database.open(str(copy)) as opened:
        keypoints: dict[int, NDArray[np.complex128]] = {}
        for pair_id, geometry in zip(*opened.read_two_view_geometries(), strict=True):
            first, second = sorted(pycolmap.pair_id_to_image_pair(pair_id))
            for image_id in (first, second):
                if image_id not in keypoints:
                    keypoints[image_id] = np.asarray(opened.read_keypoints(image_id))[:, :2].astype(np.float64) @ np.array(
                        [1, 1j]
                    )
            matches = np.asarray(geometry.inlier_matches)
            if len(matches) < 2:
                continue
            a, b = keypoints[first][matches[:, 0]], keypoints[second][matches[:, 1]]
            turn, shift = fit_similarity(b, a)
            spread = float(np.median(np.abs(turn * b + shift - a)))
            found.append(PairSimilarity(first - 1, second - 1, turn, shift, len(matches), spread))
    for file in database.parent.glob(f"{copy.name}*"):
        file.unlink()
    return found
