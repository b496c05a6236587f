"""The plates' common dress: mount, inks, letters, scale bar, and their way into the page."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

from .measures import round_length
from .units import Units
from .wall_report import Extent

# Named after the pigments they resemble; the page's style sheet has the same.
MOUNT, INK, FAINT, HAIRLINE, GROUND = "#f7f3ea", "#2c2723", "#80766a", "#d8cfc0", "#ebe4d6"
CINNABAR, OCHRE, MALACHITE, AZURITE = "#b2432f", "#c8963e", "#4a7f63", "#33608c"
LETTERS = "STIXGeneral"  # comes with matplotlib
WIDTH_INCHES = 7.2
_DPI = 200


def plate(height_inches: float, width_inches: float = WIDTH_INCHES) -> Figure:
    figure = Figure(figsize=(width_inches, height_inches), dpi=_DPI, facecolor=MOUNT)
    FigureCanvasAgg(figure)
    return figure


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at inches from the plate's left and top."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def quiet(axes: Axes) -> None:
    """Two thin axes, small ticks, nothing else."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.spines[["left", "bottom"]].set_linewidth(0.6)
    axes.tick_params(colors=FAINT, width=0.6, length=3)


def bare(axes: Axes) -> None:
    """No axes at all: a picture or a legend."""
    axes.set_axis_off()


def png(figure: Figure) -> str:
    """The plate as a data address, in a palette: drawings have few colours."""
    picture = _drawn(figure).quantize(256, dither=Image.Dither.NONE)
    return _address(picture, "png", optimize=True)


def jpeg(figure: Figure) -> str:
    """The plate as a data address, for photographs and shaded relief."""
    return _address(_drawn(figure), "jpeg", quality=88, subsampling=0)


def _drawn(figure: Figure) -> Image.Image:
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_fontfamily(LETTERS)
        if text.get_color() == "black":
            text.set_color(INK)
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])  # type: ignore[no-untyped-call]


def _address(picture: Image.Image, kind: str, **settings: Any) -> str:
    data = io.BytesIO()
    picture.save(data, kind, **settings)
    return f"data:image/{kind};base64,{base64.b64encode(data.getvalue()).decode('ascii')}"


def map_plate(extent: Extent, units: Units, strip_inches: float = 0.62, most_inches: float = 8.2) -> tuple[Figure, Axes, Axes]:
    """A plate with a map of the wall and, below it, a strip in inches for scale and legend: figure, map, strip."""
    margin = 0.18
    across, up = extent[1] - extent[0], extent[3] - extent[2]
    width = WIDTH_INCHES - 2 * margin
    height = width * up / across
    if height > most_inches:
        width, height = most_inches * across / up, most_inches
    figure = plate(margin + height + 0.12 + strip_inches + 0.08)
    axes = place(figure, (WIDTH_INCHES - width) / 2, margin, width, height)
    axes.set(xlim=extent[:2], ylim=extent[2:], xticks=[], yticks=[], facecolor=GROUND)
    for spine in axes.spines.values():
        spine.set_color(HAIRLINE)
        spine.set_linewidth(0.6)
    unknown = Rectangle(
        (extent[0], extent[2]), across, up, facecolor="none", edgecolor=HAIRLINE, linewidth=0, hatch="////", zorder=0
    )
    unknown.set_hatch_linewidth(0.4)
    axes.add_patch(unknown)
    strip = place(figure, margin, margin + height + 0.12, WIDTH_INCHES - 2 * margin, strip_inches)
    strip.set(xlim=(0, WIDTH_INCHES - 2 * margin), ylim=(strip_inches, 0))
    bare(strip)
    scale_bar(strip, units, across / width)
    return figure, axes, strip


def scale_bar(strip: Axes, units: Units, units_per_inch: float) -> None:
    """A bar of round length at the left of a strip in inches, in four parts."""
    length = round_length(units_per_inch * 1.9)
    inches = length / units_per_inch
    for part in range(4):
        colour = INK if part % 2 == 0 else MOUNT
        strip.add_patch(Rectangle((part * inches / 4, 0.06), inches / 4, 0.07, facecolor=colour, edgecolor=INK, linewidth=0.6))
    strip.text(0, 0.3, "0", fontsize=9, ha="left", va="center", color=FAINT)
    strip.text(inches, 0.3, units.length(length, rounded=True), fontsize=9, ha="center", va="center", color=FAINT)
