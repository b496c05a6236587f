"""Proposals on a wall that is painted all over: what holds together within and stands apart from what is around it.

There is no ground there to leave out. Each node of the tree of regions is a guess at a figure; guesses are told apart by how
much stronger the edges along their border are than those within, by how common their looks are on the wall, and by size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..appearance import grain_of, lab_of
from ..regions import make_regions
from .commonness import commonness
from .grouping import Groups, grouped
from .instances import Instance

Array32 = NDArray[np.float32]

_MOST = 80  # proposals: more of them hold more figures and take longer to look through
_LARGEST = 0.1  # of the wall
_TWICE = 0.6  # intersection over union of two nested ones, of which the better is kept
# Expected intersection over union with a figure, fitted by least squares on 78 figures that were pasted onto 12 made walls:
# for 1, the log of the part of the wall, edges along the border less those within, touched borders of the wall, commonness.
_EXPECTED = (0.169, 0.0198, 0.0384, -0.0259, -0.1146)


def propose(colour: Array32, label: str, least: float) -> list[Instance]:
    """Guesses at figures on a mural (h, w, 3) of sRGB values, reduced to about 1000 px, the likeliest first.

    least: part of the wall that a figure has at least. An instance's score is its expected intersection over union.
    """
    lab = lab_of(colour)
    regions = make_regions(lab, grain_of(lab))
    if len(regions.size) < 2:
        return []
    groups = grouped(lab, regions)
    score = _expected(groups, commonness(regions, lab.shape[0], lab.shape[1]))
    return [_instance(groups, node, label, float(score[node])) for node in _chosen(groups, score, least)]


def _expected(groups: Groups, common: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = groups.labels.shape
    touched = (groups.box == np.array([0, 0, width, height])).sum(axis=1)
    told = np.stack(
        [
            np.ones(len(groups.size)), np.log(groups.size / groups.labels.size), groups.rim - groups.inner, touched,
            groups.mean(common),
        ]
    )  # fmt: skip
    return np.asarray(np.array(_EXPECTED) @ told)


def _chosen(groups: Groups, score: NDArray[np.float64], least: float) -> list[int]:
    """Nodes of a figure's size, the best first, none that is nearly another one again."""
    part = groups.size / groups.labels.size
    waiting = np.flatnonzero((part >= least) & (part <= _LARGEST))
    waiting = waiting[np.argsort(-score[waiting], kind="stable")]
    chosen: list[int] = []
    while len(waiting) and len(chosen) < _MOST:
        node = int(waiting[0])
        chosen.append(node)
        holds = (groups.first[waiting] <= groups.first[node]) & (groups.stop[waiting] >= groups.stop[node])
        held = (groups.first[waiting] >= groups.first[node]) & (groups.stop[waiting] <= groups.stop[node])
        sizes = groups.size[waiting], groups.size[node]
        waiting = waiting[~((holds | held) & (np.minimum(*sizes) >= _TWICE * np.maximum(*sizes)))]
    return chosen


def _instance(groups: Groups, node: int, label: str, score: float) -> Instance:
    left, top, right, bottom = (int(side) for side in groups.box[node])
    return Instance((left, top, right, bottom), groups.mask(node), label, min(1.0, max(0.0, score)))
