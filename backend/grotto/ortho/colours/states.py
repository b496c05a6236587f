"""Two states of one wall among the photos: before and after a restoration, or dry and wet.

Exposure and white balance change all places of a photo alike. Paint that was cleaned, worn or painted anew changes some
places more than others: what is left between two photos once their own gain is taken off tells the states apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from ...contract import Progress
from ..exposure import Samples

LEAST_SHARED = 40  # places
LEAST_PHOTOS = 2  # of a state
APART = 2.5  # times the usual difference between two photos of one state
LEAST_DIFFERENCE = 0.06  # log units: less is no change of paint
MOST_PHOTOS = 400  # beyond, every so many of them

Floats = NDArray[np.float64]


def photo_differences(samples: Samples, photos: int) -> Floats:
    """(photos, photos) mean absolute difference of log light at shared places, less the pair's own gain; NaN where few are."""
    samples = samples.usable()
    differences = np.full((photos, photos), np.nan)
    logs = np.log(samples.light)
    order = [np.flatnonzero(samples.photo == photo) for photo in range(photos)]
    order = [rows[np.argsort(samples.place[rows])] for rows in order]
    for i in range(photos):
        for j in range(i + 1, photos):
            _, a, b = np.intersect1d(samples.place[order[i]], samples.place[order[j]], assume_unique=True, return_indices=True)
            if len(a) < LEAST_SHARED:
                continue
            rest = logs[order[i][a]] - logs[order[j][b]]
            differences[i, j] = differences[j, i] = float(np.abs(rest - np.median(rest, axis=0)).mean())
    return differences


def colour_states(differences: Floats) -> list[list[int]]:
    """The groups of photos, largest first, that differ in paint; empty where there is one. See `photo_differences`.

    A group holds together by small differences, and differs from every other that it overlaps by `APART` times as much.
    """
    known = np.isfinite(differences)
    if not known.any():
        return []
    nearest = np.where(known, differences, np.inf).min(axis=1)
    usual = float(np.median(nearest[np.isfinite(nearest)]))
    limit = max(APART * usual, LEAST_DIFFERENCE)
    count, label = connected_components(known & (differences < limit), directed=False)
    groups = [np.flatnonzero(label == one) for one in range(count)]
    groups = sorted((group for group in groups if len(group) >= LEAST_PHOTOS), key=lambda group: -len(group))
    differing = [group for group in groups if any(known[np.ix_(group, other)].any() for other in groups if other[0] != group[0])]
    return [group.tolist() for group in differing] if len(differing) > 1 else []


def note_states(names: list[str], samples: Samples, report: Progress) -> None:
    """Say where the photos show the wall in two states, and which photos show which."""
    step = -(-len(names) // MOST_PHOTOS)
    looked = np.arange(0, len(names), step)
    some = np.isin(samples.photo, looked)
    chosen = Samples(samples.photo[some] // step, samples.place[some], samples.square_radius[some], samples.light[some])
    groups = colour_states(photo_differences(chosen, len(looked)))
    if not groups:
        return
    listed = "; ".join(_listed([names[looked[row]] for row in group]) for group in groups)
    report.note(
        f"the photos show the same places in {len(groups)} states, as before and after a restoration or dry and wet, and the "
        f"orthophoto mixes them: {listed}. For a picture of one state give its photos a folder of their own"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
