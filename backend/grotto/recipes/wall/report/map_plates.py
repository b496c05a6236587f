"""Plates that show the wall from the front: orthophoto, relief, photos per place."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from .plate import AZURITE, CINNABAR, FAINT, INK, MALACHITE, OCHRE, WIDTH_INCHES, jpeg, map_plate, png
from .units import Units, digits
from .wall_report import WallMap

RELIEF = LinearSegmentedColormap.from_list("relief", ["#1f3f63", AZURITE, "#8fb0c9", "#f4efe3", "#e0ab86", CINNABAR, "#6e2118"])
# How many photos see a place: (least, label, colour), from too few to plenty.
SEEN = ((1, "1", CINNABAR), (2, "2", OCHRE), (3, "3–4", "#b9c58f"), (5, "5–8", "#7fa77c"), (9, "9 and more", MALACHITE))
_LONGEST_PX = 1500  # what a plate can show


def orthophoto_plate(orthophoto: WallMap, units: Units) -> str:
    figure, axes, strip = map_plate(orthophoto.extent, units, strip_inches=0.42)
    picture = Image.fromarray(orthophoto.values).convert("RGBA")
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.LANCZOS)
    axes.imshow(np.asarray(picture), extent=orthophoto.extent, interpolation="none", aspect="auto", zorder=2)
    _corner_note(strip, f"{units.length(orthophoto.width)} × {units.length(orthophoto.height)}")
    return jpeg(figure)


def relief_plate(heights: WallMap, units: Units) -> str:
    """Heights in colours about the wall's plane, shaded by light from the upper left."""
    figure, axes, strip = map_plate(heights.extent, units)
    most = relief_range(heights.values)
    known = np.isfinite(heights.values)
    values = _filled(heights.values)
    colours = RELIEF(0.5 + 0.5 * (values / most).clip(-1, 1))[..., :3]
    shade = hill_shade(values, 1000 * heights.width / values.shape[1])[..., None]
    picture = np.concatenate([(colours * (0.62 + 0.55 * shade)).clip(0, 1), known[..., None]], axis=2)
    axes.imshow(picture, extent=heights.extent, interpolation="bilinear", aspect="auto", zorder=2)
    _relief_legend(strip, most, units)
    return jpeg(figure)


def coverage_plate(photos_per_place: WallMap, units: Units) -> str:
    figure, axes, strip = map_plate(photos_per_place.extent, units)
    values = _thinned(photos_per_place.values)
    picture = np.zeros((*values.shape, 4))
    total = max(1, int((values > 0).sum()))
    right = WIDTH_INCHES - 0.36
    for index, (least, label, colour) in enumerate(SEEN):
        most = SEEN[index + 1][0] if index + 1 < len(SEEN) else np.inf
        inside = (values >= least) & (values < most)
        picture[inside] = (*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0)
        left = right - 0.88 * (len(SEEN) - index)
        strip.add_patch(Rectangle((left, 0.05), 0.84, 0.1, facecolor=colour, linewidth=0))
        strip.text(left, 0.3, label, fontsize=9, ha="left", va="center", color=INK)
        strip.text(left, 0.48, f"{100 * inside.sum() / total:.0f} %", fontsize=9, ha="left", va="center", color=FAINT)
    axes.imshow(picture, extent=photos_per_place.extent, interpolation="none", aspect="auto", zorder=2)
    return png(figure)


def relief_range(heights: NDArray[np.floating]) -> float:
    """The height, in its own unit, at which the colours end: all but 2 % of the wall lie within."""
    known = heights[np.isfinite(heights)]
    return max(float(np.percentile(np.abs(known), 98)), 1e-6) if known.size else 1.0


def hill_shade(heights: NDArray[np.floating], step: float) -> NDArray[np.float64]:
    """(h, w) light from the upper left, 0 to 1, 0.5 on the flat, of heights without gaps; `step` is the pixel size.

    Slopes are exaggerated until a tenth of the wall is steeper than 35 degrees, so that flat walls show theirs too.
    """
    if min(heights.shape) < 2:
        return np.full(heights.shape, 0.5)
    down, right = np.gradient(heights.astype(np.float64), step)
    steepness = np.percentile(np.hypot(right, down), 90)
    factor = 0.7 / steepness if steepness > 0 else 0.0
    return np.asarray(0.5 + 0.5 * np.tanh(factor * (right + down) / np.sqrt(2)))


def _filled(heights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Gaps take the nearest known height, so that no false edge is drawn around them."""
    known = np.isfinite(heights)
    if not known.any():
        return np.zeros(heights.shape)
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.asarray(heights, np.float64)[tuple(nearest)]


def _thinned(values: NDArray[np.integer]) -> NDArray[np.integer]:
    step = max(1, -(-max(values.shape) // _LONGEST_PX))
    return values[::step, ::step]


def _relief_legend(strip: Axes, most: float, units: Units) -> None:
    right, width = WIDTH_INCHES - 0.36 - 0.1, 3.2
    left = right - width
    ramp = RELIEF(np.linspace(0, 1, 256))[None]
    strip.imshow(ramp, extent=(left, right, 0.15, 0.05), aspect="auto", zorder=2)
    strip.set(xlim=(0, WIDTH_INCHES - 0.36), ylim=(strip.get_ylim()[0], 0))
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        sign = {-1: "−", 0: "", 1: "+"}[int(np.sign(part))]
        label = f"{sign}{digits(abs(part) * most, 2)}"
        strip.text(left + width * (part + 1) / 2, 0.3, label, fontsize=9, ha="center", va="center", color=INK)
    label = f"{units.height_in_words} towards the viewer"
    strip.text((left + right) / 2, 0.5, label, fontsize=9, ha="center", va="center", color=FAINT, style="italic")


def _corner_note(strip: Axes, text: str) -> None:
    strip.text(WIDTH_INCHES - 0.36, 0.14, text, fontsize=9, ha="right", va="center", color=FAINT)
