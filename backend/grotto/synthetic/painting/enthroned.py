"""The large enthroned figure, with its halo, flames, throne and canopy."""

from __future__ import annotations

import numpy as np

from . import palette as p
from .canvas import Canvas, Hand, Place, box, ellipse, points, smooth
from .figures import face, halo, lotus


def paint_enthroned(canvas: Canvas, place: Place, rng: np.random.Generator) -> None:
    """The large seated figure, about 1.9 units high with throne and canopy; the seat's middle at the place."""
    hand = Hand(canvas, place)
    robe, under = p.RED if rng.random() < 0.6 else p.OXIDISED, p.GREEN
    skin = p.mixed(p.FLESH, p.GOLD, 0.25)
    aureole = smooth(
        points("0,-1.28 0.36,-1.12 0.56,-0.75 0.58,-0.3 0.46,0.02 -0.46,0.02 -0.58,-0.3 -0.56,-0.75 -0.36,-1.12"),
        per_span=9,
    )
    middle = np.array([0, -0.5])
    for number, at in enumerate(aureole[::2]):  # flames around the aureole
        away = (at - middle) / np.linalg.norm(at - middle)
        side = np.array([-away[1], away[0]]) * (1 if at[0] > 0 else -1)
        for part, colour in ((1.0, p.RED), (0.6, p.OCHRE if number % 2 else p.PALE_GREEN)):
            tongue = [
                -0.05 * side,
                0.05 * away - 0.045 * side,
                0.11 * away - 0.06 * side,
                0.08 * away - 0.02 * side,
                0.04 * away + 0.03 * side,
                0.03 * side,
            ]
            hand.fill(smooth(at + part * np.array(tongue), per_span=4), colour, p.DARK_RED, 0.004)
    for part, colour in (
        (1.0, p.GREEN),
        (0.91, p.WHITE),
        (0.86, p.OXIDISED),
        (0.76, p.PALE_BLUE),
        (0.7, p.RED),
        (0.6, p.OCHRE),
        (0.54, p.PALE_GREEN),
    ):
        hand.fill((aureole - middle) * part + middle, colour, p.DARK_RED, 0.005)
    ring = (aureole - middle) * 0.81 + middle
    hand.fills([ellipse(x, y, 0.02, 0.02, 12) for x, y in ring[::3]], p.GOLD)
    halo(hand, 0, -0.99, 0.27, (p.WHITE, p.BLUE, p.PALE_GREEN, p.RED, p.OCHRE), petals=18)
    _throne(hand)
    lotus(hand, 0, 0.0, 0.52, p.RED)
    body = smooth(
        points(
            "0,-0.79 0.14,-0.77 0.27,-0.67 0.34,-0.45 0.31,-0.24 0.47,-0.13 0.5,-0.02 0.3,0.04 "
            "0,0.05 -0.3,0.04 -0.5,-0.02 -0.47,-0.13 -0.31,-0.24 -0.34,-0.45 -0.27,-0.67 -0.14,-0.77"
        )
    )
    hand.fill(box(-0.065, -0.86, 0.065, -0.74), p.darker(skin, 0.15))
    hand.fill(body, robe, p.INK, 0.01)
    chest = smooth(points("-0.13,-0.77 0.08,-0.77 0.12,-0.65 0.06,-0.5 -0.06,-0.36 -0.17,-0.5 -0.18,-0.66"))
    hand.fill(chest, p.darker(skin, 0.18), p.DARK_RED, 0.008)
    hand.fill((chest - chest.mean(0)) * 0.8 + chest.mean(0), skin)
    hand.fill(smooth(points("-0.15,-0.52 0.05,-0.5 0.12,-0.34 0,-0.27 -0.14,-0.36")), under, p.INK, 0.006)
    hand.fill(
        smooth(points("0.08,-0.78 0.2,-0.72 0.14,-0.55 0.02,-0.33 -0.06,-0.3 0.06,-0.52")),
        p.darker(robe, 0.2),
        p.INK,
        0.006,
    )
    folds = (
        "0.25,-0.66 0.2,-0.48 0.24,-0.3",
        "0.3,-0.5 0.25,-0.36 0.28,-0.24",
        "-0.26,-0.66 -0.22,-0.45 -0.26,-0.28",
        "-0.31,-0.48 -0.27,-0.34 -0.3,-0.23",
        "-0.44,-0.08 -0.2,-0.16 0.02,-0.06",
        "0.44,-0.08 0.22,-0.15 0.04,-0.03",
        "-0.4,-0.01 -0.15,-0.08 0.1,0",
        "0.38,0 0.2,-0.06 0.02,0.03",
        "0.18,-0.6 0.12,-0.42 0.02,-0.24",
        "-0.19,-0.4 -0.1,-0.26 0.05,-0.2",
    )
    for fold in folds:
        curve = smooth(points(fold), closed=False)
        hand.line(curve, 0.017, p.darker(robe, 0.55))
        hand.line(curve + np.array([0.016, 0.004]), 0.012, p.lighter(robe, 0.35))
    for arm in ([(-0.27, -0.62), (-0.35, -0.45), (-0.28, -0.36), (-0.2, -0.5)], [(0.3, -0.35), (0.2, -0.2), (0.05, -0.17)]):
        hand.line(smooth(arm, closed=False), 0.09, p.DARK_RED, taper=0.25)
        hand.line(smooth(arm, closed=False), 0.078, skin if arm[0][0] < 0 else p.darker(robe, 0.1), taper=0.25)
    hand.fill(smooth(points("-0.23,-0.5 -0.25,-0.62 -0.2,-0.66 -0.15,-0.62 -0.155,-0.5")), skin, p.DARK_RED, 0.006)
    for x in (-0.225, -0.2, -0.178):
        hand.line(np.array([[x, -0.6], [x + 0.003, -0.63], [x + 0.004, -0.66]]), 0.006, p.DARK_RED)
    hand.fill(smooth(points("-0.02,-0.16 0.08,-0.2 0.14,-0.17 0.08,-0.12 -0.02,-0.12")), skin, p.DARK_RED, 0.006)
    hand.fill(
        smooth(points("-0.115,-0.98 -0.11,-1.07 -0.06,-1.12 -0.05,-1.17 0,-1.2 0.05,-1.17 0.06,-1.12 0.11,-1.07 0.115,-0.98")),
        p.mixed(p.INK, p.BLUE, 0.35),
    )
    face(hand, 0, -0.96, 0.24, skin)
    hand.fill(ellipse(0, -1.1, 0.014, 0.012, 10), p.RED)
    _canopy(hand, -1.42)


def _throne(hand: Hand) -> None:
    for top, bottom, reach, colour in (
        (0.1, 0.2, 0.5, p.GREEN),
        (0.2, 0.42, 0.4, p.RED),
        (0.42, 0.5, 0.48, p.OCHRE),
        (0.5, 0.58, 0.56, p.PALE_BLUE),
    ):
        hand.fill(box(-reach, top, reach, bottom), colour, p.INK, 0.007)
        for x in np.arange(-reach + 0.05, reach, 0.1):
            hand.fill(
                smooth([(x - 0.04, bottom - 0.01), (x, top + 0.012), (x + 0.04, bottom - 0.01)]),
                p.lighter(colour, 0.4),
                p.darker(colour, 0.5),
                0.004,
            )


def _canopy(hand: Hand, y: float) -> None:
    for k, (reach, colour) in enumerate(((0.22, p.GREEN), (0.36, p.RED), (0.5, p.PALE_BLUE))):
        top = y - 0.2 + 0.085 * k
        hand.fill(
            smooth(
                [
                    (-reach, top + 0.09),
                    (-0.7 * reach, top + 0.02),
                    (0, top - 0.02),
                    (0.7 * reach, top + 0.02),
                    (reach, top + 0.09),
                    (0, top + 0.12),
                ]
            ),
            colour,
            p.INK,
            0.006,
        )
        for x in np.linspace(-0.92 * reach, 0.92 * reach, 5 + 2 * k):
            hand.fill(ellipse(x, top + 0.085, 0.016, 0.016, 12), p.GOLD, p.INK, 0.003)
    for x in np.linspace(-0.48, 0.48, 9):
        hand.fills([ellipse(x, y + 0.09 + 0.03 * k, 0.009, 0.012, 8) for k in range(3)], p.WHITE)
        hand.fill(smooth([(x, y + 0.17), (x + 0.014, y + 0.23), (x - 0.014, y + 0.23)]), p.GREEN)
    hand.fill(ellipse(0, y - 0.25, 0.035, 0.05, 16), p.GOLD, p.INK, 0.005)
