"""Plates of the cameras: where they stood, from the front and from above, and which photos hold together."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from .measures import weakest_bond
from .plate import AZURITE, CINNABAR, FAINT, INK, MOUNT, OCHRE, WIDTH_INCHES, bare, place, plate, png, scale_bar
from .units import Units, count
from .wall_report import Links, PlacedCameras

_POINTS_AT_MOST = 40_000
_NAMES_AT_MOST = 40  # beyond that only the ends are named
_BONDS = LinearSegmentedColormap.from_list("bonds", ["#c9d3da", "#7f9fb8", AZURITE, "#183450"])


def cameras_plate(cameras: PlacedCameras, points: NDArray[np.float64], colours: NDArray[np.uint8] | None, units: Units) -> str:
    """The wall's points with the cameras before it: above from the front, below from above."""
    some = _some(len(points))
    points = points[some]
    inks: Any = AZURITE if colours is None else colours[some] / 255
    low, high = _bounds(cameras.centres, points)
    across = high[0] - low[0]
    width = WIDTH_INCHES - 0.36
    scale = min(width / across, 5.2 / (high[2] - low[2]), 4.0 / (high[1] - low[1]))  # inches a unit
    tall, deep = (high[2] - low[2]) * scale, (high[1] - low[1]) * scale
    figure = plate(0.4 + tall + 0.5 + deep + 0.5)
    left = (WIDTH_INCHES - across * scale) / 2
    front = place(figure, left, 0.4, across * scale, tall)
    above = place(figure, left, 0.4 + tall + 0.4, across * scale, deep)
    wings = _frustums(cameras, 0.14 * float(np.median(-cameras.centres[:, 1])))
    for axes, (i, j) in ((front, (0, 2)), (above, (0, 1))):
        bare(axes)
        axes.set(xlim=(low[i], high[i]), ylim=(low[j], high[j]))
        axes.scatter(points[:, i], points[:, j], s=0.9, c=inks, alpha=0.75, linewidths=0, rasterized=True)
        axes.plot(cameras.centres[:, i], cameras.centres[:, j], color=OCHRE, linewidth=0.7, alpha=0.9, zorder=3)
        axes.add_collection(LineCollection(list(wings[..., (i, j)]), colors=CINNABAR, linewidths=0.6, zorder=4))
        axes.scatter(cameras.centres[:, i], cameras.centres[:, j], s=5, color=CINNABAR, linewidths=0, zorder=5)
    above.axhline(0, color=FAINT, linewidth=0.5, linestyle=(0, (6, 4)), zorder=1)
    _title(figure, 0.18, 0.2, "From the front")
    _title(figure, 0.18, 0.4 + tall + 0.22, "From above, the wall at the top")
    strip = place(figure, 0.18, 0.4 + tall + 0.4 + deep + 0.06, width, 0.42)
    strip.set(xlim=(0, width), ylim=(0.42, 0))
    bare(strip)
    scale_bar(strip, units, 1 / scale)
    strip.text(
        width, 0.14, "red: cameras    ochre: order of capture", fontsize=9, ha="right", va="center", color=FAINT, style="italic"
    )
    return png(figure)


def links_plate(cameras: PlacedCameras, links: Links) -> str:
    """Photos at their cameras' places, joined where they share matches; the bond that matters most is red."""
    from_above = np.ptp(cameras.centres[:, 1]) > np.ptp(cameras.centres[:, 2])  # an arc around the wall, not a rail along it
    x, z = cameras.centres[:, 0], cameras.centres[:, 1 if from_above else 2]
    across, up = max(float(np.ptp(x)), 1e-9), max(float(np.ptp(z)), 1e-9)
    height = float(np.clip((WIDTH_INCHES - 1.2) * up / across, 1.2, 6.5))
    figure = plate(0.3 + height + 0.3 + 0.5)
    axes = place(figure, 0.5, 0.3, WIDTH_INCHES - 1.0, height)
    bare(axes)
    axes.set_aspect("equal", adjustable="datalim")
    order = np.argsort(links.matches)
    segments = np.stack([x[links.pairs], z[links.pairs]], axis=2)[order]
    least, most = int(links.matches.min(initial=1_000_000)), int(links.matches.max(initial=2))
    norm = LogNorm(max(1, least), max(2, most))
    strengths = links.matches[order]
    bonds = LineCollection(list(segments), cmap=_BONDS, norm=norm, linewidths=0.4 + 1.6 * norm(strengths), zorder=2)
    bonds.set_array(strengths)
    axes.add_collection(bonds)
    weakest = weakest_bond(len(x), links.pairs, links.matches)
    if weakest is not None:
        pair = links.pairs[weakest]
        axes.plot(x[pair], z[pair], color=CINNABAR, linewidth=2.2, solid_capstyle="round", zorder=3)
    axes.scatter(x, z, s=26, color=MOUNT, edgecolors=INK, linewidths=0.8, zorder=4)
    _name(axes, cameras.names, x, z)
    axes.margins(0.06)
    axes.autoscale_view()
    _bond_legend(figure, 0.3 + height + 0.25, least, most)
    return png(figure)


def _bounds(centres: NDArray[np.float64], points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of a box around all cameras and nearly all points: a few lost points shall not shrink the picture."""
    low = np.minimum(centres.min(axis=0), np.percentile(points, 0.5, axis=0))
    high = np.maximum(centres.max(axis=0), np.percentile(points, 99.5, axis=0))
    margin = 0.04 * float((high - low).max())
    return low - margin, high + margin


def _frustums(cameras: PlacedCameras, depth: float) -> NDArray[np.float64]:
    """(n * 4, 3, 3) corner, centre, next corner: the outline of what each camera sees, to this depth."""
    across, down = cameras.half_fields.T
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = np.stack([np.stack([i * across, j * down, np.ones_like(across)], axis=1) for i, j in signs], axis=1) * depth
    world = np.einsum("nij,ncj->nci", cameras.world_from_camera, corners) + cameras.centres[:, None]
    following = np.roll(world, -1, axis=1)
    centres = np.broadcast_to(cameras.centres[:, None], world.shape)
    return np.stack([centres, world, following], axis=2).reshape(-1, 3, 3)


def _some(number: int) -> NDArray[np.int64]:
    if number <= _POINTS_AT_MOST:
        return np.arange(number)
    return np.sort(np.random.default_rng(0).choice(number, _POINTS_AT_MOST, replace=False))


def _title(figure: Figure, left: float, top: float, text: str) -> None:
    across, down = figure.get_size_inches()
    figure.text(left / across, 1 - top / down, text, fontsize=11, style="italic", ha="left", va="center")


def _name(axes: Axes, names: tuple[str, ...], x: NDArray[np.float64], z: NDArray[np.float64]) -> None:
    for index, name in enumerate(names):
        if len(names) <= _NAMES_AT_MOST or index in (0, len(names) - 1):
            short = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
            label = axes.annotate(
                short, (x[index], z[index]), (0, 6), textcoords="offset points", fontsize=8, ha="center", color=FAINT, zorder=5
            )
            label.set_path_effects([Stroke(linewidth=2.5, foreground=MOUNT), Normal()])


def _bond_legend(figure: Figure, top: float, least: int, most: int) -> None:
    legend = place(figure, 0.5, top, WIDTH_INCHES - 1.0, 0.42)
    legend.set(xlim=(0, WIDTH_INCHES - 1.0), ylim=(0.42, 0))
    bare(legend)
    legend.imshow(_BONDS(np.linspace(0, 1, 256))[None], extent=(0, 2.2, 0.13, 0.05), aspect="auto")
    legend.set(xlim=(0, WIDTH_INCHES - 1.0), ylim=(0.42, 0))
    legend.text(0, 0.28, str(least), fontsize=9, ha="left", va="center", color=FAINT)
    legend.text(2.2, 0.28, count(most, "match", "matches"), fontsize=9, ha="right", va="center", color=FAINT)
    legend.plot((3.0, 3.4), (0.09, 0.09), color=CINNABAR, linewidth=2.2, solid_capstyle="round")
    legend.text(3.5, 0.09, "the weakest link that the whole depends on", fontsize=9, va="center", color=FAINT, style="italic")
