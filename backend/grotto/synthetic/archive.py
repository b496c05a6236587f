"""Archive pictures of one flat painting: wide ones and details of any size and scale, each with its own crop, cast and grain.

The truth of a picture is the map from the painting's pixels to its own: a homography, then radial distortion about the middle
of the uncropped picture.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract import Progress, bad_input
from ..contract.options import MakeWallOptions
from .painting import paint

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
TRUTH_FILE = "archive.json"
PAINTING_MM = 0.6  # of a pixel
FINEST = 1.7  # px of a picture in one of the painting: a little softer than a photo


@dataclass(frozen=True, kw_only=True)
class ArchiveSet:
    """What to make."""

    seed: int
    wide: int = 2  # pictures of much of the wall, 1 to 4
    details: int = 6
    style: str = "mixed"
    least_ratio: float = 1.5  # of a detail's scale to a wide picture's
    most_ratio: float = 8.0
    painting: tuple[int, int] = (4000, 2500)  # px
    wide_px: tuple[int, int] = (600, 820)  # longer side of wide pictures, least and most
    detail_px: tuple[int, int] = (420, 900)


@dataclass(frozen=True, kw_only=True)
class ArchivePicture:
    """The truth of one picture."""

    name: str
    width: int
    height: int
    kind: str  # "wide" or "detail"
    picture_from_painting: tuple[tuple[float, ...], ...]  # (3, 3) to px, without distortion; pixel centres at .5
    centre: tuple[float, float]  # of distortion, px of the picture
    unit: float  # px that are 1 in the distortion's radius
    radial: float

    def project(self, places: Array) -> Array:
        """Px (n, 2) of places of the painting (n, 2); NaN where no ray leads: behind the camera, and where distortion folds back.

        A detail's lens bends places far off on the wall into the picture again, which shows none of them.
        """
        found = np.column_stack([places, np.ones(len(places))]) @ np.array(self.picture_from_painting).T
        with np.errstate(divide="ignore", invalid="ignore"):
            about = (found[:, :2] / found[:, 2:] - self.centre) / self.unit
        square = np.sum(about**2, axis=1, keepdims=True)
        seen = (found[:, 2:] > 0) & (1 + 3 * self.radial * square > 0)
        about = np.where(seen, about * (1 + self.radial * square), np.nan)
        return np.asarray(about * self.unit + self.centre, np.float64)

    def locate(self, px: Array) -> Array:
        """Places of the painting (n, 2) that the picture shows at px (n, 2)."""
        shown = (px - self.centre) / self.unit
        flat = shown.copy()
        for _ in range(20):
            flat = shown / (1 + self.radial * np.sum(flat**2, axis=1, keepdims=True))
        flat = flat * self.unit + self.centre
        found = np.column_stack([flat, np.ones(len(flat))]) @ np.linalg.inv(np.array(self.picture_from_painting)).T
        return np.asarray(found[:, :2] / found[:, 2:], np.float64)

    @property
    def scale(self) -> float:
        """Px of the picture in one of the painting, at its middle."""
        middle = self.locate(np.array([[self.width / 2, self.height / 2], [self.width / 2 + 1, self.height / 2]]))
        return float(1 / np.linalg.norm(middle[1] - middle[0]))


def make_archive(out: Path, options: ArchiveSet, figures: Sequence[Picture], report: Progress) -> list[ArchivePicture]:
    """Paint a wall, lay the figures (h, w, 4) on it, and write `out`/pictures and the truth; replaces nothing.

    Raises bad input where the folder is not empty.
    """
    folder = out / "pictures"
    if folder.exists() and any(folder.iterdir()):
        raise bad_input(f"{folder} is not empty", "choose an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([options.seed, 40])
    width, height = options.painting
    painted = MakeWallOptions(style=options.style, seed=options.seed)
    wall = paint(width, height, PAINTING_MM, painted, None, report)
    lay_figures(wall, figures, random)
    pictures = plan_archive(options, random)
    levels = _pyramid(wall)
    for number, picture in enumerate(pictures):
        report(number / len(pictures), f"picture {number + 1} of {len(pictures)}")
        grain = np.random.default_rng([options.seed, 41, number])
        quality = int(grain.integers(70, 93))
        Image.fromarray(aged(take(levels, picture), grain)).save(folder / picture.name, quality=quality)
    text = json.dumps([dataclasses.asdict(picture) for picture in pictures], indent=1)
    (out / TRUTH_FILE).write_text(text + "\n", encoding="utf-8")
    return pictures


def read_archive(out: Path) -> list[ArchivePicture]:
    """The truth that `make_archive` wrote."""
    kept = json.loads((out / TRUTH_FILE).read_text(encoding="utf-8"))
    return [
        ArchivePicture(
            **{
                **picture,
                "picture_from_painting": tuple(tuple(row) for row in picture["picture_from_painting"]),
                "centre": tuple(picture["centre"]),
            }
        )
        for picture in kept
    ]


def lay_figures(wall: Picture, figures: Sequence[Picture], random: np.random.Generator) -> None:
    """Paint figures (h, w, 4) onto the wall (h, w, 3) at random places and sizes, as if worn: a tenth of the wall shows."""
    for figure in figures:
        size = int(random.uniform(0.14, 0.3) * wall.shape[0])
        factor = size / max(figure.shape[:2])
        small = cv2.resize(figure, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        top = int(random.integers(0, wall.shape[0] - small.shape[0]))
        left = int(random.integers(0, wall.shape[1] - small.shape[1]))
        part = wall[top : top + small.shape[0], left : left + small.shape[1]]
        opacity = 0.9 * small[..., 3:].astype(np.float32) / 255
        part[:] = np.round(part * (1 - opacity) + small[..., :3] * opacity).astype(np.uint8)


def plan_archive(options: ArchiveSet, random: np.random.Generator) -> list[ArchivePicture]:
    """Wide pictures side by side that overlap by a sixth or more, and details about places of the wall."""
    width, height = options.painting
    count = options.wide
    shown = min(0.97, 1.25 / count + 0.12) * width  # of the wall's width in each
    lefts = np.linspace(0.01 * width, 0.99 * width - shown, count) if count > 1 else np.array([0.015 * width])
    pictures = []
    for number, left in enumerate(lefts):
        longest = random.integers(*options.wide_px)
        tall = random.uniform(0.8, 0.96) * height
        middle = np.array([left + shown / 2, height / 2 + random.uniform(-0.02, 0.02) * height])
        extent = np.array([shown, tall]) * random.uniform(0.94, 1.0, 2)
        scale = float(longest / extent.max())
        pictures.append(_picture(f"plate_{number + 1}.jpg", "wide", middle, extent, scale, random))
    usual = float(np.median([picture.scale for picture in pictures]))
    for number in range(options.details):
        span = np.log([options.least_ratio, options.most_ratio])
        part = (number + random.uniform(0, 1)) / max(options.details, 1)
        scale = min(usual * float(np.exp(span[0] + part * (span[1] - span[0]))), FINEST)
        longest = random.integers(*options.detail_px)
        extent = longest / scale * np.array([1.0, random.uniform(0.6, 1.0)])
        extent = extent[:: random.choice([-1, 1])]
        extent = np.minimum(extent, (0.8 * width, 0.8 * height))
        reach = np.maximum(0.5 * extent - 0.02 * width, 0)
        middle = np.array([random.uniform(reach[0], width - reach[0]), random.uniform(reach[1], height - reach[1])])
        pictures.append(_picture(f"detail_{number + 1:02d}.jpg", "detail", middle, extent, scale, random))
    return pictures


def _picture(name: str, kind: str, middle: Array, extent: Array, scale: float, random: np.random.Generator) -> ArchivePicture:
    """A picture of this extent of the wall (px of the painting) by a camera turned a little, cropped, and scaled."""
    whole = extent * random.uniform(1.0, 1.25, 2)  # what the camera saw before the crop
    distance = random.uniform(1.1, 2.0) * float(np.hypot(*whole))
    turned_deg = [random.normal(0, 3), random.normal(0, 3), random.normal(0, 1.2)]
    pitch, yaw, roll = np.radians(turned_deg)
    turn = cv2.Rodrigues(np.array([pitch, 0, 0.0]))[0] @ cv2.Rodrigues(np.array([0, yaw, 0.0]))[0]
    turn = cv2.Rodrigues(np.array([0, 0, roll]))[0] @ turn
    focal = scale * distance
    seen = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 0.0]])
    plane = turn @ (seen + np.array([[0, 0, 0], [0, 0, 0], [0, 0, distance]]))
    plane = np.diag([focal, focal, 1.0]) @ plane
    centre = plane @ np.append(middle, 1.0)
    offset = random.uniform(-0.5, 0.5, 2) * (whole - extent) * scale  # of the crop
    size = np.maximum(np.round(extent * scale), 64).astype(int)
    shift = size / 2 + offset - centre[:2] / centre[2]
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]]) @ plane
    matrix /= matrix[2] @ np.append(middle, 1.0)
    unit = float(np.hypot(*(whole * scale))) / 2
    return ArchivePicture(
        name=name,
        width=int(size[0]),
        height=int(size[1]),
        kind=kind,
        picture_from_painting=tuple(tuple(float(value) for value in row) for row in matrix),
        centre=(float(size[0] / 2 + offset[0]), float(size[1] / 2 + offset[1])),
        unit=unit,
        radial=float(random.normal(0, 0.006)),
    )


def _pyramid(wall: Picture) -> list[Picture]:
    levels = [wall]
    while min(levels[-1].shape[:2]) > 300:
        small = levels[-1]
        half = cv2.resize(small, (small.shape[1] // 2, small.shape[0] // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half, np.uint8))
    return levels


def take(levels: list[Picture], picture: ArchivePicture) -> Picture:
    """What the picture shows (height, width, 3), from the painting at halved sizes; two samples across a pixel."""
    columns, rows = np.meshgrid(np.arange(2 * picture.width) / 2 + 0.25, np.arange(2 * picture.height) / 2 + 0.25)
    places = picture.locate(np.column_stack([columns.ravel(), rows.ravel()]))
    level = int(np.clip(np.floor(np.log2(max(1 / (2 * picture.scale), 1.0))), 0, len(levels) - 1))
    source = levels[level]
    factor = np.array([source.shape[1] / levels[0].shape[1], source.shape[0] / levels[0].shape[0]])
    at = (places * factor - 0.5).astype(np.float32).reshape(*columns.shape, 2)
    found = cv2.remap(source, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.resize(found, (picture.width, picture.height), interpolation=cv2.INTER_AREA), np.uint8)


def aged(pixels: Picture, random: np.random.Generator) -> Picture:
    """A print of the picture, scanned: cast, contrast, a falloff, paper grain in two sizes; one in five is grey."""
    light = (pixels.astype(np.float32) / 255) ** random.uniform(0.85, 1.2)
    if random.random() < 0.2:
        light = np.repeat(light.mean(axis=2, keepdims=True), 3, axis=2)
    light = light * random.uniform(0.82, 1.1, 3).astype(np.float32) * random.uniform(0.8, 1.05) + random.uniform(0, 0.05)
    height, width = light.shape[:2]
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light *= (1 - random.uniform(0, 0.15) * (across**2 + down**2) / 2)[..., None].astype(np.float32)
    fine = random.normal(0, 1, (height, width)).astype(np.float32)
    coarse = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.5) * 4
    light += (random.uniform(0.008, 0.02) * fine + random.uniform(0.004, 0.012) * coarse)[..., None]
    return np.asarray(np.clip(np.round(255 * light), 0, 255), np.uint8)
