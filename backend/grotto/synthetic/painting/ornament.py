"""Borders: scrolls of vine, rosettes, lozenges, hanging valances and beads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import palette as p
from .canvas import Canvas, Colour, Hand, Place, box, ellipse, points, smooth

Area = tuple[float, float, float, float]  # left, top, right, bottom; millimetres

_PETAL = smooth(points("0,0 0.34,0.3 0.3,0.75 0,1 -0.3,0.75 -0.34,0.3"))
_LEAF = smooth(points("0,0 0.25,-0.2 0.6,-0.32 1,-0.1 0.82,0 0.95,0.2 0.6,0.12 0.3,0.22"))
_PENDANT = smooth(points("-0.5,0 0.5,0 0.32,0.55 0.05,0.98 0,1 -0.05,0.98 -0.32,0.55"))


def paint_band(canvas: Canvas, area: Area, kind: str, rng: np.random.Generator) -> None:
    """A border of a kind (vine, rosette or lozenge) between two beaded lines."""
    left, top, right, bottom = area
    ground = {"vine": p.DARK_RED, "rosette": p.OXIDISED, "lozenge": p.GREEN}[kind]
    canvas.fill(box(left, top, right, bottom), ground)
    rim = 0.13 * (bottom - top)
    _MOTIFS[kind](canvas, (left, top + rim, right, bottom - rim), rng)
    for edge, inside in ((top, top + rim), (bottom, bottom - rim)):
        canvas.fill(box(left, min(edge, inside), right, max(edge, inside)), p.OCHRE)
        _beads(canvas, left, right, (edge + inside) / 2, rim, rng)
        for y in (edge, inside):
            canvas.fill(box(left, y - 0.9, right, y + 0.9), p.INK)


def _beads(canvas: Canvas, left: float, right: float, y: float, rim: float, rng: np.random.Generator) -> None:
    step = 1.25 * rim
    xs = np.arange(left + step / 2, right, step)
    radii = 0.32 * rim * (1 + 0.12 * rng.standard_normal(len(xs)))
    canvas.fills([ellipse(x, y + 0.04 * rim * rng.standard_normal(), r, r, 14) for x, r in zip(xs, radii, strict=True)], p.WHITE)


def _vine(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    left, top, right, bottom = area
    middle, reach, wave = (top + bottom) / 2, (bottom - top) / 2, 1.9 * (bottom - top)
    x = np.arange(left - wave, right + wave, 3.0)
    stem = np.column_stack([x, middle + 0.55 * reach * np.sin(2 * np.pi * x / wave)])
    canvas.line(stem, 0.12 * reach, p.PALE_GREEN, taper=0.0)
    leaves: tuple[Colour, ...] = (p.GREEN, p.PALE_BLUE, p.OCHRE, p.WHITE)
    for number, at in enumerate(np.arange(left - wave, right + wave, wave / 2)):
        up = number % 2 == 0
        y = middle + (0.55 if up else -0.55) * reach
        for part, turn in enumerate((-0.9, 0.0, 0.9)):
            size = reach * (1.05 if part == 1 else 0.8) * (1 + 0.05 * rng.standard_normal())
            lean = (-np.pi / 2 if up else np.pi / 2) + turn + 0.06 * rng.standard_normal()
            hand = Hand(canvas, Place(at + wave / 4, y, size, lean, mirrored=False))
            colour = leaves[(number + part) % 4]
            hand.fill(_LEAF, colour, p.INK, 0.03)
            hand.line(np.array([[0.1, 0.0], [0.45, -0.06], [0.85, -0.04]]), 0.06, p.lighter(colour, 0.6))


def rosette(canvas: Canvas, x: float, y: float, radius: float, turn: float, colours: tuple[Colour, Colour, Colour]) -> None:
    """A flower seen from above: eight petals, eight inner petals, a heart."""
    outer, inner, heart = colours
    for count, size, colour, phase in ((8, radius, outer, 0.0), (8, 0.66 * radius, inner, np.pi / 8)):
        for k in range(count):
            hand = Hand(canvas, Place(x, y, size, turn + phase + k * 2 * np.pi / count))
            hand.fill(_PETAL, colour, p.INK, 0.03)
            hand.fill(0.6 * _PETAL + (0, 0.15), p.lighter(colour, 0.45))
    canvas.fill(ellipse(x, y, 0.24 * radius, 0.24 * radius), heart)
    canvas.outline(ellipse(x, y, 0.24 * radius, 0.24 * radius), 0.03 * radius, p.INK)


def _rosettes(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    left, top, right, bottom = area
    step, radius = 1.12 * (bottom - top), 0.47 * (bottom - top)
    sets = ((p.GREEN, p.WHITE, p.RED), (p.PALE_BLUE, p.OCHRE, p.WHITE), (p.RED, p.PALE_GREEN, p.GOLD))
    for number, x in enumerate(np.arange(left, right + step, step)):
        y = (top + bottom) / 2 + 0.01 * step * rng.standard_normal()
        rosette(canvas, x, y, radius * (1 + 0.02 * rng.standard_normal()), 0.05 * rng.standard_normal(), sets[number % 3])
        for side in (-1, 1):
            canvas.fill(ellipse(x + step / 2, y + side * 0.32 * step, 0.09 * step, 0.09 * step, 16), p.OCHRE)


def _lozenges(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    left, top, right, bottom = area
    high, middle = (bottom - top) / 2, (top + bottom) / 2
    step = 1.5 * high
    colours = (p.RED, p.BLUE, p.OCHRE, p.OXIDISED)
    for number, x in enumerate(np.arange(left, right + step, step)):
        for part, colour in ((1.0, p.WHITE), (0.86, colours[number % 4]), (0.5, p.lighter(colours[(number + 1) % 4], 0.3))):
            jitter = 0.02 * high * rng.standard_normal((4, 2))
            canvas.fill(
                np.array(
                    [
                        [x - part * step / 2, middle],
                        [x, middle - part * high],
                        [x + part * step / 2, middle],
                        [x, middle + part * high],
                    ]
                )
                + jitter,
                colour,
            )
        canvas.fill(ellipse(x, middle, 0.16 * high, 0.16 * high, 16), p.WHITE)


def paint_valance(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    """A hanging canopy's edge: pleats, two rows of pendants, strings of beads with tassels."""
    left, top, right, bottom = area
    height = bottom - top
    canvas.fill(box(left, top, right, bottom), p.RED)
    pleat = 0.16 * height
    colours = (p.GREEN, p.WHITE, p.OXIDISED, p.OCHRE, p.PALE_BLUE)
    for number, x in enumerate(np.arange(left, right, pleat)):
        canvas.fill(
            box(x, top, x + 0.94 * pleat, top + 0.26 * height),
            p.mixed(colours[number % 5], p.PLASTER, 0.25 * float(rng.random())),
        )
    canvas.fill(box(left, top + 0.26 * height, right, top + 0.33 * height), p.GOLD)
    for row, (begin, length, shift) in enumerate(((0.33, 0.62, 0.5), (0.33, 0.45, 0.0))):
        step = 0.5 * height
        for number, x in enumerate(np.arange(left - step, right + step, step)):
            hand = Hand(canvas, Place(x + shift * step, top + begin * height, 1.0, 0.01 * rng.standard_normal()))
            scale = np.array([0.98 * step, length * height])
            colour = colours[(2 * number + row) % 5]
            hand.fill(_PENDANT * scale, colour, p.INK, 1.6)
            hand.fill(0.76 * _PENDANT * scale + (0, 0.02 * height), p.lighter(colour, 0.3), p.mixed(colour, p.INK, 0.5), 1.0)
            hand.fill(ellipse(0, 0.2 * height, 0.07 * height, 0.07 * height, 18), p.GOLD, p.INK, 1.0)
        if row == 0:
            for x in np.arange(left, right + step, step):
                ys = np.arange(top + 0.4 * height, top + 0.86 * height, 0.055 * height)
                canvas.fills([ellipse(x, y, 0.02 * height, 0.024 * height, 10) for y in ys], p.WHITE)
                canvas.fill(
                    smooth(
                        [
                            (x, top + 0.86 * height),
                            (x + 0.03 * height, top + 0.99 * height),
                            (x - 0.03 * height, top + 0.99 * height),
                        ]
                    ),
                    p.GREEN,
                )


def paint_dado(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    """The wall's foot: lotus petals in a row above broad stripes."""
    left, top, right, bottom = area
    height = bottom - top
    canvas.fill(box(left, top, right, bottom), p.OXIDISED)
    step = 0.55 * height
    colours = (p.RED, p.GREEN, p.OCHRE, p.PALE_BLUE)
    for number, x in enumerate(np.arange(left - step, right + step, step)):
        for part, colour in (
            (1.0, colours[number % 4]),
            (0.76, p.lighter(colours[number % 4], 0.45)),
            (0.42, colours[(number + 2) % 4]),
        ):
            hand = Hand(canvas, Place(x, bottom - 0.3 * height, step * part, np.pi + 0.015 * rng.standard_normal()))
            hand.fill(_PETAL * (1.45, 1.1), colour, p.INK, 0.02)
    for begin, end, colour in ((0.7, 0.78, p.WHITE), (0.78, 0.9, p.RED), (0.9, 1.0, p.GREEN)):
        canvas.fill(box(left, top + begin * height, right, top + end * height), colour)


_MOTIFS: dict[str, Callable[[Canvas, Area, np.random.Generator], None]] = {
    "vine": _vine,
    "rosette": _rosettes,
    "lozenge": _lozenges,
}
