"""Plates of the lens and of flatness: residuals, focal lengths, profiles of the wall."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ....sfm.cameras import CameraGroup
from .measures import Profile, miss_field, round_length
from .plate import AZURITE, CINNABAR, FAINT, GROUND, HAIRLINE, INK, OCHRE, WIDTH_INCHES, place, plate, png, quiet
from .units import Units, digits
from .wall_report import Residuals


def residuals_plate(residuals: Residuals) -> str:
    """Left how far points are missed, right whether they are missed alike in one part of the photo."""
    field_width = 3.7
    field_height = min(field_width * residuals.height / residuals.width, 4.6)
    field_width = field_height * residuals.width / residuals.height
    figure = plate(0.45 + max(field_height, 2.2) + 0.75)
    _histogram(figure, residuals, max(field_height, 2.2))
    axes = place(figure, WIDTH_INCHES - 0.2 - field_width, 0.45, field_width, field_height)
    axes.set(xlim=(0, residuals.width), ylim=(residuals.height, 0), xticks=[], yticks=[], facecolor=GROUND)
    axes.set_title("mean miss over the photo", fontsize=11, style="italic", loc="left", pad=5)
    for spine in axes.spines.values():
        spine.set_color(HAIRLINE)
    field = miss_field(residuals.places_px, residuals.misses_px, residuals.width, residuals.height)
    if len(field.means):
        longest = max(float(np.percentile(np.hypot(*field.means.T), 95)), 1e-6)
        key = round_length(longest)
        cell = residuals.width / 14
        scale = 1 / round_length(1.4 * cell / longest)  # pixels of miss for one pixel of the drawing
        for certain, colour in ((False, "#b8ad9d"), (True, CINNABAR)):
            chosen = field.certain == certain
            arrows = (*field.places[chosen].T, *field.means[chosen].T)
            axes.quiver(*arrows, angles="xy", scale_units="xy", scale=scale, color=colour, width=0.006)
        share = key / scale / residuals.width
        axes.plot((0, share), (-0.05, -0.05), transform=axes.transAxes, color=INK, linewidth=1.4, clip_on=False)
        note = f"{digits(key, 1)} px, drawn {digits(round_length(1 / scale), 1)} times larger; red is certain"
        axes.text(share + 0.02, -0.05, note, transform=axes.transAxes, fontsize=9, va="center", color=FAINT)
    return png(figure)


def focal_plate(groups: tuple[CameraGroup, ...]) -> str:
    """One line a camera: the focal length and the interval that the photos allow."""
    figure = plate(0.3 + 0.62 * len(groups) + 0.5)
    axes = place(figure, 0.3, 0.2, WIDTH_INCHES - 0.6, 0.62 * len(groups))
    quiet(axes)
    axes.spines["left"].set_visible(False)
    ends = [end for group in groups for end in (*group.focal_interval_px, group.focal_px) if end > 0]
    low, high = min(ends), max(ends)
    margin = max(0.25 * (high - low), 0.004 * high)
    if not all(any(group.focal_interval_px) for group in groups):
        margin = max(margin, 0.06 * high)
    axes.set(xlim=(low - margin, high + margin), ylim=(len(groups) - 0.35, -0.65), yticks=[])
    for row, group in enumerate(groups):
        start, end = group.focal_interval_px
        name = group.name if len(group.name) < 86 else group.name[:84] + "…"
        axes.text(0, row - 0.42, name, transform=axes.get_yaxis_transform(), fontsize=9, color=FAINT, va="center")
        if end > start > 0:
            axes.add_patch(Rectangle((start, row - 0.1), end - start, 0.2, facecolor=AZURITE, alpha=0.3, linewidth=0))
            label = f"{digits(group.focal_px, 4)} px, 95 % between {digits(start, 4)} and {digits(end, 4)}"
        else:
            unknown = Rectangle((0, row - 0.1), 1, 0.2, facecolor="none", edgecolor=OCHRE, linewidth=0, hatch="/////")
            unknown.set_transform(axes.get_yaxis_transform())
            axes.add_patch(unknown)
            label = f"{digits(group.focal_px, 4)} px ({group.focal_from}); the photos do not tell"
        axes.plot(group.focal_px, row, "o", color=AZURITE, markersize=6, markeredgecolor=INK, markeredgewidth=0.5)
        axes.text(1, row + 0.28, label, transform=axes.get_yaxis_transform(), fontsize=9, ha="right", va="center")
    axes.set_xlabel("focal length, pixels at full size", fontsize=10, color=FAINT)
    axes.tick_params(labelsize=9)
    return png(figure)


def flatness_plate(along: Profile, up: Profile, units: Units) -> str:
    """Heights along the wall and up the wall: the median, what 80 % of the wall keep to, and the bow."""
    figure = plate(5.0)
    for top, line, name in ((0.42, along, "along the wall"), (2.82, up, "up the wall")):
        axes = place(figure, 0.75, top, WIDTH_INCHES - 1.05, 1.55)
        quiet(axes)
        axes.axhline(0, color=FAINT, linewidth=0.6)
        axes.fill_between(line.places, line.low, line.high, color=AZURITE, alpha=0.18, linewidth=0)
        axes.plot(line.places, line.middle, color=AZURITE, linewidth=1.3)
        axes.set_xlim(line.places[0], line.places[-1])
        if np.isfinite(line.bow) and line.length:
            axes.plot(*_parabola(line), color=CINNABAR, linewidth=0.9, linestyle=(0, (5, 3)))
            bow = f"{units.bow(line.bow)} over {units.length(line.length)}"
            axes.text(1, 1.04, bow, transform=axes.transAxes, fontsize=10, ha="right", color=CINNABAR)
        axes.set_title(name, fontsize=11, style="italic", loc="left")
        axes.set_ylabel(units.height, fontsize=10, color=FAINT)
        axes.tick_params(labelsize=9)
        axes.set_xlabel("m" if units.metric else "camera distances", fontsize=10, color=FAINT)
    return png(figure)


def _parabola(line: Profile) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The bow as a curve through the profile, with the profile's own tilt."""
    known = np.isfinite(line.middle)
    places, heights = line.places[known], line.middle[known]
    bow = -4 * line.bow * ((places - places.mean()) / line.length) ** 2
    tilt = np.polynomial.Polynomial.fit(places, heights - bow, 1)
    return places, bow + tilt(places)


def _histogram(figure: Figure, residuals: Residuals, height: float) -> None:
    misses = np.hypot(*residuals.misses_px.T)
    axes = place(figure, 0.3, 0.45, 2.6, height)
    quiet(axes)
    axes.spines["left"].set_visible(False)
    median = float(np.median(misses))
    end = max(float(np.percentile(misses, 99)), 1e-3)
    axes.hist(misses, bins=48, range=(0, end), histtype="stepfilled", color=AZURITE, alpha=0.75)
    axes.axvline(median, color=CINNABAR, linewidth=1)
    axes.text(
        median, 1.0, f" median {digits(median, 2)} px", transform=axes.get_xaxis_transform(), fontsize=9, color=CINNABAR, va="top"
    )
    axes.set(yticks=[], xlim=(0, end))
    axes.set_title("how far points are missed", fontsize=11, style="italic", loc="left", pad=5)
    axes.set_xlabel("pixels", fontsize=10, color=FAINT)
    axes.tick_params(labelsize=9)
