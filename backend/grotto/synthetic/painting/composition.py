"""What is painted where: the wall divided into bands, and each band filled, by style."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import palette as p
from .canvas import Canvas, Colour, Place, box
from .enthroned import paint_enthroned
from .figures import paint_attendant, paint_donor, paint_flying
from .ornament import Area, paint_band, paint_dado, paint_valance
from .scenery import paint_cloud, paint_flower, paint_hills, paint_pavilion, paint_tree
from .thousand import paint_thousand

# Parts of the wall's height from the top, with what fills them.
_BANDS: dict[str, tuple[tuple[str, float], ...]] = {
    "thousand": (("valance", 0.07), ("thousand", 0.83), ("vine", 0.04), ("dado", 0.06)),
    "narrative": (
        ("valance", 0.06),
        ("narrative", 0.42),
        ("lozenge", 0.03),
        ("narrative", 0.34),
        ("vine", 0.03),
        ("donors", 0.12),
    ),
    "mixed": (
        ("valance", 0.06),
        ("thousand", 0.26),
        ("vine", 0.04),
        ("narrative", 0.42),
        ("rosette", 0.05),
        ("donors", 0.11),
        ("dado", 0.06),
    ),
}
_FIGURE_MM = 140.0  # width of one of the thousand figures


def compose(canvas: Canvas, style: str, rng: np.random.Generator, report: Callable[[float], None]) -> None:
    """Paint the whole canvas in a style. The faded style is the mixed one; its fading comes with age."""
    top = 0.0
    for kind, part in _BANDS[style if style in _BANDS else "mixed"]:
        area = (0.0, top, canvas.width, top + part * canvas.height)
        _paint_area(canvas, area, kind, rng)
        top = area[3]
        report(top / canvas.height)


def _paint_area(canvas: Canvas, area: Area, kind: str, rng: np.random.Generator) -> None:
    if kind == "thousand":
        paint_thousand(canvas, area, min(_FIGURE_MM, 0.5 * (area[3] - area[1])), rng)
    elif kind == "narrative":
        _narrative(canvas, area, rng)
    elif kind == "valance":
        paint_valance(canvas, area, rng)
    elif kind == "donors":
        _donors(canvas, area, rng)
    elif kind == "dado":
        paint_dado(canvas, area, rng)
    else:
        paint_band(canvas, area, kind, rng)


def _narrative(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    """Assemblies around an enthroned figure, landscapes in between, heavenly ones above."""
    left, top, right, bottom = area
    height = bottom - top
    canvas.fill(box(left, top, right, bottom), p.mixed(p.PLASTER, p.WHITE, 0.35))
    for k in range(12):  # the sky's tint fades downwards
        y = top + 0.025 * k * height
        canvas.fill(
            box(left, y, right, y + 0.025 * height), p.mixed(p.PALE_BLUE, p.mixed(p.PLASTER, p.WHITE, 0.4), 0.62 + 0.03 * k)
        )
    _scattered_clouds(canvas, (left, top, right, top + 0.3 * height), height, rng)
    paint_hills(canvas, left, right, top + 0.5 * height, 0.3 * height, rng)
    canvas.fill(box(left, top + 0.49 * height, right, bottom), p.mixed(p.PALE_GREEN, p.PLASTER, 0.55))

    colours: tuple[Colour, ...] = (p.lighter(p.RED, 0.3), p.WHITE, p.PALE_BLUE, p.OCHRE)
    for _ in range(int(34 * (right - left) / height)):
        place = Place(rng.uniform(left, right), rng.uniform(top + 0.03 * height, bottom), 0.018 * height, rng.uniform(0, 6.3))
        paint_flower(canvas, place, colours[int(rng.integers(4))])

    scene = 1.25 * height
    x = left - float(rng.random()) * scene
    number = int(rng.integers(2))
    while x < right + scene:
        if number % 2 == 0:
            _assembly(canvas, x + scene / 2, top, height, rng)
            x += scene
        else:
            _landscape(canvas, x, top, height, rng)
            x += 0.8 * scene
        number += 1


def _scattered_clouds(canvas: Canvas, area: Area, height: float, rng: np.random.Generator) -> None:
    left, top, right, bottom = area
    for x in np.arange(left, right, 0.2 * height):
        place = Place(
            x + 0.08 * height * rng.standard_normal(),
            rng.uniform(top, bottom),
            0.11 * height * rng.uniform(0.7, 1.2),
            0.1 * rng.standard_normal(),
            bool(rng.random() < 0.5),
        )
        paint_cloud(canvas, place, (p.PALE_BLUE, p.PALE_GREEN, p.OCHRE, p.lighter(p.RED, 0.3))[int(rng.integers(4))], rng)


def _assembly(canvas: Canvas, x: float, top: float, height: float, rng: np.random.Generator) -> None:
    for side in (-1, 1):
        place = Place(x + side * 0.42 * height, top + 0.6 * height, 0.3 * height, mirrored=side < 0)
        paint_pavilion(canvas, place, rng, storeys=1 + int(rng.random() < 0.5))
        paint_tree(
            canvas, Place(x + side * 0.27 * height, top + 0.66 * height, 0.5 * height, mirrored=side < 0), rng, clusters=13
        )
        flyer = Place(
            x + side * 0.36 * height, top + rng.uniform(0.1, 0.17) * height, 0.21 * height, -0.1 * side, mirrored=side > 0
        )
        paint_flying(canvas, flyer, rng)
        for away, foot, size in ((0.5, 0.8, 0.4), (0.4, 0.88, 0.46), (0.27, 0.95, 0.52)):
            lean = 0.015 * rng.standard_normal()
            paint_attendant(canvas, Place(x + side * away * height, top + foot * height, size * height, lean, side > 0), rng)
    paint_enthroned(canvas, Place(x, top + 0.76 * height, 0.37 * height), rng)
    for side in (-1, 1):
        place = Place(x + side * 0.13 * height, top + 0.985 * height, 0.17 * height, mirrored=side > 0)
        paint_donor(canvas, place, rng)


def _landscape(canvas: Canvas, left: float, top: float, height: float, rng: np.random.Generator) -> None:
    width = height
    paint_pavilion(canvas, Place(left + rng.uniform(0.3, 0.7) * width, top + 0.62 * height, 0.3 * height), rng, storeys=2)
    for _ in range(3):
        place = Place(
            left + rng.uniform(0.0, 1.0) * width, top + rng.uniform(0.62, 0.72) * height, rng.uniform(0.36, 0.5) * height
        )
        paint_tree(canvas, place, rng, clusters=11)
    for at in np.sort(rng.uniform(0.72, 0.8, 4)):
        place = Place(left + rng.uniform(0.05, 0.95) * width, top + at * height, 0.2 * height, mirrored=bool(rng.random() < 0.5))
        paint_donor(canvas, place, rng)
    paint_hills(canvas, left - 0.05 * width, left + 0.9 * width, top + height, 0.24 * height, rng)
    for _ in range(2):
        place = Place(
            left + rng.uniform(0.1, 0.9) * width,
            top + rng.uniform(0.08, 0.22) * height,
            0.19 * height,
            0.1 * rng.standard_normal(),
            bool(rng.random() < 0.5),
        )
        paint_flying(canvas, place, rng)


def _donors(canvas: Canvas, area: Area, rng: np.random.Generator) -> None:
    """A procession, each with the strip on which the name was written."""
    left, top, right, bottom = area
    height = bottom - top
    canvas.fill(box(left, top, right, bottom), p.mixed(p.PLASTER, p.OCHRE, 0.25))
    canvas.fill(box(left, bottom - 0.06 * height, right, bottom), p.mixed(p.RED, p.PLASTER, 0.3))
    for x in np.arange(left - rng.uniform(0, 0.4) * height, right + 0.4 * height, 0.5 * height):
        size = height * rng.uniform(0.82, 0.9)
        strip = x + 0.2 * height
        canvas.fill(box(strip, top + 0.1 * height, strip + 0.07 * height, top + 0.55 * height), p.WHITE)
        canvas.outline(box(strip, top + 0.1 * height, strip + 0.07 * height, top + 0.55 * height), 1.2, p.RED)
        for y in np.arange(top + 0.14 * height, top + 0.52 * height, 0.045 * height):  # the writing, long illegible
            for _ in range(3):
                a = np.array([strip + rng.uniform(0.015, 0.055) * height, y + rng.uniform(0, 0.03) * height])
                canvas.line(
                    np.array([a, a + 0.5 * height * rng.uniform(-0.04, 0.04, 2), a + height * rng.uniform(-0.02, 0.02, 2)]),
                    1.3,
                    p.INK,
                )
        paint_donor(canvas, Place(x, bottom - 0.03 * height, size, 0.02 * rng.standard_normal()), rng)
