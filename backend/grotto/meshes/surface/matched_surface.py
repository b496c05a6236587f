"""The surface of a subject from the depths of its splats, moved to where the photos agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract import Part, Progress
from ...formats import Mesh
from ...scene import Camera, RayCaster, Region, Rendered, View
from ..repair import repair
from .fusion import fuse_depths
from .matched_views import matched_views

Array = NDArray[np.float32]

_COARSE_CELLS = 128  # along the longest side of the first surface
_UNCONFIRMED = 0.05  # weight of depths that no photos confirm
_LEAST_CONFIRMED = 0.3  # of the subject's pixels: with fewer, the splats' depths stay as they are
_MINE = 0.5  # alpha from which a pixel shows the subject


@dataclass(frozen=True)
class _Pass:
    """One search: how far to either side, in parts of the depth, in photos of which size, compared in which windows."""

    spread: float
    longest_px: int
    blur_px: float


_WIDE, _NARROW = _Pass(0.15, 320, 2.0), _Pass(0.04, 800, 1.5)  # about the splats' own depths, then about the first surface


def matched_surface(
    views: Sequence[View], region: Region, render: Callable[[Camera], Rendered], resolution: int, report: Progress
) -> Mesh | None:
    """Match the depths that the renderer shows to the views twice, and fuse them in the region.

    The views' alpha tells the subject. None, which is said, where the photos confirm too few depths: of plain or glossy
    surfaces, or from few places. Raises bad input where there is no surface in the region.
    """
    small = [_photo(view, _WIDE) for view in views]
    behind = []
    for number, view in enumerate(small):
        report(0.2 * number / len(small), f"depth of view {number + 1} of {len(small)}")
        behind.append(render(view.camera).depth)
    given = [np.where(_mine(view, depth), depth, 0).astype(np.float32) for view, depth in zip(views, behind, strict=True)]
    cells = min(resolution, _COARSE_CELLS)
    first, share = _matched(_WIDE, small, given, behind, region, cells, Part(report, 0.2, 0.5))
    if share < _LEAST_CONFIRMED:
        report.note(
            f"photos confirm only {100 * share:.0f} % of the subject's depths, so those of the splats are used as they are"
        )
        return None
    first = repair(first).mesh
    caster = RayCaster(first.vertices, first.faces)
    large = [_photo(view, _NARROW) for view in views]
    given = [_drawn(caster, view.camera) for view in large]
    behind = [_like(depth, own) for depth, own in zip(behind, given, strict=True)]
    second, share = _matched(_NARROW, large, given, behind, region, resolution, Part(report, 0.5, 1.0))
    report(1.0, f"photos confirm the depth of {100 * share:.0f} % of the subject's pixels")
    return second


def _matched(
    search: _Pass,
    views: Sequence[View],
    given: Sequence[Array],
    behind: Sequence[Array],
    region: Region,
    cells: int,
    report: Progress,
) -> tuple[Mesh, float]:
    """The fused surface of the given depths (0: none) after matching, and which share of them photos confirm.

    What is not confirmed keeps its depth and counts little; where none is given, the depth `behind` tells what is free.
    """
    moved, confirmed = matched_views(views, given, region.centre, search.spread, search.blur_px, Part(report, 0.0, 0.7))
    depths = [
        np.where(sure, new, np.where(old > 0, old, far)).astype(np.float32)
        for sure, new, old, far in zip(confirmed, moved, given, behind, strict=True)
    ]
    renders = [
        Rendered(colour=view.colour, opacity=np.ones_like(depth), depth=depth)
        for view, depth in zip(views, depths, strict=True)
    ]  # fmt: skip
    trust = [np.where(sure, 1.0, _UNCONFIRMED).astype(np.float32) for sure in confirmed]
    cameras = [view.camera for view in views]
    mesh = fuse_depths(cameras, renders, region, cells, trust=trust, report=Part(report, 0.7, 1.0))
    pixels = sum(int((depth > 0).sum()) for depth in given)
    return mesh, sum(int(sure.sum()) for sure in confirmed) / max(pixels, 1)


def _photo(view: View, search: _Pass) -> View:
    """The whole photo at the pass's size: reduced with its alpha it would be black beside a mask that is not exact."""
    return replace(view, alpha=None).fitted(search.longest_px)


def _mine(view: View, depth: Array) -> NDArray[np.bool_]:
    """Which pixels of a picture of depths show the subject."""
    if view.alpha is None:
        return np.ones(depth.shape, np.bool_)
    return np.asarray(cv2.resize(view.alpha, depth.shape[::-1], interpolation=cv2.INTER_AREA) >= _MINE, np.bool_)


def _drawn(caster: RayCaster, camera: Camera) -> Array:
    """(h, w) the depth of a mesh along the view, 0 where it is not."""
    hits = caster.through(camera)
    return np.where(hits.face >= 0, hits.distance, 0).reshape(camera.height, camera.width).astype(np.float32)


def _like(depth: Array, other: Array) -> Array:
    """A picture of depths at the size of another: nearest values, as means of two surfaces are on neither."""
    return np.asarray(cv2.resize(depth, other.shape[::-1], interpolation=cv2.INTER_NEAREST), np.float32)
