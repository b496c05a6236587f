"""Mineral pigments as they look after a thousand years, in sRGB."""

from __future__ import annotations

from .canvas import Colour

PLASTER: Colour = (214, 196, 164)
CLAY: Colour = (158, 128, 96)  # the mud under the plaster
WHITE: Colour = (226, 216, 196)
RED: Colour = (158, 78, 52)
DARK_RED: Colour = (112, 54, 42)
OXIDISED: Colour = (84, 66, 58)  # red lead and flesh that have turned
FLESH: Colour = (198, 158, 128)
OCHRE: Colour = (196, 152, 88)
GREEN: Colour = (104, 146, 122)
PALE_GREEN: Colour = (156, 178, 150)
BLUE: Colour = (78, 108, 140)
PALE_BLUE: Colour = (142, 164, 172)
INK: Colour = (58, 46, 42)
GOLD: Colour = (200, 168, 96)


def mixed(a: Colour, b: Colour, part: float) -> Colour:
    """A colour between two: `part` of b."""
    return (a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]), a[2] + part * (b[2] - a[2]))


def lighter(colour: Colour, part: float) -> Colour:
    """The colour with some white in it."""
    return mixed(colour, WHITE, part)


def darker(colour: Colour, part: float) -> Colour:
    """The colour with some ink in it."""
    return mixed(colour, INK, part)
