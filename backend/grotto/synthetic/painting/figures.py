"""The large figures: the enthroned one, standing attendants, donors in a row, and flying musicians."""

from __future__ import annotations

import numpy as np

from . import palette as p
from .canvas import Canvas, Colour, Hand, Place, box, ellipse, points, smooth
from .ornament import _PETAL as PETAL

CLOTH: tuple[Colour, ...] = (p.RED, p.GREEN, p.BLUE, p.OCHRE, p.OXIDISED, p.PALE_GREEN, p.PALE_BLUE)

_SKIRT = smooth(
    points(
        "-0.062,-0.6 0.062,-0.6 0.088,-0.5 0.086,-0.3 0.098,-0.1 0.13,-0.035 0.06,-0.03 "
        "0,-0.045 -0.06,-0.03 -0.13,-0.035 -0.098,-0.1 -0.086,-0.3 -0.088,-0.5"
    )
)
_TORSO = smooth(
    points(
        "0,-0.81 0.06,-0.805 0.1,-0.775 0.085,-0.7 0.06,-0.62 0.07,-0.58 "
        "-0.07,-0.58 -0.06,-0.62 -0.085,-0.7 -0.1,-0.775 -0.06,-0.805"
    )
)
_ROBE = smooth(
    points("-0.05,-0.8 0.05,-0.8 0.11,-0.74 0.14,-0.5 0.12,-0.25 0.14,-0.02 -0.14,-0.02 -0.12,-0.25 -0.14,-0.5 -0.11,-0.74")
)


def face(hand: Hand, x: float, y: float, size: float, skin: Colour) -> None:
    """A head of height `size` about its middle, slightly turned: the shaded contour and the features in ink."""
    w, h = 0.4 * size, 0.5 * size
    outline = smooth(
        [
            (x, y - h),
            (x + 0.85 * w, y - 0.6 * h),
            (x + w, y),
            (x + 0.7 * w, y + 0.62 * h),
            (x, y + h),
            (x - 0.7 * w, y + 0.62 * h),
            (x - w, y),
            (x - 0.85 * w, y - 0.6 * h),
        ]
    )
    for side in (-1, 1):
        hand.fill(ellipse(x + side * 1.02 * w, y + 0.1 * h, 0.16 * w, 0.4 * h, 14), skin, p.DARK_RED, 0.03 * size)
    hand.fill(outline, p.darker(skin, 0.22), p.DARK_RED, 0.035 * size)
    hand.fill((outline - (x, y)) * (0.8, 0.84) + (x + 0.04 * w, y), skin)
    for side in (-1, 1):
        at = x + 0.06 * w + side * 0.42 * w
        hand.line(
            smooth([(at - 0.27 * w, y - 0.16 * h), (at, y - 0.3 * h), (at + 0.27 * w, y - 0.18 * h)], closed=False),
            0.045 * size,
            p.INK,
        )
        hand.fill(
            smooth([(at - 0.24 * w, y + 0.0 * h), (at, y - 0.09 * h), (at + 0.24 * w, y), (at, y + 0.06 * h)], per_span=3),
            p.WHITE,
        )
        hand.line(smooth([(at - 0.26 * w, y + 0.0 * h), (at, y - 0.1 * h), (at + 0.26 * w, y)], closed=False), 0.04 * size, p.INK)
        hand.fill(ellipse(at, y - 0.01 * h, 0.07 * w, 0.07 * h, 8), p.INK)
    hand.line(
        smooth([(x + 0.1 * w, y - 0.15 * h), (x + 0.2 * w, y + 0.22 * h), (x + 0.0 * w, y + 0.28 * h)], closed=False),
        0.035 * size,
        p.DARK_RED,
    )
    hand.fill(
        smooth(
            [
                (x - 0.18 * w, y + 0.52 * h),
                (x + 0.06 * w, y + 0.46 * h),
                (x + 0.3 * w, y + 0.52 * h),
                (x + 0.06 * w, y + 0.62 * h),
            ],
            per_span=3,
        ),
        p.RED,
    )
    hand.line(
        smooth([(x - 0.2 * w, y + 0.53 * h), (x + 0.06 * w, y + 0.55 * h), (x + 0.32 * w, y + 0.52 * h)], closed=False),
        0.03 * size,
        p.INK,
    )


def halo(hand: Hand, x: float, y: float, radius: float, colours: tuple[Colour, ...], petals: int = 0) -> None:
    """Rings of colour, outermost first, with a wreath of petals in the second ring where asked."""
    for k, colour in enumerate(colours):
        r = radius * (1 - k / (len(colours) + 0.8))
        hand.fill(ellipse(x, y, r, r, 48), colour, p.DARK_RED, 0.012 * radius + 0.001)
        if petals and k == 1:
            for turn in np.linspace(0, 2 * np.pi, petals, endpoint=False):
                cos, sin = np.cos(turn), np.sin(turn)
                petal = PETAL * (0.26 * r, 0.2 * r) + (0, 0.78 * r)
                hand.fill(
                    petal @ np.array([[cos, sin], [-sin, cos]]) + (x, y),
                    p.lighter(colour, 0.55),
                    p.darker(colour, 0.5),
                    0.008 * radius,
                )


def paint_attendant(canvas: Canvas, place: Place, rng: np.random.Generator) -> None:
    """A crowned attendant on a lotus, one unit high from the feet: bare shoulders, skirt, scarves and jewels."""
    sway = 0.016 * rng.choice([-1, 1])
    hand = Hand(canvas, place, sway)
    a, b, c, d = (CLOTH[i] for i in rng.permutation(len(CLOTH))[:4])
    skin = p.mixed(p.FLESH, p.OXIDISED, float(rng.choice([0.0, 0.1, 0.55])))
    lotus(hand, 0, 0.0, 0.2, c)
    halo(hand, 0, -0.875, 0.115, (p.WHITE, b, p.lighter(d, 0.3)))
    for side in (-1.0, 1.0):  # the scarf's ends, behind
        tail = smooth(
            [
                (0.09 * side, -0.76),
                (0.17 * side, -0.62),
                (0.14 * side, -0.45),
                (0.21 * side, -0.28),
                (0.15 * side, -0.14),
                (0.22 * side, -0.02),
            ],
            closed=False,
        )
        hand.band(tail, 0.035, d, p.INK)
    hand.fills([ellipse(-0.04, -0.025, 0.045, 0.016), ellipse(0.04, -0.025, 0.045, 0.016)], skin)
    hand.fill(_SKIRT, a, p.INK, 0.005)
    for at in (-0.06, -0.03, 0.0, 0.03, 0.06):
        fold = smooth([(0.6 * at, -0.56), (at + 0.012, -0.34), (1.3 * at - 0.006, -0.15), (1.5 * at, -0.05)], closed=False)
        hand.line(fold, 0.009, p.darker(a, 0.5))
        hand.line(fold + np.array([0.01, 0]), 0.007, p.lighter(a, 0.45))
    hand.fill(
        smooth(points("-0.085,-0.12 0,-0.1 0.09,-0.12 0.12,-0.05 0,-0.06 -0.12,-0.05")),
        p.lighter(b, 0.2),
        p.INK,
        0.004,
    )
    hand.fill(box(-0.026, -0.86 + 0.04, 0.026, -0.77), p.darker(skin, 0.15))
    hand.fill(_TORSO, p.darker(skin, 0.15), p.DARK_RED, 0.005)
    hand.fill((_TORSO - (0, -0.7)) * (0.8, 0.86) + (0.004, -0.7), skin)
    hand.line(smooth([(-0.09, -0.77), (-0.02, -0.68), (0.07, -0.6)], closed=False), 0.035, b, taper=0.2)
    hand.fill(smooth(points("-0.08,-0.62 0,-0.6 0.08,-0.62 0.085,-0.53 0,-0.5 -0.085,-0.53")), c, p.INK, 0.004)
    hand.band(smooth([(0, -0.54), (0.012, -0.4), (-0.01, -0.26), (0.01, -0.13)], closed=False), 0.026, d, p.INK)
    for loop, low in ((0.1, -0.36), (0.085, -0.24)):
        hand.band(
            smooth([(-0.12, -0.66), (-loop, -0.48), (0, low), (loop, -0.48), (0.12, -0.66)], closed=False),
            0.02,
            d,
            p.INK,
            taper=0.1,
        )
    raised = smooth(points("-0.095,-0.775 -0.135,-0.7 -0.135,-0.645 -0.06,-0.68 -0.03,-0.71"), closed=False)
    lowered = smooth([(0.095, -0.775), (0.135, -0.69), (0.145, -0.6), (0.13, -0.52)], closed=False)
    for arm in (raised, lowered):
        hand.line(arm, 0.042, p.DARK_RED, taper=0.35)
        hand.line(arm, 0.034, skin, taper=0.35)
        for at in (8, 13):
            hand.fill(ellipse(arm[at, 0], arm[at, 1], 0.017, 0.008, 12), p.GOLD, p.INK, 0.002)
    hand.fill(ellipse(-0.025, -0.715, 0.016, 0.022, 12), skin, p.DARK_RED, 0.003)
    hand.fill(ellipse(0.128, -0.51, 0.015, 0.022, 12), skin, p.DARK_RED, 0.003)
    stem = smooth([(-0.025, -0.72), (-0.06, -0.8), (-0.1, -0.88)], closed=False)
    hand.line(stem, 0.008, p.GREEN)
    for turn in (-0.7, 0.0, 0.7):
        cos, sin = np.cos(turn - 2.7), np.sin(turn - 2.7)
        hand.fill(0.035 * PETAL @ np.array([[cos, sin], [-sin, cos]]) + (-0.1, -0.88), p.lighter(p.RED, 0.4), p.DARK_RED, 0.003)
    _jewels(hand, -0.76, 0.07, 0.055)
    hand.fill(
        smooth(
            points("-0.055,-0.86 -0.05,-0.92 0,-0.945 0.05,-0.92 0.055,-0.86 0.062,-0.78 0.045,-0.83 -0.045,-0.83 -0.062,-0.78")
        ),
        p.INK,
    )
    hand.fill(ellipse(0, -0.955, 0.022, 0.026, 14), p.INK)
    face(hand, 0, -0.87, 0.1, skin)
    for x, high in ((-0.035, 0.025), (0, 0.042), (0.035, 0.025)):
        hand.fill(smooth([(x - 0.018, -0.91), (x, -0.91 - high), (x + 0.018, -0.91)]), p.GOLD, p.INK, 0.003)
        hand.fill(ellipse(x, -0.918, 0.007, 0.008, 8), p.GREEN)


def _jewels(hand: Hand, y: float, reach: float, drop: float) -> None:
    arc = np.array([[t * reach, y + drop * (1 - t * t)] for t in np.linspace(-1, 1, 13)])
    hand.line(arc, 0.008, p.GOLD, taper=0.0)
    hand.fills([ellipse(x, yy, 0.008, 0.009, 8) for x, yy in arc[::2]], p.WHITE)
    hand.fill(ellipse(0, y + drop + 0.012, 0.011, 0.014, 10), p.GREEN, p.INK, 0.002)


def lotus(hand: Hand, x: float, y: float, reach: float, colour: Colour) -> None:
    """A lotus seat of half width `reach`, its top at y: two rows of petals, turned up and down."""
    hand.fill(ellipse(x, y, reach, 0.16 * reach, 32), p.darker(p.GREEN, 0.2), p.INK, 0.02 * reach)
    for row, (size, turned) in enumerate(((0.5, 0.0), (0.42, np.pi))):
        for k in np.linspace(-1, 1, 7 - row):
            angle = turned + (0.75 * k if turned == 0.0 else -0.75 * k)
            cos, sin = np.cos(angle), np.sin(angle)
            at = (x + 0.74 * reach * k, y + (0.02 if turned == 0.0 else 0.5) * reach)
            for part, shade in ((1.0, p.lighter(colour, 0.25)), (0.62, p.lighter(colour, 0.65))):
                petal = part * size * reach * (PETAL * (0.85, 1.0)) @ np.array([[cos, -sin], [sin, cos]])
                hand.fill(petal + at, shade, p.darker(colour, 0.5) if part == 1.0 else None, 0.018 * reach)


def paint_donor(canvas: Canvas, place: Place, rng: np.random.Generator) -> None:
    """A donor with joined hands, one unit high from the feet."""
    hand = Hand(canvas, place)
    a, b = (CLOTH[i] for i in rng.permutation(len(CLOTH))[:2])
    hand.fill(_ROBE, a, p.INK, 0.006)
    for x in (-0.07, -0.02, 0.04, 0.08):
        hand.line(smooth([(0.6 * x, -0.55), (x, -0.3), (1.3 * x, -0.04)], closed=False), 0.009, p.darker(a, 0.5))
    hand.fill(
        smooth(points("-0.13,-0.72 0.02,-0.66 0.1,-0.62 0.1,-0.5 0,-0.34 -0.08,-0.4 -0.15,-0.56")),
        b,
        p.INK,
        0.005,
    )
    hand.fill(box(-0.1, -0.505, 0.1, -0.475), p.INK)
    hand.fill(smooth([(0.06, -0.66), (0.13, -0.72), (0.15, -0.7), (0.1, -0.6)]), p.FLESH, p.DARK_RED, 0.004)
    hand.line(smooth([(0.14, -0.7), (0.17, -0.8), (0.15, -0.88)], closed=False), 0.008, p.GREEN)
    hand.fill(ellipse(0.15, -0.9, 0.022, 0.026, 12), p.lighter(p.RED, 0.3), p.DARK_RED, 0.003)
    face(hand, 0.01, -0.875, 0.14, p.FLESH)
    hand.fill(smooth(points("-0.06,-0.9 -0.06,-0.97 0,-1 0.06,-0.97 0.065,-0.91 0,-0.925")), p.INK)
    hand.fill(smooth([(-0.05, -0.94), (-0.12, -0.93), (-0.13, -0.9), (-0.05, -0.915)]), p.INK)


def paint_flying(canvas: Canvas, place: Place, rng: np.random.Generator) -> None:
    """A flying musician, body about one unit long, ribbons behind; heads to the right unless mirrored."""
    hand = Hand(canvas, place)
    a, b, c = (CLOTH[i] for i in rng.permutation(len(CLOTH))[:3])
    wave = 0.05 * rng.standard_normal(4)
    ribbons: list[tuple[list[tuple[float, float]], Colour]] = [
        ([(0.3, 0.1), (0.18, -0.2), (0, wave[0] - 0.26), (-0.25, -0.12), (-0.5, wave[1] - 0.3), (-0.7, -0.2), (-1, -0.36)], b),
        ([(0.34, 0.12), (0.3, 0.3), (0, 0.3 + wave[2]), (-0.2, 0.16), (-0.5, 0.08 + wave[3]), (-0.72, 0.14), (-0.98, -0.02)], c),
    ]
    for path, colour in ribbons:
        hand.band(smooth(path, closed=False, per_span=8), 0.055, colour, p.INK, taper=0.75)
    skirt = smooth(points("0.13,-0.01 -0.05,-0.05 -0.25,-0.12 -0.5,-0.2 -0.66,-0.22 -0.5,-0.1 -0.22,0.08 0.02,0.16 0.15,0.13"))
    hand.fill(skirt, a, p.INK, 0.007)
    for shift in (-0.04, 0.0, 0.04):
        hand.line(
            smooth([(0.1, 0.05 + shift), (-0.15, 0.0 + shift), (-0.5, -0.15 + 0.5 * shift)], closed=False),
            0.012,
            p.darker(a, 0.5),
        )
    torso = smooth(points("0.1,0 0.2,-0.01 0.3,-0.08 0.35,-0.02 0.3,0.08 0.14,0.14"))
    hand.fill(torso, p.FLESH, p.DARK_RED, 0.007)
    for arm in ([(0.31, -0.05), (0.42, 0.04), (0.52, -0.03)], [(0.28, 0.06), (0.38, 0.16), (0.5, 0.12)]):
        hand.line(smooth(arm, closed=False), 0.05, p.DARK_RED, taper=0.4)
        hand.line(smooth(arm, closed=False), 0.04, p.FLESH, taper=0.4)
    hand.fill(ellipse(0.55, 0.04, 0.06, 0.1, 20), p.OCHRE, p.INK, 0.007)
    halo(hand, 0.38, -0.13, 0.12, (p.WHITE, p.lighter(b, 0.2)))
    hand.fill(ellipse(0.375, -0.16, 0.062, 0.062, 18), p.INK)
    hand.fill(ellipse(0.36, -0.235, 0.024, 0.028, 14), p.INK)
    face(hand, 0.385, -0.125, 0.12, p.FLESH)
