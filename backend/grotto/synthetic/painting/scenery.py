"""What stands around the figures: clouds, hills, trees, pavilions and falling flowers."""

from __future__ import annotations

import numpy as np

from . import palette as p
from .canvas import Array, Canvas, Colour, Hand, Place, box, ellipse, smooth

_LEAF = smooth([(0, 0), (0.25, -0.5), (0, -1.0), (-0.25, -0.5)], per_span=3)
_TURN = np.linspace(0.12, 1.0, 40)
_SPIRAL = np.column_stack([_TURN * np.cos(5.2 * np.pi * _TURN), _TURN * np.sin(5.2 * np.pi * _TURN)])
_FLOWER = [
    smooth([(0, 0), (0.3, 0.35), (0, 0.55), (-0.3, 0.35)], per_span=4)
    @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    for a in np.arange(5) * 2 * np.pi / 5
]


def paint_cloud(canvas: Canvas, place: Place, colour: Colour, rng: np.random.Generator) -> None:
    """A cloud with curls in bands of one colour, and a tail; about two units long."""
    hand = Hand(canvas, place)
    count = int(rng.integers(4, 7))
    xs = np.linspace(-0.5, 0.5, count) + 0.05 * rng.standard_normal(count)
    ys = -0.16 * np.cos(np.pi * xs) + 0.05 * rng.standard_normal(count)
    radii = 0.13 + 0.09 * np.cos(np.pi * xs) + 0.02 * rng.standard_normal(count)
    bend = 0.2 * rng.standard_normal()
    tail = smooth(
        [
            (-0.35, 0.1),
            (-0.8, 0.12 + 0.3 * bend),
            (-1.2, -0.05 + bend),
            (-1.45, -0.1 + bend),
            (-1.1, 0.12 + bend),
            (-0.6, 0.24),
            (0.2, 0.16),
        ]
    )
    for part, shade in (
        (1.0, p.darker(colour, 0.45)),
        (0.9, colour),
        (0.68, p.lighter(colour, 0.45)),
        (0.42, p.lighter(colour, 0.8)),
    ):
        hand.fill((tail - tail.mean(0)) * (1, part) + tail.mean(0) - (0, 0.02 * (1 - part)), shade)
        for x, y, r in zip(xs, ys, radii, strict=True):
            hand.fill(ellipse(x, y, part * r, part * r, 24), shade)
    for x, y, r in zip(xs, ys, radii, strict=True):
        curl = 0.8 * r * _SPIRAL * (1, -1 if rng.random() < 0.5 else 1)
        hand.line(curl + np.array([x, y]), 0.016, p.darker(colour, 0.55), taper=0.8)


def paint_hills(canvas: Canvas, left: float, right: float, foot: float, height: float, rng: np.random.Generator) -> None:
    """A range of overlapping hills, each shaded in bands from its ridge, with small trees on some."""
    colours = (p.GREEN, p.OCHRE, p.PALE_BLUE, p.OXIDISED, p.PALE_GREEN)
    x = left - 0.4 * height
    number = int(rng.integers(5))
    while x < right + 0.4 * height:
        tall, wide = height * rng.uniform(0.55, 1.0), height * rng.uniform(0.55, 0.95)
        lean = rng.uniform(-0.18, 0.18)
        ridge = np.array(
            [(-0.62, 0), (-0.45, -0.32), (-0.22, -0.8), (lean, -1.0), (0.2 + 0.5 * lean, -0.74), (0.34, -0.45), (0.6, 0)]
        )
        ridge[1:-1] += 0.03 * rng.standard_normal((5, 2))
        outline = smooth(ridge, closed=False, per_span=8) * (wide, tall) + (x, foot)
        colour = colours[number % 5]
        for step, part in enumerate((0.0, 0.16, 0.34, 0.55)):
            canvas.fill(
                outline * (1.0, 1.0) + (0.0, part * tall) if step == 0 else _lower(outline, x, foot, 1 - part),
                p.lighter(colour, 0.22 * step),
            )
        canvas.line(outline, 2.6, p.darker(colour, 0.55), taper=0.5)
        for k in range(3):
            at = outline[12 + 9 * k]
            canvas.line(
                smooth(at + np.array([[0, 0], [0.03 * wide, 0.16 * tall], [-0.01 * wide, 0.34 * tall]]), closed=False),
                1.8,
                p.darker(colour, 0.35),
            )
        if rng.random() < 0.45:
            paint_tree(
                canvas, Place(x + lean * wide, foot - 0.95 * tall, 0.42 * height, 0.1 * rng.standard_normal()), rng, clusters=4
            )
        x += wide * rng.uniform(0.5, 0.8)
        number += 1 + int(rng.integers(2))


def _lower(outline: Array, x: float, foot: float, part: float) -> Array:
    return (outline - (x, foot)) * (part, part) + (x, foot)


def paint_tree(canvas: Canvas, place: Place, rng: np.random.Generator, clusters: int = 9) -> None:
    """A tree of one unit's height from its foot: a bent trunk and clusters of fanned leaves."""
    hand = Hand(canvas, place)
    sway = 0.06 * rng.standard_normal(3)
    trunk = smooth([(0, 0), (sway[0], -0.25), (sway[1], -0.5), (sway[2], -0.75)], closed=False, per_span=8)
    hand.band(trunk, 0.055, p.mixed(p.OXIDISED, p.OCHRE, 0.3), p.INK, taper=0.35)
    spread = rng.uniform(0.2, 0.27)
    colour = p.mixed(p.GREEN, (p.OCHRE, p.BLUE, p.PALE_GREEN)[int(rng.integers(3))], 0.3)
    for k in range(clusters):
        angle = 2.4 * k
        reach = spread * np.sqrt((k + 0.3) / clusters)
        x, y = sway[2] + 1.25 * reach * np.cos(angle), -0.72 + reach * np.sin(angle)
        hand.line(np.array([[sway[1], -0.5], [(sway[1] + x) / 2, (y - 0.5) / 2 - 0.02], [x, y]]), 0.018, p.INK)
    for k in range(clusters):
        angle = 2.4 * k
        reach = spread * np.sqrt((k + 0.3) / clusters)
        x, y = sway[2] + 1.25 * reach * np.cos(angle), -0.72 + reach * np.sin(angle)
        size = rng.uniform(0.085, 0.12)
        hand.fill(ellipse(x, y, 1.1 * size, 0.8 * size, 20), p.darker(colour, 0.35))
        for shade, radius, count in ((colour, 1.15, 11), (p.lighter(colour, 0.4), 0.75, 7)):
            leaves = []
            for turn in np.linspace(-2.0, 2.0, count) + 0.1 * rng.standard_normal(count):
                cos, sin = np.cos(turn), np.sin(turn)
                leaves.append(
                    0.55 * size * _LEAF @ np.array([[cos, sin], [-sin, cos]])
                    + (x + radius * 0.55 * size * sin, y + 0.25 * size - radius * 0.45 * size * cos)
                )
            for leaf in leaves:
                hand.fill(leaf, shade)


def paint_pavilion(canvas: Canvas, place: Place, rng: np.random.Generator, storeys: int = 1) -> None:
    """A timber hall on a brick platform; 1.6 units wide, about 1.1 high, its foot's middle at the place."""
    hand = Hand(canvas, place)
    wood, wall = p.RED, p.mixed(p.WHITE, p.PLASTER, 0.4)
    hand.fill(box(-0.82, -0.16, 0.82, 0.0), p.PALE_BLUE, p.INK, 0.009)
    for row in range(3):
        for x in np.arange(-0.82 + 0.05 * (row % 2), 0.8, 0.11):
            hand.fill(
                box(x, -0.155 + 0.05 * row, min(x + 0.1, 0.81), -0.113 + 0.05 * row),
                p.mixed(p.PALE_BLUE, (p.GREEN, p.WHITE, p.OCHRE)[int(rng.integers(3))], 0.45),
            )
    _railing(hand, -0.8, 0.8, -0.16, p.GREEN)
    floor, width = -0.16, 0.62
    for _ in range(storeys):
        hand.fill(box(-width, floor - 0.42, width, floor), wall, p.INK, 0.006)
        hand.fill(box(-width / 3, floor - 0.36, width / 3, floor), p.darker(wood, 0.45))
        for x in np.linspace(-width, width, 6):
            hand.fill(box(x - 0.022, floor - 0.42, x + 0.022, floor), wood, p.INK, 0.006)
        hand.fill(box(-width - 0.03, floor - 0.46, width + 0.03, floor - 0.4), p.GREEN, p.INK, 0.006)
        for x in np.linspace(-width, width, 11):
            hand.fill(
                np.array(
                    [[x - 0.035, floor - 0.52], [x + 0.035, floor - 0.52], [x + 0.018, floor - 0.46], [x - 0.018, floor - 0.46]]
                ),
                p.OCHRE,
                p.INK,
                0.004,
            )
        _roof(hand, width + 0.2, floor - 0.5, 0.3)
        floor, width = floor - 0.72, 0.68 * width
    hand.fill(smooth([(-0.05, floor - 0.02), (0, floor - 0.14), (0.05, floor - 0.02)]), p.GOLD, p.INK, 0.006)


def _roof(hand: Hand, reach: float, eave: float, height: float) -> None:
    side = [
        (0.42 * reach, eave - height),
        (0.5 * reach, eave - 0.62 * height),
        (0.72 * reach, eave - 0.2 * height),
        (1.08 * reach, eave - 0.14 * height),
    ]
    right = smooth(side, closed=False)
    eaves = smooth(
        [
            (1.08 * reach, eave - 0.14 * height),
            (0.7 * reach, eave + 0.02),
            (0, eave + 0.04),
            (-0.7 * reach, eave + 0.02),
            (-1.08 * reach, eave - 0.14 * height),
        ],
        closed=False,
    )
    left = right[::-1] * (-1, 1)
    outline = np.concatenate([right, eaves, left])
    hand.fill(outline, p.mixed(p.BLUE, p.OXIDISED, 0.35), p.INK, 0.012)
    for part in np.linspace(-0.92, 0.92, 23):
        top = np.array([0.42 * reach * part, eave - 0.98 * height])
        bottom = np.array([0.95 * reach * part, eave + 0.03 - 0.1 * height * abs(part) ** 3])
        middle = np.array([0.58 * reach * part, eave - 0.45 * height])
        hand.line(smooth(np.array([top, middle, bottom]), closed=False, per_span=5), 0.012, p.PALE_BLUE, taper=0.2)
    for curve in (eaves, right, left):
        hand.line(curve, 0.03, p.GREEN, taper=0.3)
    hand.fill(box(-0.46 * reach, eave - 1.07 * height, 0.46 * reach, eave - 0.96 * height), p.GREEN, p.INK, 0.008)


def _railing(hand: Hand, left: float, right: float, foot: float, colour: Colour) -> None:
    for x in np.linspace(left, right, 11):
        hand.fill(box(x - 0.01, foot - 0.13, x + 0.01, foot), colour, p.INK, 0.004)
    for y in (foot - 0.12, foot - 0.065):
        hand.fill(box(left, y - 0.009, right, y + 0.009), colour, p.INK, 0.004)


def paint_flower(canvas: Canvas, place: Place, colour: Colour) -> None:
    """A falling flower: five petals, a heart and a stem; one unit."""
    hand = Hand(canvas, place)
    stem = smooth([(0, 0.3), (0.2, 0.7), (0.05, 1.1)], closed=False)
    hand.line(stem, 0.09, p.GREEN)
    hand.fill(_LEAF * (0.8, 0.6) + (0.18, 0.95), p.GREEN)
    for petal in _FLOWER:
        hand.fill(petal, colour, p.darker(colour, 0.5), 0.05)
    hand.fill(ellipse(0, 0, 0.16, 0.16, 12), p.GOLD)
