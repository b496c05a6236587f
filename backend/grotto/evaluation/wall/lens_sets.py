"""Made walls whose photos come from two lenses though all have one size, and how a job's cameras came out on them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ...contract import ProblemError, Progress, Silent, bug, from_flat
from ...contract.options import MakeWallOptions
from ...contract.recipes import WALL_QUALITIES, WallOptions
from ...photos import read_photos
from ...sfm.cameras import Reconstruction, find_cameras
from ...sfm.features import extract_features
from ...sfm.pairs import choose_pairs, match_pairs
from ...sfm.wall import WallFrame, set_wall_frame
from ...synthetic import WallTruth, make_wall, read_truth, viewing_directions
from ..scores import score_model

PATTERNS = ("alternating", "half-way", "one in four")
CAPTURES = {"rail": (0.7, 10.0), "by hand": (4.0, 40.0)}  # how far photos turn (degrees) and stray (mm)
STYLES = ("mixed", "narrative", "thousand", "faded")


@dataclass(frozen=True, kw_only=True)
class LensSet:
    """A made wall, and how its second lens differs."""

    name: str
    make: MakeWallOptions
    ratio: float = 1.0  # focal length of the second lens over the first's; 1: there is none
    pattern: str = "alternating"
    capture: str = "rail"

    @property
    def stem(self) -> str:
        """Of its file of outcomes."""
        return self.name.replace(" ", "-").replace(",", "")

    def second(self, count: int) -> np.ndarray:
        """Which of `count` photos come from the second lens."""
        order = np.arange(count)
        chosen = {"alternating": order % 2 == 1, "half-way": order >= count // 2, "one in four": order % 4 == 2}
        return chosen[self.pattern] & (self.ratio != 1.0)


@dataclass(frozen=True, kw_only=True)
class LensOutcome:
    """What a job found on a set."""

    name: str
    ratio: float
    pattern: str
    placed: int
    total: int
    lenses: int
    metric: bool
    width_error: float  # part by which lengths along the wall are wrong; nan where no model was found
    focal_px: tuple[float, ...]
    true_px: tuple[float, ...]  # of the lens that most photos of each found lens come from
    interval_px: tuple[tuple[float, float], ...]
    mixed: int  # photos that share a found lens with more photos of the other true one
    doubts: tuple[str, ...]
    refused: str  # the problem where the job was refused
    seconds: float
    capture: str = "rail"

    @property
    def held(self) -> bool:
        """Whether every interval contains the truth."""
        return bool(self.interval_px) and all(
            low <= true <= high for (low, high), true in zip(self.interval_px, self.true_px, strict=True)
        )


def two_lens_sets(seed: int, ratios: tuple[float, ...], capture: str = "rail") -> list[LensSet]:
    """Three walls with each ratio: the lens alternates, changes half-way, or is another in one photo of four."""
    sets = []
    turned_deg, astray_mm = CAPTURES[capture]
    for number, pattern in enumerate(PATTERNS):
        make = from_flat(
            MakeWallOptions,
            {
                "columns": 4,
                "rows": 3,
                "photo_width": 800,
                "photo_height": 533,
                "focal_px": 870.0,
                "style": STYLES[number],
                "seed": seed + number,
                "rotation_jitter_deg": turned_deg,
                "position_jitter_mm": astray_mm,
            },
        )
        sets += [
            LensSet(name=f"wall {number + 1}, {ratio:g}", make=make, ratio=ratio, pattern=pattern, capture=capture)
            for ratio in ratios
        ]
    return sets


def one_lens_sets(seed: int, count: int) -> list[LensSet]:
    """Walls of 9 photos of 600 px with one lens; focal length, distortion, relief and style vary from set to set."""
    sets = []
    for number in range(count):
        random = np.random.default_rng([seed, number])
        values = {
            "columns": 3,
            "rows": 3,
            "photo_width": 600,
            "photo_height": 400,
            "seed": seed + number,
            "focal_px": round(600 * float(random.uniform(0.8, 1.5)), 1),
            "radial": round(float(random.uniform(-0.06, 0.03)), 3),
            "sag_mm": round(float(random.uniform(10, 60)), 1),
            "undulation_mm": round(float(random.uniform(5, 30)), 1),
            "rotation_jitter_deg": round(float(random.uniform(0.5, 4)), 2),
            "style": STYLES[number % len(STYLES)],
        }
        sets.append(LensSet(name=f"one lens {number + 1}", make=from_flat(MakeWallOptions, values)))
    return sets


def measured(chosen: LensSet, out: Path) -> LensOutcome:
    """Make the set and find its cameras as a draft job does, or read what was found before."""
    path = out / f"{chosen.stem}.json"
    described = json.dumps(dataclasses.asdict(chosen), sort_keys=True)
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["set"] == described:
            return _outcome_of(kept["outcome"])
    wall, folder = out / "wall", out / "work"
    truth = _made(wall, chosen.make)  # sets of one wall follow one another, and share it
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(wall / "photos", folder / "photos")
    second = chosen.second(len(truth.photos))
    for photo, is_second in zip(truth.photos, second, strict=True):
        if is_second:
            enlarge_middle(folder / "photos" / photo.name, chosen.ratio)
    began = time.monotonic()
    outcome = _found(chosen, truth, second, folder)
    outcome = dataclasses.replace(outcome, seconds=time.monotonic() - began)
    path.write_text(json.dumps({"set": described, "outcome": dataclasses.asdict(outcome)}, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder)
    return outcome


def _made(folder: Path, make: MakeWallOptions) -> WallTruth:
    try:
        truth = read_truth(folder)
    except ProblemError:
        truth = None
    if truth is None or truth.options != make:
        make_wall(folder, make, Silent())
        truth = read_truth(folder)
    return truth


def enlarge_middle(photo: Path, ratio: float) -> None:
    """Cut out the photo's middle and enlarge it to the photo's size, as a lens of `ratio` times the focal length shows it."""
    picture = cv2.imread(str(photo))
    if picture is None:
        raise bug(f"{photo.name} cannot be read", "make the set again")
    height, width = picture.shape[:2]
    shift = np.array([width, height]) / 2 * (1 - 1 / ratio)
    matrix = np.array([[1 / ratio, 0, shift[0] + 0.5 / ratio - 0.5], [0, 1 / ratio, shift[1] + 0.5 / ratio - 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    larger = cv2.warpAffine(picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    cv2.imwrite(str(photo), larger, [cv2.IMWRITE_JPEG_QUALITY, 95])


def true_camera_distance(truth: WallTruth, names: Collection[str] | None = None) -> float:
    """Median distance (m) from the cameras of `names`, or of all, to the wall as far as two photos see it.

    That is what the recipe takes a camera distance to be. The wall goes on beyond the photos, and curves there; its own middle
    would be some millimetres off.
    """
    wall_x, wall_z, wall_y = truth.read_wall()
    seen = np.zeros(wall_y.shape, np.int64)
    for photo in truth.photos:
        camera, centre = truth.cameras[photo.camera], photo.centre()
        corners = np.array([[0, 0], [camera.width, 0], [0, camera.height], [camera.width, camera.height]], np.float64)
        rays = viewing_directions(camera, corners) @ photo.matrix()[:, :3]
        ends = centre - centre[1] / rays[:, 1:2] * rays
        (x_low, _, z_low), (x_high, _, z_high) = ends.min(axis=0), ends.max(axis=0)
        seen += ((wall_z > z_low) & (wall_z < z_high))[:, None] & ((wall_x > x_low) & (wall_x < x_high))
    depths = [photo.centre()[1] for photo in truth.photos if names is None or photo.name in names]
    return float(np.median(wall_y[seen > 1]) - np.median(depths))


def find(photos: Path, out: Path, options: WallOptions, report: Progress) -> tuple[Reconstruction, WallFrame]:
    """The stages of a wall job up to its frame, each in a folder below `out`."""
    folders = [out / name for name in ("photos", "features", "pairs", "matches", "cameras", "frame")]
    for folder in folders:
        folder.mkdir(parents=True)
    chosen = read_photos(photos, options.photos, folders[0], report)
    features = extract_features(chosen, options.features, folders[1], report)
    pairs = choose_pairs(chosen, features, options.pairs, folders[2], report)
    matches = match_pairs(features, pairs, chosen, options.matches, folders[3], report)
    cameras = find_cameras(chosen, matches, options.cameras, folders[4], report)
    return cameras, set_wall_frame(chosen, cameras, options.frame, folders[5], report)


def _found(chosen: LensSet, truth: WallTruth, second: np.ndarray, folder: Path) -> LensOutcome:
    draft = WALL_QUALITIES["draft"]
    distance_m = true_camera_distance(truth)
    options = dataclasses.replace(draft, frame=dataclasses.replace(draft.frame, camera_distance_m=distance_m))
    true_px = {
        photo.name: truth.cameras[0].focal_px * (chosen.ratio if is_second else 1.0)
        for photo, is_second in zip(truth.photos, second, strict=True)
    }
    try:
        cameras, frame = find(folder / "photos", folder / "job", options, Silent())
    except ProblemError as error:
        return _refused(chosen, len(truth.photos), error.problem.sentence())
    score = score_model(frame.read_model(), truth)
    placed_m = true_camera_distance(truth, set(cameras.registered))  # a user measures photos that stand in the model
    trues, mixed = [], 0
    for group in cameras.groups:
        values, counts = np.unique([true_px[name] for name in group.members], return_counts=True)
        trues.append(float(values[np.argmax(counts)]))
        mixed += int(counts.sum() - counts.max())
    return LensOutcome(
        name=chosen.name,
        ratio=chosen.ratio,
        pattern=chosen.pattern,
        placed=len(cameras.registered),
        total=len(truth.photos),
        lenses=len(cameras.groups),
        metric=frame.metric,
        width_error=abs(_as_metres(score.scale, frame, options) * distance_m / placed_m - 1),
        focal_px=tuple(group.focal_px for group in cameras.groups),
        true_px=tuple(trues),
        interval_px=tuple(group.focal_interval_px for group in cameras.groups),
        mixed=mixed,
        doubts=tuple(group.doubt for group in cameras.groups if group.doubt),
        refused="",
        seconds=0.0,
        capture=chosen.capture,
    )


def _as_metres(scale: float, frame: WallFrame, options: WallOptions) -> float:
    """True metres in a unit of the frame; of an arbitrary frame as the camera distance would have made it metric."""
    return scale if frame.metric else scale / options.frame.camera_distance_m


def _refused(chosen: LensSet, total: int, why: str) -> LensOutcome:
    return LensOutcome(
        name=chosen.name,
        ratio=chosen.ratio,
        pattern=chosen.pattern,
        placed=0,
        total=total,
        lenses=0,
        metric=False,
        width_error=float("nan"),
        focal_px=(),
        true_px=(),
        interval_px=(),
        mixed=0,
        doubts=(),
        refused=why,
        seconds=0.0,
        capture=chosen.capture,
    )


def _outcome_of(kept: dict) -> LensOutcome:  # type: ignore[type-arg]
    tuples = {name: tuple(kept[name]) for name in ("focal_px", "true_px", "doubts")}
    intervals = tuple((float(low), float(high)) for low, high in kept["interval_px"])
    return LensOutcome(**{**kept, **tuples, "interval_px": intervals})
