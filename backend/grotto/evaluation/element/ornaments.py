"""Intricate ornaments, drawn: what a whole relief job of each costs, and what it becomes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..bench import Bench
from ..markdown import Heads, markdown_table
from .jobs import relief_job

Bytes = NDArray[np.uint8]
Points = NDArray[np.float64]

SIDE_PX = 800
_FINE = 3  # samples a pixel along each axis
_INK = (46, 74, 132)
ORNAMENT_HEADS: Heads = (":ornament", "CPU-s", "faces", "components", "relief error", "PSNR dB", "SSIM")


def draw_ornament(number: int, side_px: int = SIDE_PX) -> Bytes:
    """An ornament (h, w, 3) on white: rosettes, scrolls, lattices, trails or scattered parts, by its number from 0."""
    random = np.random.default_rng([7, number])
    mask = np.zeros((_FINE * side_px, _FINE * side_px), np.uint8)
    _KINDS[number % len(_KINDS)](mask, random)
    alpha = cv2.resize(mask, (side_px, side_px), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    y, x = np.mgrid[:side_px, :side_px] / side_px
    lines = 0.75 + 0.25 * np.sin(70 * x + 9 * np.sin(23 * y) + number)
    return (255 * (1 - alpha) + alpha * np.array(_INK) * lines[..., None] + 0.5).astype(np.uint8)


def _rosette(mask: Bytes, random: np.random.Generator) -> None:
    """Petals with holes round a ring."""
    side = len(mask)
    petals = int(random.integers(14, 22))
    y, x = np.mgrid[:side, :side] / side - 0.5
    away, angle = np.hypot(x, y), np.arctan2(y, x)
    wave = np.cos(petals * angle)
    body = away < 0.34 + 0.1 * wave
    holes = ((away > 0.2) & (away < 0.34) & (wave > 0.55)) | ((away > 0.1) & (away < 0.16) & (np.cos(9 * angle) > 0.1))
    mask[body & ~holes & (away > 0.05)] = 255


def _scrolls(mask: Bytes, random: np.random.Generator) -> None:
    """Spirals that grow out of a wave, with leaves."""
    side = len(mask)
    t = np.linspace(0, 1, 400)
    _stroke(mask, np.stack([0.06 + 0.88 * t, 0.5 + 0.06 * np.sin(14 * t)], axis=1), side / 60)
    for place in np.linspace(0.12, 0.88, 9):
        turn = 1 if random.random() < 0.5 else -1
        angle = np.linspace(0, 4.2 * np.pi, 300)
        reach = 0.15 * (1 - angle / angle[-1]) ** 0.8 + 0.012
        centre = np.array([place, 0.5 + turn * 0.2])
        spiral = centre + np.stack([reach * np.cos(angle), turn * reach * np.sin(angle)], axis=1)
        _stroke(mask, spiral, side / 130)
        for leaf in range(0, 200, 24):
            _leaf(mask, spiral[leaf], float(angle[leaf] + random.normal(0, 0.3)), 0.035)


def _lattice(mask: Bytes, random: np.random.Generator) -> None:
    """Open work: a disc with rows of holes."""
    side = len(mask)
    cv2.circle(mask, (side // 2, side // 2), round(0.46 * side), 255, -1)
    step = random.uniform(0.058, 0.07)
    for row in np.arange(0.09, 0.92, step):
        for column in np.arange(0.09, 0.92, step):
            if np.hypot(row - 0.5, column - 0.5) < 0.41:
                hole = round(0.34 * step * side), round(random.uniform(0.24, 0.36) * step * side)
                cv2.ellipse(mask, (round(column * side), round(row * side)), hole, 45.0, 0, 360, 0, -1)


def _trails(mask: Bytes, random: np.random.Generator) -> None:
    """Long ribbons that cross, with tassels."""
    side = len(mask)
    t = np.linspace(0, 1, 500)
    for _ in range(9):
        phase, waves = random.uniform(0, 6, 3), random.uniform(4, 11, 2)
        x = 0.5 + 0.42 * np.sin(waves[0] * t + phase[0]) * (0.4 + 0.6 * t)
        _stroke(mask, np.stack([x, 0.06 + 0.86 * t + 0.03 * np.sin(waves[1] * t + phase[1])], axis=1), side / 110)
        for along in range(40, 480, 44):
            _leaf(mask, np.array([x[along], 0.06 + 0.86 * t[along]]), float(random.uniform(0, 6.28)), 0.028)


def _parts(mask: Bytes, random: np.random.Generator) -> None:
    """Many separate flowers and beads in a ring."""
    for number in range(46):
        angle, away = number * 2.399, 0.07 + 0.37 * np.sqrt(number / 46)
        centre = 0.5 + away * np.array([np.cos(angle), np.sin(angle)])
        for petal in range(5):
            _leaf(mask, centre, angle + petal * 1.2566, float(random.uniform(0.024, 0.032)))


_KINDS: tuple[Callable[[Bytes, np.random.Generator], None], ...] = (_rosette, _scrolls, _lattice, _trails, _parts)


def _stroke(mask: Bytes, places: Points, width: float) -> None:
    """A line of that width in fine pixels through places (n, 2), 0 to 1."""
    cv2.polylines(mask, [np.rint(places * len(mask)).astype(np.int32)], False, 255, max(1, round(width)))


def _leaf(mask: Bytes, root: Points, angle: float, length: float) -> None:
    """A pointed leaf from its root."""
    t = np.linspace(0, 1, 20)
    half = 0.28 * length * np.sin(np.pi * t) ** 0.8
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    middle = root + t[:, None] * length * along
    edge = np.concatenate([middle + half[:, None] * across, (middle - half[:, None] * across)[::-1]])
    cv2.fillPoly(mask, [np.rint(edge * len(mask)).astype(np.int32)], 255)


def run(out: Path, first: int = 0, count: int = 10) -> str:
    """Run the whole job of drawn ornaments of 800 px with default options, write ornaments.md, and return the table.

    CPU seconds are those of the job's own process from its start, its imports included, and numba's compilation where its cache
    is empty.

    Args:
        out: the folder of pictures, jobs and table
        first: number of the first ornament
        count: how many
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(first, first + count):
        picture, job = out / f"ornament_{number}.png", out / f"ornament_{number}"
        Image.fromarray(draw_ornament(number)).save(picture)
        shutil.rmtree(job, ignore_errors=True)
        began = _cpu_s()
        result = relief_job(picture, {}, job)
        rows.append(_row(picture.stem, _cpu_s() - began, result["facts"]))
    text = markdown_table(ORNAMENT_HEADS, rows)
    (out / "ornaments.md").write_text(text, encoding="utf-8")
    return text


def _cpu_s() -> float:
    """Processor time of this process and of its children, in seconds."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _row(name: str, cpu_s: float, facts: Mapping[str, Any]) -> list[str]:
    scores = facts["relief_error_p95"], facts["input_view_psnr_db"], facts["input_view_ssim"]
    formats = "{:.5f}", "{:.2f}", "{:.4f}"
    written = [form.format(value) for form, value in zip(formats, scores, strict=True)]
    return [name, f"{cpu_s:.1f}", str(facts["faces"]), str(facts["components"]), *written]


BENCH = Bench(name="element.ornaments", title="Intricate ornaments", run=run, tables=(ORNAMENT_HEADS,))
