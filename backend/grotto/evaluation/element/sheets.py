"""Tiles of generated sheets cut out of a ground that is noisy, shaded and compressed, against their true outlines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract import ProblemError
from ...metrics import silhouette_iou
from ...scene import zero123plus_rig
from ...synthetic import photograph
from ...synthetic.objects import OBJECTS, make_object
from ...views import cut_tiles
from ..bench import Bench
from ..markdown import Heads, markdown_table

_GREY = 127  # Zero123++'s ground, sRGB bytes
_VIEW_PX, _ROWS, _COLUMNS = 320, 3, 2
_SHADE_NODES = 3  # of the random field of light along a side of a tile


@dataclass(frozen=True, kw_only=True)
class GroundCondition:
    """What is done to a sheet on even grey: noise (standard deviation) and shade (largest) in bytes, JPEG's quality or 0."""

    noise: float
    shade: float
    jpeg: int

    @property
    def label(self) -> str:
        words = [f"noise {self.noise:g}" if self.noise else "", f"shade {self.shade:g}" if self.shade else ""]
        return ", ".join(word for word in (*words, f"JPEG {self.jpeg}" if self.jpeg else "") if word) or "even grey"


CONDITIONS = (
    GroundCondition(noise=0, shade=0, jpeg=0),
    GroundCondition(noise=3, shade=6, jpeg=0),
    GroundCondition(noise=3, shade=6, jpeg=85),
)
SHEET_HEADS: Heads = (":sheet", *(part for condition in CONDITIONS for part in (condition.label, "least tile")))


def made_sheet(name: str, rig: str, seed: int, view_px: int = _VIEW_PX) -> NDArray[np.float32]:
    """Photograph a made object by a rig's six cameras as a sheet (3 v, 2 v, 4) of straight alpha."""
    views = photograph(make_object(name, seed), zero123plus_rig(rig, view_px), samples=1)
    alphas = [np.ones(view.colour.shape[:2], np.float32) if view.alpha is None else view.alpha for view in views]
    tiles = [np.dstack([view.colour, alpha]) for view, alpha in zip(views, alphas, strict=True)]
    rows = [np.concatenate(tiles[_COLUMNS * row : _COLUMNS * (row + 1)], axis=1) for row in range(_ROWS)]
    return np.concatenate(rows).astype(np.float32)


def on_generated_ground(sheet: NDArray[np.float32], condition: GroundCondition, seed: int) -> NDArray[np.float32]:
    """A sheet (h, w, 4) as opaque colours (h, w, 3) over grey with noise, with light that varies over each tile, compressed."""
    random = np.random.default_rng(seed)
    alpha = sheet[..., 3:]
    values = (sheet[..., :3] * alpha + (1 - alpha) * _GREY / 255) * 255
    height, width = sheet.shape[0] // _ROWS, sheet.shape[1] // _COLUMNS
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            nodes = random.normal(size=(_SHADE_NODES, _SHADE_NODES)).astype(np.float32)
            field = cv2.resize(nodes, (width, height), interpolation=cv2.INTER_CUBIC)
            field -= field.mean()
            tile = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
            values[tile] += condition.shade * field[..., None] / np.abs(field).max()
    values = np.clip(values + random.normal(0, 1, values.shape) * condition.noise + 0.5, 0, 255).astype(np.uint8)
    if condition.jpeg:
        written = cv2.imencode(".jpg", values[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, condition.jpeg])[1]
        values = np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR))[..., ::-1]
    return np.ascontiguousarray(values, np.float32) / np.float32(255)


def sheet_iou(sheet: NDArray[np.float32], condition: GroundCondition, seed: int) -> tuple[float, float]:
    """IoU of a sheet's cut with its true alpha, over all tiles, and that of the worst tile; 0 where the sheet is refused."""
    spoilt = on_generated_ground(sheet, condition, seed)
    try:
        cut, _ = cut_tiles(np.dstack([spoilt, np.ones(spoilt.shape[:2], np.float32)]).astype(np.float32))
    except ProblemError:
        return 0.0, 0.0
    return silhouette_iou(cut[..., 3], sheet[..., 3]), min(_tile_ious(cut[..., 3], sheet[..., 3]))


def _tile_ious(found: NDArray[np.float32], truth: NDArray[np.float32]) -> list[float]:
    halves = [(one, other) for one, other in zip(np.split(found, _ROWS), np.split(truth, _ROWS), strict=True)]
    return [
        silhouette_iou(left, right)
        for one, other in halves
        for left, right in zip(np.split(one, _COLUMNS, axis=1), np.split(other, _COLUMNS, axis=1), strict=True)
    ]


def run(
    out: Path, sheets: tuple[Path, ...] = (), objects: tuple[str, ...] = tuple(OBJECTS), rig: str = "v1.1", seed: int = 0
) -> str:
    """Cut made objects and given sheets out of grounds of three kinds, write sheets.md, and return the table.

    Args:
        out: the folder of the table, and of a picture of each sheet's last cut
        sheets: RGBA pictures of three rows of two tiles, whose alpha is the truth
        objects: which made objects
        rig: of the made objects' six cameras
        seed: of objects, noise and light
    """
    out.mkdir(parents=True, exist_ok=True)
    truths = {name: made_sheet(name, rig, seed) for name in objects}
    for path in sheets:
        with Image.open(path) as picture:
            truths[path.stem] = np.asarray(picture.convert("RGBA"), np.float32) / np.float32(255)
    rows = []
    for number, (name, sheet) in enumerate(truths.items()):
        scores = [sheet_iou(sheet, condition, seed + number) for condition in CONDITIONS]
        rows.append([name, *(f"{value:.3f}" for pair in scores for value in pair)])
        _write_picture(out / f"{name}.png", on_generated_ground(sheet, CONDITIONS[-1], seed + number))
    text = markdown_table(SHEET_HEADS, rows)
    (out / "sheets.md").write_text(text, encoding="utf-8")
    return text


def _write_picture(path: Path, spoilt: NDArray[np.float32]) -> None:
    """The sheet as it was given, and its cut over white."""
    try:
        cut, _ = cut_tiles(np.dstack([spoilt, np.ones(spoilt.shape[:2], np.float32)]).astype(np.float32))
    except ProblemError:
        cut = np.zeros((*spoilt.shape[:2], 4), np.float32)
    shown = spoilt * cut[..., 3:] + np.array([1, 0.3, 1], np.float32) * (1 - cut[..., 3:])
    Image.fromarray((np.concatenate([spoilt, shown], axis=1) * 255 + 0.5).astype(np.uint8)).save(path)


BENCH = Bench(name="element.sheets", title="Tiles of generated sheets", run=run, tables=(SHEET_HEADS,))
