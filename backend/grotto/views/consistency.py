"""Whether generated views can be of one object: cut off at their borders, or outlines that no common shape fills."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..scene import Lattice, Region, View, visual_hull

_HULL_NODES = 64  # a side, of the common shape
_SLACK = 1 / 256  # of a view's side: outlines may be off by as much
_CONTRADICTION = 0.02  # of the masks: generated sheets that make good models leave less
_BORDER_PX = 1  # an object there was cut off


def faults_of(views: Sequence[View]) -> list[str]:
    """The faults of six views, in sentences: objects cut off at the border, outlines that contradict each other."""
    faults = [
        f"the object in tile {int(view.name) + 1} touches the border, and is cut off there"
        for view in views
        if _touches_border(view)
    ]
    lost = contradiction(views)
    if lost > _CONTRADICTION:
        faults.append(f"the views contradict each other: no common shape can fill {100 * lost:.0f} % of their outlines")
    return faults


def contradiction(views: Sequence[View]) -> float:
    """Part of the views' masks that their visual hull in the cube -1 to 1 does not cover; 0 for views of one object."""
    import torch  # here, as rooms that only read photos would take seconds to load

    lattice = Lattice.over(Region(lowest=(-1.0,) * 3, highest=(1.0,) * 3, bounded=True), _HULL_NODES)
    hull = visual_hull(views, lattice, dilation_px=_SLACK * max(views[0].camera.width, views[0].camera.height))
    places = lattice.positions(torch.from_numpy(np.flatnonzero(hull.reshape(-1)))).numpy()
    marked, missed = 0, 0
    for view in (view.fitted(_HULL_NODES) for view in views):
        mask = np.zeros(view.colour.shape[:2], bool) if view.alpha is None else view.alpha > 0.5
        covered: NDArray[np.uint8] = np.zeros(mask.shape, np.uint8)
        pixels, depth = view.camera.project(places)
        column, row = pixels[depth > 0].astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < mask.shape[1]) & (row < mask.shape[0])
        covered[row[inside], column[inside]] = 1
        covered = np.asarray(cv2.dilate(covered, np.ones((3, 3), np.uint8)), np.uint8)
        marked += int(mask.sum())
        missed += int((mask & (covered == 0)).sum())
    return missed / max(marked, 1)


def _touches_border(view: View) -> bool:
    if view.alpha is None:
        return False
    inside, edge = view.alpha > 0.5, _BORDER_PX
    return bool(inside[:edge].any() or inside[-edge:].any() or inside[:, :edge].any() or inside[:, -edge:].any())
