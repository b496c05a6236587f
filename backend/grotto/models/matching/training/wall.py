"""Walls to train on: the product's own painter, and on some of them painted patches that look like no style of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ....contract.options import MakeWallOptions
from ....synthetic.painting import paint

Picture = NDArray[np.uint8]
WALL_PX = 2400
STYLES = ("thousand", "mixed", "thousand", "faded", "thousand")  # narrative is kept for the evaluation
PATCHED = 0.5  # share of walls with patches


def training_wall(seed: int, number: int, side_px: int) -> Picture:
    """Paint wall `number`: grey, (side_px, side_px)."""
    random = np.random.default_rng([seed, number, 1])
    options = MakeWallOptions(
        style=STYLES[number % len(STYLES)],
        seed=int(random.integers(2**31)),
        grain=float(random.uniform(0.05, 0.7)),
        fade=float(random.uniform(0.1, 0.6)),
    )
    wall = paint(side_px, side_px, float(random.uniform(0.5, 0.8)), options, None, _silent)
    grey = np.asarray(cv2.cvtColor(wall, cv2.COLOR_RGB2GRAY), np.uint8)
    if random.random() < PATCHED:
        for _ in range(int(random.integers(6, 15))):
            _lay_patch(grey, random)
    return grey


def _silent(fraction: float, message: str = "") -> None:
    """Ignore the painter's progress: a wall takes seconds."""


def _lay_patch(wall: Picture, random: np.random.Generator) -> None:
    side = int(random.uniform(0.1, 0.28) * wall.shape[0])
    patch, outline = _brushwork(side, random), _blob(side, random)
    top, left = (int(random.integers(0, size - side)) for size in wall.shape)
    part = wall[top : top + side, left : left + side]
    part[:] = np.round(part + 0.92 * outline * (patch - part.astype(np.float32))).clip(0, 255).astype(np.uint8)


def _brushwork(side: int, random: np.random.Generator) -> NDArray[np.float32]:
    """A grey painting (side, side): flat areas with outlines, strokes over them, and a wash."""
    coarse = _noise(side, random.uniform(0.06, 0.2) * side, random)
    steps = int(random.integers(3, 8))
    areas = np.floor((coarse - coarse.min()) / np.ptp(coarse) * steps)
    tones = random.uniform(40, 225, steps + 1).astype(np.float32)
    painting = tones[areas.astype(int)]
    edges = cv2.morphologyEx(areas.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    painting[edges] = random.uniform(20, 235)
    for _ in range(int(random.integers(20, 90))):
        start = random.uniform(0, side, 2)
        bend = np.cumsum(random.normal(0, 0.25, 12)) + random.uniform(0, 2 * np.pi)
        step = random.uniform(0.005, 0.03) * side
        line = start + np.cumsum(step * np.column_stack([np.cos(bend), np.sin(bend)]), axis=0)
        points = np.round(line * 16).astype(np.int32)
        cv2.polylines(painting, [points], False, (float(random.uniform(15, 240)),), int(random.integers(1, 5)), cv2.LINE_AA, 4)
    wash = 18 * _noise(side, random.uniform(0.02, 0.1) * side, random)
    fibre = random.uniform(1, 6) * random.standard_normal((side, side)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(painting + wash, (0, 0), random.uniform(0.5, 1.2)) + fibre, np.float32)


def _blob(side: int, random: np.random.Generator) -> NDArray[np.float32]:
    """A soft outline: 1 inside, 0 outside, (side, side)."""
    y, x = np.mgrid[:side, :side] / side * 2 - 1
    field = 0.75 - np.hypot(x, y) + 0.18 * _noise(side, 0.12 * side, random)
    return np.asarray(np.clip(field * side / 6, 0, 1), np.float32)


def _noise(side: int, wavelength_px: float, random: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise of about unit spread."""
    count = max(4, round(side / wavelength_px) + 3)
    small = random.standard_normal((count, count)).astype(np.float32)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
