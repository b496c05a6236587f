"""Propose figures on a wall that is painted all over, where no background separates them.

Each node of the region tree is a candidate, scored by how much stronger the edges along its border are than those within, by how
common its look is on the wall, and by size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..appearance import lab_from_srgb, texture_energy
from ..regions import make_regions
from .commonness import commonness
from .grouping import RegionTree, build_region_tree
from .instances import Instance

Array32 = NDArray[np.float32]

_MOST = 80  # proposals: more of them hold more figures and take longer to look through
_LARGEST = 0.1  # of the wall
_DUPLICATE = 0.6  # intersection over union of two nested nodes, of which the better is kept
# Expected intersection over union with a figure, fitted by least squares on 78 figures that were pasted onto 12 made walls:
# for 1, the log of the part of the wall, edges along the border less those within, touched borders of the wall, commonness.
_EXPECTED = (0.169, 0.0198, 0.0384, -0.0259, -0.1146)


def propose_elements(colour: Array32, label: str, least: float) -> list[Instance]:
    """Candidate figures on a mural (h, w, 3) of sRGB values, reduced to about 1000 px, the likeliest first.

    least: smallest figure, as a part of the wall. An instance's score is its expected intersection over union.
    """
    lab = lab_from_srgb(colour)
    regions = make_regions(lab, texture_energy(lab))
    if len(regions.size) < 2:
        return []
    tree = build_region_tree(lab, regions)
    score = _expected(tree, commonness(regions, lab.shape[0], lab.shape[1]))
    return [_instance(tree, node, label, float(score[node])) for node in _chosen(tree, score, least)]


def _expected(tree: RegionTree, common: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = tree.labels.shape
    touched = (tree.box == np.array([0, 0, width, height])).sum(axis=1)
    contrast = tree.rim - tree.inner
    features = [np.ones(len(tree.size)), np.log(tree.size / tree.labels.size), contrast, touched, tree.mean(common)]
    return np.asarray(np.array(_EXPECTED) @ np.stack(features))


def _chosen(tree: RegionTree, score: NDArray[np.float64], least: float) -> list[int]:
    """Nodes of a figure's size, the best first, without duplicates."""
    part = tree.size / tree.labels.size
    waiting = np.flatnonzero((part >= least) & (part <= _LARGEST))
    waiting = waiting[np.argsort(-score[waiting], kind="stable")]
    chosen: list[int] = []
    while len(waiting) and len(chosen) < _MOST:
        node = int(waiting[0])
        chosen.append(node)
        holds = (tree.first[waiting] <= tree.first[node]) & (tree.stop[waiting] >= tree.stop[node])
        held = (tree.first[waiting] >= tree.first[node]) & (tree.stop[waiting] <= tree.stop[node])
        sizes = tree.size[waiting], tree.size[node]
        waiting = waiting[~((holds | held) & (np.minimum(*sizes) >= _DUPLICATE * np.maximum(*sizes)))]
    return chosen


def _instance(tree: RegionTree, node: int, label: str, score: float) -> Instance:
    left, top, right, bottom = (int(side) for side in tree.box[node])
    return Instance((left, top, right, bottom), tree.mask(node), label, min(1.0, max(0.0, score)))
