"""Age: the painter's unsteady hand, fading, wear, flaking, cracks, soot, water runs and the grain of plaster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...contract.options import MakeWallOptions
from ..parallel import in_parallel
from . import palette
from .cracks import Cracks, make_cracks
from .noise import COARSE, Array32, Tile, octaves, soft_noise, tiles

Picture = NDArray[np.uint8]

TILE = 1536
REACH = 24  # pixels that a tile looks beyond its border


@dataclass(frozen=True)
class Age:
    """What time did to the wall. Patterns are coarse, of unit spread; the rest says how strongly they work."""

    drift_x: Array32  # of the painter's hand
    drift_y: Array32
    tone: Array32
    wear: Array32
    flaking: Array32
    loss: Array32
    soot: Array32  # 0 to 1
    runs: Array32
    broken: Array32  # where the paint is cracked
    relief_mm: Array32 | None
    cracks: Cracks
    splits: Cracks
    mm_per_texel: float
    fade: float
    grain: float


def age(
    painting: Picture,
    mm_per_texel: float,
    options: MakeWallOptions,
    relief_mm: Array32 | None,
    rng: np.random.Generator,
    report: Callable[[float, str], None],
) -> Picture:
    """The painting (h, w, 3), sRGB, after a thousand years."""
    height, width = painting.shape[:2]
    state = _state(width, height, mm_per_texel, options, relief_mm, rng)
    aged = np.empty_like(painting)
    parts = tiles(width, height, TILE)
    seeds = rng.integers(2**63, size=len(parts))

    def work(index: int) -> None:
        tile = parts[index]
        part = _age_tile(painting, state, tile, np.random.default_rng(seeds[index]))
        aged[tile.top : tile.top + tile.height, tile.left : tile.left + tile.width] = part

    for done in in_parallel(work, len(parts)):
        report(done / len(parts), "Ageing")
    return aged


def _state(
    width: int, height: int, mm_per_texel: float, options: MakeWallOptions, relief_mm: Array32 | None, rng: np.random.Generator
) -> Age:
    shape = (height // COARSE + 2, width // COARSE + 2)
    mm = mm_per_texel * COARSE
    fade = 0.6 + 0.4 * options.fade if options.style == "faded" else options.fade
    down = np.linspace(0.0, 1.0, shape[0], dtype=np.float32)[:, None]
    soot = 0.5 * np.clip(octaves(shape, 600 / mm, 5, rng) + 1.2 - 3.0 * down, 0, 2)
    return Age(
        drift_x=octaves(shape, 40 / mm, 3, rng),
        drift_y=octaves(shape, 40 / mm, 3, rng),
        tone=octaves(shape, 700 / mm, 5, rng),
        wear=octaves(shape, 260 / mm, 6, rng),
        flaking=octaves(shape, 60 / mm, 5, rng, persistence=0.75),
        loss=octaves(shape, 170 / mm, 6, rng),
        soot=soot.astype(np.float32),
        runs=octaves(shape, 22 / mm, 3, rng, stretch=40.0),
        broken=octaves(shape, 400 / mm, 4, rng),
        relief_mm=relief_mm,
        mm_per_texel=mm_per_texel,
        fade=fade,
        grain=options.grain,
        cracks=make_cracks(width, height, max(8.0, 11.0 / mm_per_texel), 0.85, rng),
        splits=make_cracks(width, height, max(40.0, 420.0 / mm_per_texel), 0.7, rng),
    )


def _age_tile(painting: Picture, state: Age, tile: Tile, rng: np.random.Generator) -> Picture:
    shape = (tile.height, tile.width)
    paint = _by_hand(painting, state, tile)
    grain, fade = np.float32(state.grain), np.float32(state.fade)
    fine, soft = rng.standard_normal(shape, dtype=np.float32), soft_noise(shape, 1.5, 1.5, rng)
    blotch = soft_noise(shape, 6.0, 4.0, rng)
    wear, plaster = tile.of(state.wear), _plaster(state, tile, soft, fine)

    # Pigment: uneven when laid on, paler and greyer since.
    paint *= (1 + 0.025 * blotch + (0.015 + 0.03 * grain) * soft)[..., None]
    grey = paint.mean(-1, keepdims=True) * _tone((1.02, 1.0, 0.94))
    paint += 0.45 * fade * (grey - paint)
    thin = np.clip(0.06 + 0.75 * fade * (0.55 + 0.4 * wear) + 0.12 * grain * (soft + blotch) * (0.5 + fade), 0, 0.93)
    _cover(paint, plaster, thin)

    # Small flakes: thick blues and greens let go first.
    thick = np.clip((paint[..., 1] + paint[..., 2] - 1.8 * paint[..., 0]) / 60, -0.3, 1.0)
    flakes = tile.of(state.flaking) + 0.55 * wear + 0.45 * soft * (0.4 + 0.6 * grain) + 0.35 * thick
    _cover(paint, plaster * 1.04, _edge(flakes - (2.65 - 1.5 * fade), 4.0) * 0.85)
    _crack(paint, state, tile, wear)
    _break_away(paint, state, tile, soft, fine)
    _soil(paint, state, tile)

    paint *= (1 + 0.05 * tile.of(state.tone) + grain * (0.022 * fine + 0.02 * soft))[..., None]
    if state.relief_mm is not None:
        paint *= _raking_light(state.relief_mm, state, tile)[..., None]
    return np.clip(paint, 0, 255).astype(np.uint8)


def _by_hand(painting: Picture, state: Age, tile: Tile) -> Array32:
    """The tile as drawn by a hand that strays about half a millimetre."""
    stray = np.float32(0.55 / state.mm_per_texel)
    x = np.arange(tile.width, dtype=np.float32)[None, :] + np.clip(stray * tile.of(state.drift_x), -REACH, REACH)
    y = np.arange(tile.height, dtype=np.float32)[:, None] + np.clip(stray * tile.of(state.drift_y), -REACH, REACH)
    left, top = max(0, tile.left - REACH), max(0, tile.top - REACH)
    part = painting[top : tile.top + tile.height + REACH, left : tile.left + tile.width + REACH]
    x, y = x + np.float32(tile.left - left), y + np.float32(tile.top - top)
    return cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


def _plaster(state: Age, tile: Tile, soft: Array32, fine: Array32) -> Array32:
    tint = 1 + 0.05 * tile.of(state.tone) + state.grain * (0.03 * soft + 0.02 * fine)
    plaster: Array32 = _tone(palette.PLASTER) * tint.astype(np.float32)[..., None]
    return plaster


def _crack(paint: Array32, state: Age, tile: Tile, wear: Array32) -> None:
    """Fine cracks where the paint is broken, with a light rim below; a few splits through the wall."""
    broken = np.clip(0.7 * tile.of(state.broken) + 0.3 * wear + 0.25 + 0.5 * state.fade, 0, 1.2) * (0.2 + 0.8 * state.grain)
    bent = _wandering(state.cracks.drawn(tile, REACH), state, tile, 2.2)
    cracks = cv2.GaussianBlur(bent, (0, 0), 0.6) * broken
    rim = np.roll(cracks, (2, 1), axis=(0, 1))
    paint *= (1 - 0.5 * cracks + 0.16 * np.clip(rim - cracks, 0, 1))[..., None]
    splits = _wandering(state.splits.drawn(tile, REACH), state, tile, 6.0)
    wide = cv2.GaussianBlur(cv2.dilate(splits, np.ones((2, 2), np.uint8)), (0, 0), 0.9)
    _cover(paint, _tone((72, 56, 44)), 0.8 * wide * _edge(wear + 0.4 * tile.of(state.tone) - 0.1, 1.5))


def _wandering(borders: Array32, state: Age, tile: Tile, mm: float) -> Array32:
    """Straight borders bent by the drift pattern: (h, w) from one widened by REACH."""
    reach = min(REACH - 1.0, mm / state.mm_per_texel)
    bend = np.float32(0.6 * reach)
    x = np.arange(tile.width, dtype=np.float32)[None, :] + REACH + np.clip(bend * tile.of(state.drift_y), -reach, reach)
    y = np.arange(tile.height, dtype=np.float32)[:, None] + REACH + np.clip(bend * tile.of(state.drift_x), -reach, reach)
    return np.asarray(cv2.remap(borders, x, y, cv2.INTER_LINEAR), dtype=np.float32)


def _break_away(paint: Array32, state: Age, tile: Tile, soft: Array32, fine: Array32) -> None:
    """Where the plaster itself is gone: first its white skin, then the clay beneath, with lit and shaded edges."""
    depth = tile.of(state.loss) + 0.12 * tile.of(state.flaking) + 0.05 * soft
    limit = 2.35 - 0.75 * state.fade
    skin = _edge(depth - limit + 0.16, 14.0)
    clay = _edge(depth - limit, 14.0)
    straw = _straw(soft)
    ground = _tone(palette.CLAY) * (1 + 0.07 * straw + 0.05 * soft + 0.03 * fine + 0.06 * tile.of(state.tone))[..., None]
    _cover(paint, _tone(palette.PLASTER) * (1.06 + 0.03 * soft)[..., None], skin)
    _cover(paint, ground, clay)
    step = max(1, round(1.1 / state.mm_per_texel))
    shadow = np.clip(clay - np.roll(clay, (step, step), axis=(0, 1)), -1, 1)
    paint *= (1 - 0.4 * np.clip(shadow, 0, 1) + 0.12 * np.clip(-shadow, 0, 1))[..., None]


def _straw(soft: Array32) -> Array32:
    """Straw in clay: noise drawn out along two slants, from noise that is there already."""
    kernel = np.zeros((25, 25), np.float32)
    cv2.line(kernel, (2, 18), (22, 6), 1.0)
    one = cv2.filter2D(soft, -1, kernel / np.sqrt(kernel.sum()))
    two = cv2.filter2D(soft, -1, kernel[:, ::-1] / np.sqrt(kernel.sum()))
    return np.asarray(np.maximum(one, two), dtype=np.float32) * np.float32(0.4)


def _soil(paint: Array32, state: Age, tile: Tile) -> None:
    """Soot from above, and runs of water, pale with salt or brown with mud."""
    soot = np.clip(tile.of(state.soot), 0, 1) * np.float32(0.34)
    paint *= 1 - soot[..., None] * _tone((0.75, 0.9, 1.0))
    runs = tile.of(state.runs) * np.clip(0.5 + tile.of(state.tone), 0, 1.5)
    _cover(paint, _tone((206, 190, 162)), np.clip(0.22 * (runs - 1.2), 0, 0.4))
    _cover(paint, _tone((112, 86, 62)), np.clip(0.2 * (-runs - 1.2), 0, 0.35))


def _raking_light(relief_mm: Array32, state: Age, tile: Tile) -> Array32:
    """Light from the upper left grazing the bumps: brightness (h, w) around 1."""
    height = tile.of(relief_mm, state.wear.shape[1] * COARSE / relief_mm.shape[1])
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / np.float32(8 * state.mm_per_texel)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / np.float32(8 * state.mm_per_texel)
    return np.clip(1 + 0.5 * cv2.GaussianBlur(slope_x + slope_y, (0, 0), 2.0), 0.75, 1.2).astype(np.float32)


def _tone(colour: tuple[float, float, float]) -> Array32:
    return np.array(colour, dtype=np.float32)


def _cover(paint: Array32, colour: Array32, part: NDArray[np.floating]) -> None:
    """Lay `colour` over the paint, `part` of it (h, w)."""
    paint += part[..., None] * (colour - paint)


def _edge(values: NDArray[np.floating], steepness: float) -> Array32:
    """0 below zero, 1 above, with a ramp of 1 / steepness."""
    return np.clip(0.5 + np.float32(steepness) * values, 0, 1)
