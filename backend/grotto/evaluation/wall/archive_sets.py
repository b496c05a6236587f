"""Made sets of archive pictures, and how a mosaic came out on them, beside homographies chained along a spanning tree."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from ...contract import ProblemError, Silent
from ...contract.options import MosaicOptions, OrthoOptions
from ...contract.recipes import WALL_QUALITIES
from ...ortho.mosaic import make_mosaic_orthophoto
from ...photos import PhotoSet, read_photos, read_picture
from ...sfm.mosaic import (
    MosaicFrame,
    components,
    extract_mosaic_features,
    find_mosaic,
    fit_homography,
    inverse,
    match_mosaic_pairs,
    set_mosaic_frame,
    transfer,
    undistort,
)
from ...synthetic import ArchivePicture, ArchiveSet, make_archive, read_archive
from ..scenes import element_of

Floats = NDArray[np.float64]
LEAST_OVERLAP = 0.1  # of a picture's area that another shows: it then has to be placed
GRID = 16  # places along each side of a picture that are mapped
BASELINE_POINTS, BASELINE_INLIERS, BASELINE_PX = 3000, 15, 3.0
FIGURE_PX = 1200
MADE, REAL = "made", "made, with real figures"


@dataclass(frozen=True, kw_only=True)
class ArchiveOutcome:
    """What was found on a set. Errors are px of the finest wide picture, after the homography that fits best."""

    name: str
    paint: str  # MADE or REAL
    wide: int
    details: int
    ratio: float  # of the finest picture's scale to the coarsest
    overlapping: int
    missing: int  # of those that overlap, not placed
    placed: int  # with those that overlap nothing by a tenth
    chained: int  # pictures that the baseline placed
    error_px: float  # RMS over all placed pictures
    worst_px: float  # RMS of the worst picture
    chained_px: float
    chained_worst_px: float
    residual_px: float
    upright_deg: float  # median lean of the painting's level and plumb lines in the mosaic
    seconds: float
    refused: str


def archive_sets(seed: int, count: int) -> list[ArchiveSet]:
    """Sets of one to four wide pictures and two to ten details, of all styles."""
    styles = ("mixed", "narrative", "faded", "thousand")
    made = []
    for number in range(count):
        random = np.random.default_rng([seed, number])
        made.append(
            ArchiveSet(
                seed=seed + number,
                wide=1 + number % 4,
                details=int(random.integers(2, 11)),
                style=styles[(number + number // 4) % len(styles)],
            )
        )
    return made


def set_name(chosen: ArchiveSet, figures: Path | None) -> str:
    """The name of a set's folder and outcome: with real figures and without are two sets."""
    return f"set-{chosen.seed}" if figures is None else f"set-{chosen.seed}-figures"


def measured(chosen: ArchiveSet, out: Path, figures: Path | None, draw: bool) -> ArchiveOutcome:
    """Make the set and its mosaic as a draft job does, or read what was found before."""
    name = set_name(chosen, figures)
    path = out / f"{name}.json"
    described = json.dumps(dataclasses.asdict(chosen), sort_keys=True)
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["set"] == described:
            return ArchiveOutcome(**kept["outcome"])
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    truth = make_archive(folder, chosen, _figures(figures, chosen.seed), Silent())
    outcome = measure_archive(name, folder, truth, draw, MADE if figures is None else REAL)
    path.write_text(json.dumps({"set": described, "outcome": dataclasses.asdict(outcome)}, indent=1) + "\n", encoding="utf-8")
    return outcome


def measure_archive(
    name: str, folder: Path, truth: Sequence[ArchivePicture] | None, draw: bool, paint: str = MADE
) -> ArchiveOutcome:
    """Find the mosaic of the pictures in `folder`/pictures and compare it with the truth; draw its orthophoto if wanted."""
    truth = read_archive(folder) if truth is None else truth
    began = time.process_time()
    frame, residual, refused, photos = _found(folder)
    seconds = time.process_time() - began
    chained = chain(folder, truth)
    if draw and frame is not None and photos is not None:
        _draw(frame, photos, folder)
    maps = {} if frame is None else {one.name: _Found(np.array(one.picture_from_wall), one.radial) for one in frame.pictures}
    fit = errors(truth, maps)
    base = errors(truth, {one: _Found(inverse(matrix), 0.0) for one, matrix in chained.items()})
    wanted = overlapping(truth)
    return ArchiveOutcome(
        name=name,
        paint=paint,
        wide=sum(one.kind == "wide" for one in truth),
        details=sum(one.kind == "detail" for one in truth),
        ratio=max(one.scale for one in truth) / min(one.scale for one in truth),
        overlapping=len(wanted),
        missing=len(set(wanted) - set(maps)),
        placed=len(maps),
        chained=len(chained),
        error_px=fit.rms,
        worst_px=fit.worst,
        chained_px=base.rms,
        chained_worst_px=base.worst,
        residual_px=residual,
        upright_deg=fit.lean_deg if frame is not None else float("nan"),
        seconds=seconds,
        refused=refused,
    )


@dataclass(frozen=True)
class _Found:
    """A picture as it was placed; see `PlacedPicture`."""

    picture_from_wall: Floats
    radial: float


@dataclass(frozen=True)
class Errors:
    """Of placed pictures against the truth."""

    rms: float
    worst: float
    lean_deg: float


def errors(truth: Sequence[ArchivePicture], found: dict[str, _Found]) -> Errors:
    """Map a grid of each picture through the found and the true map; px of the finest wide picture."""
    mapped, true, owner = [], [], []
    for number, picture in enumerate(truth):
        if picture.name not in found:
            continue
        u, v = np.meshgrid(*(np.linspace(0.02, 0.98, GRID),) * 2)
        px = np.column_stack([u.ravel() * picture.width, v.ravel() * picture.height])
        middle, unit = np.array([picture.width, picture.height]) / 2, np.hypot(picture.width, picture.height) / 2
        flat = undistort((px - middle) / unit, np.full(len(px), found[picture.name].radial))
        mapped.append(transfer(inverse(found[picture.name].picture_from_wall), flat))
        true.append(picture.locate(px))
        owner.append(np.full(len(px), number))
    if len(mapped) < 2:
        return Errors(float("nan"), float("nan"), float("nan"))
    a, b, whose = np.concatenate(mapped), np.concatenate(true), np.concatenate(owner)
    scale = max(picture.scale for picture in truth if picture.kind == "wide")
    gauge = fit_homography(a, b)
    miss = np.linalg.norm(transfer(gauge, a) - b, axis=1) * scale
    each = [float(np.sqrt(np.mean(miss[whose == number] ** 2))) for number in np.unique(whose)]
    return Errors(float(np.sqrt(np.mean(miss**2))), max(each), _lean(inverse(gauge), b))


def _lean(wall_from_painting: Floats, places: Floats) -> float:
    """Median angle (degrees) by which what is level or plumb in the painting is not so on the wall."""
    step = 0.01 * float(np.ptp(places))
    angles = []
    for axis in range(2):
        ends = places + step * np.eye(2)[axis]
        direction = transfer(wall_from_painting, ends) - transfer(wall_from_painting, places)
        angles.append(np.degrees(np.arctan(np.abs(direction[:, 1 - axis] / direction[:, axis]))))
    return float(np.median(np.concatenate(angles)))


def overlapping(truth: Sequence[ArchivePicture]) -> list[str]:
    """The largest group of pictures of which each shows a tenth of another or has a tenth of it shown."""
    pairs = [
        (i, j) for i in range(len(truth)) for j in range(len(truth)) if i != j and _shown(truth[i], truth[j]) >= LEAST_OVERLAP
    ]
    group = components(len(truth), pairs)
    return [one.name for one, part in zip(truth, group, strict=True) if part == 0]


def _shown(one: ArchivePicture, other: ArchivePicture) -> float:
    """The part of a picture's area that another shows."""
    u, v = np.meshgrid(*(np.linspace(0.02, 0.98, 24),) * 2)
    places = one.locate(np.column_stack([u.ravel() * one.width, v.ravel() * one.height]))
    px = other.project(places)
    return float(((px >= 0) & (px <= (other.width, other.height))).all(axis=1).mean())


def _found(folder: Path) -> tuple[MosaicFrame | None, float, str, PhotoSet | None]:
    """The stages of a draft job up to the mosaic's frame, each in a folder below `folder`/job."""
    draft, report = WALL_QUALITIES["draft"], Silent()
    job = folder / "job"
    shutil.rmtree(job, ignore_errors=True)
    places = {name: job / name for name in ("photos", "features", "pairs", "mosaic", "frame", "orthophoto")}
    for place in places.values():
        place.mkdir(parents=True)
    try:
        photos = read_photos(folder / "pictures", draft.photos, places["photos"], report)
        features = extract_mosaic_features(photos, draft.features, places["features"], report)
        pairs = match_mosaic_pairs(photos, features, draft.matches, places["pairs"], report)
        mosaic = find_mosaic(photos, features, pairs, places["mosaic"], report)
        frame = set_mosaic_frame(photos, mosaic, draft.mosaic, draft.frame, places["frame"], report)
    except ProblemError as error:
        return None, float("nan"), error.problem.sentence(), None
    return frame, mosaic.residual_px, "", photos


def _draw(frame: MosaicFrame, photos: PhotoSet, folder: Path) -> None:
    options = MosaicOptions(mosaic_mp=6.0)
    made = make_mosaic_orthophoto(frame, photos, options, OrthoOptions(), folder / "job" / "orthophoto", Silent())
    shutil.copyfile(made.folder / made.preview, folder / "mosaic.png")


def chain(folder: Path, truth: Sequence[ArchivePicture]) -> dict[str, Floats]:
    """What a plain way gives: OpenCV's SIFT, a ratio test, RANSAC, homographies chained along the tree of most inliers.

    Wall-from-picture maps by name, in half diagonals about the picture's middle, of the largest component.
    """
    sift, matcher = cv2.SIFT_create(BASELINE_POINTS), cv2.BFMatcher(cv2.NORM_L2)
    places, descriptors = [], []
    for picture in truth:
        grey = np.asarray(cv2.cvtColor(read_picture(folder / "pictures" / picture.name).colour, cv2.COLOR_RGB2GRAY))
        keypoints, found = sift.detectAndCompute(grey, None)
        middle, unit = np.array([picture.width, picture.height]) / 2, np.hypot(picture.width, picture.height) / 2
        places.append((np.array([point.pt for point in keypoints]).reshape(-1, 2) + 0.5 - middle) / unit)
        descriptors.append(found)
    edges: dict[tuple[int, int], tuple[int, Floats]] = {}
    for i in range(len(truth)):
        for j in range(i + 1, len(truth)):
            close = [pair for pair in matcher.knnMatch(descriptors[i], descriptors[j], k=2) if len(pair) == 2]
            good = [one for one, two in close if one.distance < 0.75 * two.distance]
            if len(good) < BASELINE_INLIERS:
                continue
            p = np.array([places[i][one.queryIdx] for one in good])
            q = np.array([places[j][one.trainIdx] for one in good])
            cv2.setRNGSeed(0)
            tolerance = BASELINE_PX / (np.hypot(truth[i].width, truth[i].height) / 2)
            matrix, inliers = cv2.findHomography(q, p, cv2.RANSAC, tolerance)
            if matrix is not None and inliers.sum() >= BASELINE_INLIERS and abs(np.linalg.det(matrix)) > 1e-9:
                edges[i, j] = (int(inliers.sum()), np.asarray(matrix, np.float64))
    return _chained(truth, edges)


def _chained(truth: Sequence[ArchivePicture], edges: dict[tuple[int, int], tuple[int, Floats]]) -> dict[str, Floats]:
    if not edges:
        return {}
    count = len(truth)
    keys = list(edges)
    cost = 1.0 / np.array([edges[key][0] for key in keys], float)
    graph = sparse.coo_matrix((cost, tuple(np.array(keys).T)), shape=(count, count))
    tree = csgraph.minimum_spanning_tree(graph)
    group = components(count, [(int(i), int(j)) for i, j in zip(*tree.nonzero(), strict=True)])
    root = int(np.flatnonzero(group == 0)[0])
    order, parents = csgraph.breadth_first_order(tree, root, directed=False)
    maps = {root: np.eye(3)}
    for node in order[1:]:
        parent = int(parents[node])
        key = (parent, int(node)) if (parent, int(node)) in edges else (int(node), parent)
        matrix = edges[key][1] if key[0] == parent else np.linalg.inv(edges[key][1])
        maps[int(node)] = maps[parent] @ matrix
    return {truth[index].name: matrix for index, matrix in maps.items()}


def _figures(folder: Path | None, seed: int) -> list[NDArray[np.uint8]]:
    """Four painted figures (h, w, 4), other ones for each seed; none without a folder."""
    files = sorted(folder.glob("*.png")) if folder is not None and folder.is_dir() else []
    chosen = [files[(seed * 4 + number) % len(files)] for number in range(4)] if files else []
    found = []
    for file in chosen:
        element = element_of(file.stem, read_picture(file).colour)
        pixels = np.dstack([element.colour, 255 * element.coverage]).astype(np.uint8)
        factor = min(1.0, FIGURE_PX / max(pixels.shape[:2]))
        found.append(np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))
    return found
