"""The thousand figures: rows of small seated figures, alike but for four colours that go round diagonally."""

from __future__ import annotations

import numpy as np

from . import palette as p
from .canvas import Canvas, Colour, Place, box, ellipse, points, smooth

HAND_JITTER = 0.012  # of a figure's width: how far a painter's hand strays

CELL = 0.92  # width of a figure's cell, in figure units
CELL_HEIGHT = 1.28

# Outlines in figure units: x across, y down, the figure between (-0.46, 0) and (0.46, 1.28).
_AUREOLE = smooth(points("0,0.26 0.3,0.4 0.41,0.72 0.36,1 0,1.1 -0.36,1 -0.41,0.72 -0.3,0.4"))
_AUREOLE_IN = 0.82 * (_AUREOLE - (0, 0.7)) + (0, 0.7)
_HALO, _HALO_IN = ellipse(0, 0.33, 0.22, 0.22), ellipse(0, 0.33, 0.165, 0.165)
_HAIR = smooth(points("0,0.15 0.05,0.18 0.06,0.21 0.105,0.26 0.1,0.34 -0.1,0.34 -0.105,0.26 -0.06,0.21 -0.05,0.18"))
_FACE = smooth(points("0,0.255 0.075,0.29 0.085,0.36 0.05,0.43 0,0.445 -0.05,0.43 -0.085,0.36 -0.075,0.29"))
_NECK = box(-0.04, 0.41, 0.04, 0.5)
_BODY = smooth(
    points(
        "0,0.47 0.12,0.49 0.22,0.56 0.27,0.72 0.25,0.86 0.38,0.93 0.4,1.01 0.25,1.05 "
        "0,1.06 -0.25,1.05 -0.4,1.01 -0.38,0.93 -0.25,0.86 -0.27,0.72 -0.22,0.56 -0.12,0.49"
    )
)
_CHEST = smooth(points("-0.07,0.475 0.07,0.475 0.08,0.56 0,0.7 -0.09,0.58"))
_HANDS = ellipse(0, 0.87, 0.11, 0.045)
_LAP = smooth(points("-0.34,0.98 -0.18,0.92 0,0.955 0.18,0.92 0.34,0.98 0.15,1.035 -0.15,1.035"))
_FOLDS = [
    smooth(points(text), closed=False)
    for text in (
        "-0.2,0.58 -0.14,0.72 -0.17,0.86",
        "0.2,0.58 0.14,0.72 0.17,0.86",
        "-0.1,0.56 0,0.76 0.13,0.83",
        "0.1,0.54 0.02,0.72 -0.08,0.81",
        "-0.36,1 -0.12,0.94 0.08,1.02",
        "0.36,1 0.16,0.95 0,0.99",
    )
]
_SEAT = smooth(points("-0.4,1.05 -0.2,1.1 0,1.11 0.2,1.1 0.4,1.05 0.3,1.17 0,1.2 -0.3,1.17"))
_PETALS = [
    smooth([(x, 1.17), (x + 0.06, 1.11), (x + 0.1, 1.09), (x + 0.11, 1.13), (x + 0.05, 1.18)])
    for x in (-0.32, -0.19, -0.06, 0.07, 0.2)
]
_CANOPY = smooth(points("-0.17,0.1 -0.1,0.05 0,0.02 0.1,0.05 0.17,0.1 0,0.125"))
_BROWS = [smooth([(s * 0.065, 0.325), (s * 0.04, 0.31), (s * 0.015, 0.322)], closed=False) for s in (-1, 1)]
_EYES = [smooth([(s * 0.06, 0.343), (s * 0.04, 0.35), (s * 0.018, 0.343)], closed=False) for s in (-1, 1)]
_MOUTH = smooth([(-0.025, 0.403), (0, 0.41), (0.025, 0.403)], closed=False)
_NOSE = smooth([(0.005, 0.33), (0.012, 0.37), (-0.006, 0.382)], closed=False)

# halo, inner halo, aureole, robe, seat: the diagonal cycle of four.
_CYCLE: tuple[tuple[Colour, Colour, Colour, Colour, Colour], ...] = (
    (p.GREEN, p.WHITE, p.OXIDISED, p.RED, p.PALE_BLUE),
    (p.OCHRE, p.PALE_BLUE, p.GREEN, p.OXIDISED, p.WHITE),
    (p.WHITE, p.GREEN, p.BLUE, p.OCHRE, p.OXIDISED),
    (p.BLUE, p.WHITE, p.OCHRE, p.GREEN, p.RED),
)


def paint_thousand(canvas: Canvas, area: tuple[float, float, float, float], size: float, rng: np.random.Generator) -> None:
    """Fill an area (left, top, right, bottom; mm) with figures of a unit of `size` mm on a red ground."""
    left, top, right, bottom = area
    canvas.fill(box(left, top, right, bottom), p.RED)
    columns = max(1, round((right - left) / (CELL * size)))
    rows = max(1, round((bottom - top) / (CELL_HEIGHT * size)))
    width, height = (right - left) / columns, (bottom - top) / rows
    for row in range(rows):
        for column in range(columns):
            place = Place(
                left + (column + 0.5) * width + HAND_JITTER * size * rng.standard_normal(),
                top + row * height + HAND_JITTER * size * rng.standard_normal(),
                min(width / CELL, height / CELL_HEIGHT) * (1 + HAND_JITTER * rng.standard_normal()),
                HAND_JITTER * rng.standard_normal(),
            )
            _figure(canvas, place, _CYCLE[(column + row) % 4], rng)
            _name_strip(
                canvas, left + (column + 1) * width, top + row * height, size, p.WHITE if (column + row) % 2 else p.PALE_GREEN
            )


def _name_strip(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """The strip between two figures that once bore a name."""
    strip = box(x - 0.035 * size, y + 0.06 * size, x + 0.035 * size, y + 0.42 * size)
    canvas.fill(strip, colour)
    canvas.outline(strip, 0.008 * size, p.INK)


def _figure(canvas: Canvas, place: Place, colours: tuple[Colour, ...], rng: np.random.Generator) -> None:
    halo, inner, aureole, robe, seat = (p.mixed(c, p.PLASTER, 0.12 * float(rng.random())) for c in colours)

    ink = 0.011 * place.size
    for shape, colour in (
        (_CANOPY, halo),
        (_AUREOLE, aureole),
        (_AUREOLE_IN, p.lighter(aureole, 0.35)),
        (_HALO, halo),
        (_HALO_IN, inner),
        (_SEAT, seat),
        (_NECK, p.FLESH),
        (_BODY, robe),
        (_LAP, p.darker(robe, 0.12)),
        (_CHEST, p.FLESH),
        (_HANDS, p.FLESH),
        (_HAIR, p.INK),
        (_FACE, p.FLESH),
    ):
        canvas.fill(place.on_wall(shape), colour)
    for petal in _PETALS:
        canvas.fill(place.on_wall(petal), p.lighter(seat, 0.4))
    for shape in (_HALO, _AUREOLE, _BODY):
        canvas.outline(place.on_wall(shape), ink, p.darker(p.RED, 0.45))
    for fold in _FOLDS:
        canvas.line(place.on_wall(fold), 1.5 * ink, p.darker(robe, 0.5))
    for stroke in (*_BROWS, *_EYES, _MOUTH, _NOSE):
        canvas.line(place.on_wall(stroke), 0.9 * ink, p.INK)
