"""Randomly drawn elements, to choose weights on: bodies with limbs, plants, ornaments, trails, buildings and hills.

Nothing of them comes from a picture: shapes are random curves; colours are random or a wall's own, so that some elements
hardly differ from what they lie on.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .drawing import FINE, Array, Random, Sheet, blob, curve
from .pasted_element import Element

Array32 = NDArray[np.float32]


def made_element(random: Random, wall: NDArray[np.uint8], side_px: int) -> Element:
    """Draw a random element of `side_px`; some of its colours and textures come from `wall` (h, w, 3)."""
    sheet = Sheet(side_px, _palette(random, wall), random)
    names = list(_KINDS)
    for name in random.choice(names, 1 if random.random() < 0.75 else 2):
        _KINDS[str(name)](sheet, random)
    sheet.decorate()
    colour = _textured(sheet.colour, random, wall)
    coverage: Array32 = sheet.coverage.astype(np.float32) / np.float32(255)
    if random.random() < 0.6:  # a ragged edge
        colour, coverage = _ragged(colour, coverage, random)
    size = (side_px, side_px)
    laid = cv2.resize(colour * coverage[..., None], size, interpolation=cv2.INTER_AREA)
    coverage = np.asarray(cv2.resize(coverage, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    colour = np.clip(laid / np.maximum(coverage, 1e-3)[..., None], 0, 255).astype(np.float32)
    rows, columns = np.flatnonzero((coverage >= 0.5).any(axis=1)), np.flatnonzero((coverage >= 0.5).any(axis=0))
    if len(rows) < 8 or len(columns) < 8:
        return made_element(random, wall, side_px)
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Element("made", colour[window], coverage[window])


def _palette(random: Random, wall: NDArray[np.uint8]) -> Array:
    count = int(random.integers(2, 7))
    hue = np.column_stack([random.uniform(0, 180, count), random.uniform(10, 150, count), random.uniform(30, 245, count)])
    free = cv2.cvtColor(hue.astype(np.uint8)[None], cv2.COLOR_HSV2RGB)[0].astype(float)
    own = wall[random.integers(0, wall.shape[0], count), random.integers(0, wall.shape[1], count)].astype(float)
    pale = np.array([[226, 216, 196], [200, 196, 205], [120, 100, 75], [60, 50, 45], [70, 120, 105], [75, 95, 150]], float)
    kinds = random.choice(3, count, p=[0.3, 0.4, 0.3])
    return np.choose(kinds[:, None], [free, own, pale[random.integers(0, len(pale), count)]])


def _textured(colour: Array32, random: Random, wall: NDArray[np.uint8]) -> Array32:
    """Add blotches, grain, and sometimes the texture of another piece of wall: its cracks, or all of its picture."""
    side = colour.shape[0]
    out = colour.copy()
    for cells, strength in ((8, 14), (32, 12), (120, 10)):
        if random.random() < 0.6:
            noise = random.normal(0, random.uniform(0, strength), (cells, cells, 1 if random.random() < 0.7 else 3)).astype(
                np.float32
            )
            rough = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
            out += rough.reshape(side, side, -1)
    patch = _patch(wall, side, random)
    if random.random() < 0.5:
        fine = patch.mean(axis=2)
        fine = fine - cv2.GaussianBlur(fine, (0, 0), float(random.uniform(2, 8)))
        out += (random.uniform(0.3, 1.1) * np.clip(fine, -45, 45))[..., None]
    if random.random() < 0.15:
        out += random.uniform(0.3, 0.9) * (patch - patch.mean(axis=(0, 1)))
    if random.random() < 0.4:
        fleck = cv2.resize(random.random((side // 8, side // 8)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        out[fleck > random.uniform(0.75, 1.0)] = np.array([[205, 190, 165], [150, 120, 95], [80, 65, 55]])[random.integers(3)]
    if random.random() < 0.4:
        out += random.normal(0, random.uniform(2, 9), (side, side, 1)).astype(np.float32)
    return np.clip(out, 0, 255)


def _patch(wall: NDArray[np.uint8], side: int, random: Random) -> Array32:
    span = min(wall.shape[0], wall.shape[1], int(side * random.uniform(0.35, 0.8)))
    y, x = random.integers(0, wall.shape[0] - span + 1), random.integers(0, wall.shape[1] - span + 1)
    return cv2.resize(wall[y : y + span, x : x + span], (side, side), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _ragged(colour: Array32, coverage: Array32, random: Random) -> tuple[Array32, Array32]:
    side = colour.shape[0]
    cells = int(side / random.uniform(4, 24))
    moves = [
        cv2.resize(random.normal(0, random.uniform(0.3, 1.6) * FINE, (cells, cells)).astype(np.float32), (side, side))
        for _ in "xy"
    ]
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    x, y = x + moves[0], y + moves[1]
    moved = [np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR), dtype=np.float32) for values in (colour, coverage)]
    return moved[0], moved[1]


def _end(start: Array, reach: float, random: Random, turn: float | None = None) -> Array:
    angle = random.uniform(0, 2 * np.pi) if turn is None else turn
    return np.asarray(start + reach * np.array([np.cos(angle), np.sin(angle)]))


def _flower(sheet: Sheet, at: Array, radius: float, random: Random) -> None:
    colour = sheet.tint()
    count, first = int(random.integers(4, 9)), random.uniform(0, np.pi)
    for turn in first + np.linspace(0, random.choice([np.pi, 2 * np.pi]), count, endpoint=False):
        sheet.strip(
            curve(at, _end(at, radius, random, turn), random, 0.05, 10),
            radius * 0.36 * np.sin(np.linspace(0.35, 2.9, 10)),
            colour,
        )
    if random.random() < 0.6:
        sheet.fill(blob(at, 0.35 * radius, random))


def _leaf(sheet: Sheet, start: Array, end: Array, width: float, random: Random, colour: Array | None = None) -> None:
    way = curve(start, end, random, 0.18, 24)
    sheet.strip(way, 0.5 * width * np.sin(np.linspace(0.25, 3.1, 24)) ** random.uniform(0.6, 1.4), colour)


def _ribbons(sheet: Sheet, at: Array, random: Random, count: int) -> None:
    for _ in range(count):
        way = curve(at + random.normal(0, 0.03, 2), _end(at, random.uniform(0.2, 0.55), random), random, 0.3, 60)
        half = 0.5 * random.uniform(2.5, 11) * sheet.px * (1 + 0.3 * np.sin(np.linspace(0, random.uniform(3, 12), 60)))
        sheet.strip(way, half * np.linspace(1, random.uniform(0.4, 1.3), 60))


def _body(sheet: Sheet, random: Random) -> None:
    centre = np.array([0.5, 0.5]) + random.normal(0, 0.06, 2)
    if random.random() < 0.3:  # a halo, whole or as a ring
        head = _end(centre, 0.25, random, -np.pi / 2)
        sheet.fill(blob(head, random.uniform(0.07, 0.14), random, 1.0, 0))
    if random.random() < 0.6:
        _ribbons(sheet, centre, random, int(random.integers(1, 6)))
    colour = sheet.tint()
    size = random.uniform(0.09, 0.22)
    for _ in range(int(random.integers(0, 6))):
        start = centre + random.normal(0, 0.5 * size, 2)
        way = curve(start, _end(start, random.uniform(0.18, 0.42), random), random, 0.22, 30)
        wide, slim = random.uniform(6, 30), random.uniform(3, 10)
        sheet.strip(way, 0.5 * sheet.px * np.linspace(wide, slim, 30), colour if random.random() < 0.6 else None)
        if random.random() < 0.5:
            for _ in range(int(random.integers(2, 6))):
                sheet.line(curve(way[-1], _end(way[-1], random.uniform(0.02, 0.07), random), random, 0.2, 10), slim * 0.6, colour)
    for _ in range(int(random.integers(1, 5))):
        part = blob(centre + random.normal(0, 0.6 * size, 2), size * random.uniform(0.4, 1.1), random, random.uniform(0.4, 1.3))
        sheet.fill(part, colour if random.random() < 0.5 else None)
    if random.random() < 0.5:  # antlers, feathers, flames
        at = centre + random.normal(0, size, 2)
        for turn in random.uniform(0, 6.3) + np.linspace(-0.6, 0.6, int(random.integers(2, 8))):
            _leaf(sheet, at, _end(at, random.uniform(0.1, 0.35), random, turn), random.uniform(3, 16) * sheet.px, random)


def _plant(sheet: Sheet, random: Random) -> None:
    for _ in range(int(random.integers(1, 4))):
        root = np.array([random.uniform(0.25, 0.75), random.uniform(0.5, 0.85)])
        green = sheet.tint()
        for turn in np.linspace(-np.pi * 0.97, -0.03 * np.pi, int(random.integers(3, 16))):
            width = random.uniform(3, 16) * sheet.px
            _leaf(
                sheet,
                root,
                _end(root, random.uniform(0.12, 0.34), random, turn),
                width,
                random,
                green if random.random() < 0.7 else None,
            )
        if random.random() < 0.6:
            top = _end(root, random.uniform(0.2, 0.45), random, -np.pi / 2 + random.normal(0, 0.3))
            sheet.line(curve(root, top, random, 0.12), random.uniform(2, 8), green, 0.2)
            _flower(sheet, top, random.uniform(0.03, 0.1), random)


def _trail(sheet: Sheet, random: Random) -> None:
    way = curve(
        np.array([random.uniform(0, 0.3), random.uniform(0.1, 0.9)]),
        np.array([random.uniform(0.7, 1), random.uniform(0.1, 0.9)]),
        random,
        0.2,
    )
    count = int(random.integers(4, 13))
    size = random.uniform(0.016, 0.05)
    for at in way[np.linspace(0, len(way) - 1, count).astype(int)]:
        place = at + random.normal(0, 0.02, 2)
        for _ in range(int(random.integers(0, 4))):
            _leaf(sheet, place, _end(place, size * random.uniform(1, 2.6), random), random.uniform(3, 9) * sheet.px, random)
        if random.random() < 0.8:
            _flower(sheet, place, size * random.uniform(0.6, 1.5), random)


def _ornament(sheet: Sheet, random: Random) -> None:
    centre, radius, colour = np.array([0.5, 0.5]), random.uniform(0.12, 0.38), sheet.tint()
    if random.random() < 0.75:
        sheet.fill(blob(centre, radius * random.uniform(0.25, 0.7), random, random.uniform(0.6, 1.2)))
    count, size = int(random.integers(5, 18)), random.uniform(0.012, 0.04)
    for turn in np.linspace(0, 2 * np.pi, count, endpoint=False):
        at = _end(centre, radius * random.uniform(0.85, 1.1), random, turn)
        kind = random.integers(4)
        if kind == 0:
            _flower(sheet, at, size * 1.2, random)
        elif kind == 1:
            _leaf(sheet, at, _end(at, 3 * size, random, turn), size, random, colour)
        else:
            sheet.fill(blob(at, size, random, random.uniform(0.6, 1.4)), colour if random.random() < 0.7 else None)
        if random.random() < 0.4:
            sheet.line(curve(at, _end(at, 3 * size, random), random, 0.3, 16), random.uniform(1.5, 3), colour, 0.3, False)


def _building(sheet: Sheet, random: Random) -> None:
    left, right = random.uniform(0.05, 0.3), random.uniform(0.65, 0.95)
    floor = random.uniform(0.7, 0.95)
    top = random.uniform(0.15, 0.5)
    for x in np.linspace(left + 0.04, right - 0.04, int(random.integers(2, 6))):
        wide = random.uniform(0.01, 0.06)
        sheet.fill(np.array([[x - wide, top], [x + wide, top], [x + wide, floor], [x - wide, floor]]))
    if random.random() < 0.5:
        sheet.fill(np.array([[left, floor], [right, floor], [right + 0.03, floor + 0.05], [left - 0.03, floor + 0.05]]))
    for level in range(int(random.integers(1, 4))):
        y, inset = top - 0.1 * level, 0.06 * level
        a, b = left + inset, right - inset
        if b - a < 0.1:
            break
        eave = random.uniform(0.0, 0.06)
        sheet.fill(
            np.array(
                [
                    [a - 0.05, y - eave],
                    [a, y + 0.015],
                    [b, y + 0.015],
                    [b + 0.05, y - eave],
                    [b - 0.04, y - 0.08],
                    [a + 0.04, y - 0.08],
                ]
            )
        )


def _hills(sheet: Sheet, random: Random) -> None:
    base = random.uniform(0.6, 0.9)
    for _ in range(int(random.integers(2, 7))):
        at = np.array([random.uniform(0.15, 0.85), base])
        high, wide = random.uniform(0.1, 0.5), random.uniform(0.04, 0.16)
        along = np.linspace(-1, 1, 40)
        rise = high * np.exp(-(np.abs(along) ** random.uniform(1, 3)) * 2.2) * (1 + 0.08 * np.sin(random.uniform(5, 20) * along))
        sheet.fill(
            np.concatenate([np.column_stack([at[0] + wide * along, base - rise]), [[at[0] + wide, base], [at[0] - wide, base]]])
        )
    for _ in range(int(random.integers(0, 4))):
        root = np.array([random.uniform(0.2, 0.8), base])
        top = _end(root, random.uniform(0.15, 0.45), random, -np.pi / 2 + random.normal(0, 0.2))
        sheet.line(curve(root, top, random, 0.1), random.uniform(3, 12), None, 0.2)
        for _ in range(int(random.integers(1, 6))):
            sheet.fill(blob(top + random.normal(0, 0.05, 2), random.uniform(0.02, 0.07), random, random.uniform(0.4, 1), 8))


def _things(sheet: Sheet, random: Random) -> None:
    for _ in range(int(random.integers(1, 5))):
        at = random.uniform(0.2, 0.8, 2)
        kind = random.integers(4)
        if kind == 0:
            sheet.fill(blob(at, random.uniform(0.05, 0.2), random, random.uniform(0.3, 1.2), 8))
        elif kind == 1:
            _ribbons(sheet, at, random, 2)
        elif kind == 2:
            _flower(sheet, at, random.uniform(0.04, 0.16), random)
        else:
            sheet.line(curve(at, _end(at, random.uniform(0.2, 0.6), random), random, 0.02), random.uniform(4, 20), None, 0.1)


_KINDS: dict[str, Callable[[Sheet, Random], None]] = {
    "body": _body,
    "figure": _body,
    "plant": _plant,
    "trail": _trail,
    "ornament": _ornament,
    "building": _building,
    "hills": _hills,
    "things": _things,
}
