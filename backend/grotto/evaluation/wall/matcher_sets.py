"""Made views of held-out walls with exact maps between them, and the points that the product finds in them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pycolmap
from numpy.typing import NDArray
from PIL import Image

from ...contract import Silent
from ...contract.options import FeatureOptions, MakeWallOptions, PhotoOptions
from ...models.lightglue import aliked_points, load_aliked
from ...models.matching import MatchPoints, largest_rows, points_from_colmap
from ...models.matching.training import VIEW_HEIGHT, VIEW_WIDTH, ViewMap, draw_view, draw_view_map, overlap_of, spoil
from ...photos import read_photos, read_picture
from ...sfm.features import find_features
from ...synthetic import lay_figures
from ...synthetic.painting import paint
from ..scenes import element_of

WALL_PX, WALL_MM = 2600, 0.65
VIEWS = 4  # about one place of the wall
LEAST_OVERLAP, MOST_OVERLAP = 0.15, 0.9
FIGURE_PX, LAYINGS = 800, 4
_FARTHEST = 0.7  # of a view's size, from the middle of its place


@dataclass(frozen=True, kw_only=True)
class MatcherSet:
    """A wall and how often it is looked at."""

    name: str
    style: str
    grain: float
    seed: int
    places: int
    figures: bool = False  # real paint laid over the wall


@dataclass(frozen=True)
class ViewPair:
    """Two views by number, and the angle between them."""

    first: int
    second: int
    overlap: float  # of the first view's area
    turn_deg: float


@dataclass(frozen=True)
class SetViews:
    """The views of one set."""

    maps: tuple[ViewMap, ...]
    points: tuple[MatchPoints, ...]
    pairs: tuple[ViewPair, ...]  # that overlap
    apart: tuple[ViewPair, ...]  # that share nothing


def matcher_sets(seed: int, places: int, figures: bool) -> list[MatcherSet]:
    """The sets of one seed; without real paint one fewer."""
    kinds = [
        ("thousand figures, little grain", "thousand", 0.1),
        ("thousand figures, grainy", "thousand", 0.7),
        ("narrative, a style never trained on", "narrative", 0.4),
    ]
    sets = [
        MatcherSet(name=name, style=style, grain=grain, seed=seed + number, places=places)
        for number, (name, style, grain) in enumerate(kinds)
    ]
    if figures:
        sets.append(MatcherSet(name="real paint", style="mixed", grain=0.4, seed=seed + len(kinds), places=places, figures=True))
    return sets


def views_of(chosen: MatcherSet, folder: Path, figures: Path | None, points: int) -> SetViews:
    """Make the views and find their points, or read what was made before: the `points` largest of each view."""
    described = json.dumps(asdict(chosen), sort_keys=True)
    kept = folder / "set.json"
    if not kept.is_file() or kept.read_text(encoding="utf-8") != described:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "photos").mkdir(parents=True)
        maps = _make(chosen, folder / "photos", figures)
        np.savez(
            folder / "maps.npz",
            matrices=np.stack([one.wall_from_view for one in maps]),
            waves=np.stack([one.waves for one in maps]),
        )
        _find(folder)
        kept.write_text(described, encoding="utf-8")
    with np.load(folder / "maps.npz") as file:
        maps = [ViewMap(matrix, waves) for matrix, waves in zip(file["matrices"], file["waves"], strict=True)]
    found = _read(folder, len(maps))
    largest = tuple(one.chosen(largest_rows(one, points)) for one in found)
    return SetViews(tuple(maps), largest, *_pairs(maps))


def aliked_views(views: SetViews, folder: Path, most: int) -> tuple[SetViews, float]:
    """The same views with ALIKED's own points, at most `most` of each, and the CPU-seconds of a view."""
    network = load_aliked()
    pictures = [np.asarray(Image.open(folder / "photos" / f"{number:04d}.png")) for number in range(len(views.maps))]
    began = time.process_time()
    points = tuple(aliked_points(network, picture, most) for picture in pictures)
    return dataclasses.replace(views, points=points), (time.process_time() - began) / max(len(pictures), 1)


def _make(chosen: MatcherSet, folder: Path, figures: Path | None) -> list[ViewMap]:
    random = np.random.default_rng([chosen.seed, 50])
    options = MakeWallOptions(style=chosen.style, grain=chosen.grain, seed=chosen.seed)
    wall = paint(WALL_PX, WALL_PX, WALL_MM, options, None, Silent())
    if chosen.figures and figures is not None:
        lay_figures(wall, _figures(figures) * LAYINGS, random)
    grey = np.asarray(cv2.cvtColor(wall, cv2.COLOR_RGB2GRAY), np.uint8)
    maps: list[ViewMap] = []
    for _ in range(chosen.places):
        middle = random.uniform(0.2, 0.8, 2) * WALL_PX
        for _ in range(VIEWS):
            offset = random.uniform(-_FARTHEST, _FARTHEST, 2) * (VIEW_WIDTH, VIEW_HEIGHT)
            view = draw_view_map(middle + offset, random)
            picture = spoil(draw_view(grey, view), random)
            Image.fromarray(picture).convert("RGB").save(folder / f"{len(maps):04d}.png")
            maps.append(view)
    return maps


def _figures(folder: Path) -> list[NDArray[np.uint8]]:
    """All painted figures of a folder, (h, w, 4)."""
    found = []
    for file in sorted(folder.glob("*.png")):
        element = element_of(file.stem, read_picture(file).colour)
        pixels = np.dstack([element.colour, 255 * element.coverage]).astype(np.uint8)
        factor = min(1.0, FIGURE_PX / max(pixels.shape[:2]))
        found.append(np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))
    return found


def _find(folder: Path) -> None:
    """The stages of a job up to the features, with the job's own code."""
    places = [folder / name for name in ("read", "features")]
    for place in places:
        place.mkdir()
    photos = read_photos(folder / "photos", PhotoOptions(), places[0], Silent())
    find_features(photos, FeatureOptions(), places[1], Silent())
    (folder / "order.json").write_text(json.dumps([photo.name for photo in photos.photos]), encoding="utf-8")


def _read(folder: Path, count: int) -> list[MatchPoints]:
    """The points of all views, in the order of their names; a view that was left out has none."""
    names = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    empty = np.zeros(0, np.float32)
    none = MatchPoints(empty.reshape(0, 2), empty, empty, empty.reshape(0, 128), VIEW_WIDTH, VIEW_HEIGHT)
    found = [none] * count
    with pycolmap.Database.open(str(folder / "features" / "database.db")) as database:
        for position, name in enumerate(names):
            keypoints = np.asarray(database.read_keypoints(position + 1))
            descriptors = np.asarray(database.read_descriptors(position + 1).data)
            found[int(Path(name).stem)] = points_from_colmap(keypoints, descriptors, VIEW_WIDTH, VIEW_HEIGHT)
    return found


def _pairs(maps: Sequence[ViewMap]) -> tuple[tuple[ViewPair, ...], tuple[ViewPair, ...]]:
    overlapping, apart = [], []
    for i, j in combinations(range(len(maps)), 2):
        shared = overlap_of(maps[i], maps[j], VIEW_WIDTH, VIEW_HEIGHT)
        pair = ViewPair(i, j, shared, abs((_turn_deg(maps[i]) - _turn_deg(maps[j]) + 180) % 360 - 180))
        if i // VIEWS == j // VIEWS and LEAST_OVERLAP <= shared <= MOST_OVERLAP:
            overlapping.append(pair)
        elif shared == 0 and overlap_of(maps[j], maps[i], VIEW_WIDTH, VIEW_HEIGHT) == 0:
            apart.append(pair)
    return tuple(overlapping), tuple(apart)


def _turn_deg(view: ViewMap) -> float:
    """The angle of a view's horizontal on the wall."""
    middle = np.array([VIEW_WIDTH, VIEW_HEIGHT]) / 2
    ends = view.to_wall(np.array([middle, [middle[0] + 20, middle[1]]]))
    along = ends[1] - ends[0]
    return float(np.degrees(np.arctan2(along[1], along[0])))
