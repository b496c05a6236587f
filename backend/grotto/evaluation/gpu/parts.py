"""Parts of a wall that have an engine for CUDA, each on a made input: seconds on both devices and the largest difference."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ...contract import Progress, Silent
from ...fitting import memory_shortage
from ...models.lightglue import aliked_points, build_aliked
from ...models.matching import MatchPoints, batch_of, load_matcher
from ...ortho import PhotoCache, TileLattice
from ...ortho.mixing import Look, TileMixer, single
from ...photos import Photo
from ...sfm.cameras import PatchAligner, align_patches
from ..markdown import Heads, markdown_table

PART_HEADS: Heads = (":part of a wall", ":device", ":engine", "seconds", ":largest difference")
NOT_MEASURED = "not measured"
REPEATS = 3  # after one run that warms up; the median counts
POINTS = 2048  # of each side of the matcher
PATCHES = 5000
PHOTO_PX = (3000, 2000)
FEATURE_PX = (1200, 800)
TILE_NODES, NODE_STEP = 514, 4  # a tile of 2048 px
LOOKS = 4  # photos of the tile

Arrays = tuple[NDArray[np.generic], ...]
Doubles = NDArray[np.float64]
Work = Callable[[], Arrays]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a wall's job that is measured by itself."""

    name: str
    engines: tuple[str, str]  # on CUDA and on the CPU
    prepare: Callable[[Path, torch.device | None], Work]  # for torch's device; None is the way of a job without CUDA
    difference: Callable[[Arrays, Arrays], str]  # of two results, in words


@dataclass(frozen=True, kw_only=True)
class PartFigures:
    """A part on both devices."""

    name: str
    cuda_seconds: float
    cpu_seconds: float
    difference: str


def measure_parts(parts: Sequence[Part], device: torch.device, end: float, report: Progress) -> Iterator[PartFigures]:
    """Measure parts on a device of torch and as jobs without CUDA do, until `end` of `time.monotonic`."""
    for part in parts:
        if time.monotonic() > end:
            report.note(f"{part.name} was not measured: no time was left")
            continue
        report(0.0, f"{part.name} on {device.type} and on the CPU")
        try:
            with tempfile.TemporaryDirectory() as folder:
                yield measure_part(part, Path(folder), device)
        except torch.OutOfMemoryError as error:
            report.note(f"{part.name} was not measured: {memory_shortage(error)}")


def measure_part(part: Part, folder: Path, device: torch.device) -> PartFigures:
    """Measure one part; `folder` is empty and takes its input."""
    on_device, device_result = _timed(part.prepare(folder, device), device)
    on_cpu, cpu_result = _timed(part.prepare(folder, None), torch.device("cpu"))
    difference = part.difference(device_result, cpu_result)
    return PartFigures(name=part.name, cuda_seconds=on_device, cpu_seconds=on_cpu, difference=difference)


def part_table(parts: Sequence[Part], measured: Sequence[PartFigures]) -> str:
    """The table: two rows a part."""
    by_name = {figures.name: figures for figures in measured}
    rows: list[tuple[str, ...]] = []
    for part in parts:
        figures = by_name.get(part.name)
        seconds = (NOT_MEASURED,) * 2 if figures is None else (f"{figures.cuda_seconds:.3g}", f"{figures.cpu_seconds:.3g}")
        differences = ("" if figures is None else figures.difference, "")
        rows += zip((part.name,) * 2, ("cuda", "cpu"), part.engines, seconds, differences, strict=True)
    return markdown_table(PART_HEADS, rows)


def _timed(work: Work, device: torch.device) -> tuple[float, Arrays]:
    """Median seconds after a run that warms up, and the result."""
    result = work()
    seconds = []
    for _ in range(REPEATS):
        _wait(device)
        began = time.perf_counter()
        result = work()
        _wait(device)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.current_stream(device).synchronize()


def _picture(seed: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Made paint (h, w, 3) of three grains."""
    random = np.random.default_rng(seed)
    width, height = size
    layers = [
        cv2.resize(random.uniform(0, 255, (height // n, width // n, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        for n in (6, 17, 50)
    ]
    return np.clip(np.mean(layers, axis=0) * 1.6 - 70, 0, 255).astype(np.uint8)


def _features(folder: Path, device: torch.device | None) -> Work:
    """ALIKED as it is built, with random weights: what it takes does not depend on them."""
    network, picture = build_aliked().to(device or torch.device("cpu")), _picture(1, FEATURE_PX)
    return lambda: (aliked_points(network, picture, POINTS).place,)


def _matching(folder: Path, device: torch.device | None) -> Work:
    first, second = _sides()
    device = device or torch.device("cpu")
    network = load_matcher(device=device).network

    def work() -> Arrays:
        with torch.inference_mode():
            scores = network(batch_of([first], device), batch_of([second], device))[-1]
            return (network.assign(scores).match[0].exp().float().cpu().numpy(),)

    return work


def _sides() -> tuple[MatchPoints, MatchPoints]:
    """Points of two pictures, the second's moved by a little and in another order."""
    random = np.random.default_rng(1)
    place, size, angle = (
        random.uniform(0, 1, (POINTS, 2)) * PHOTO_PX,
        random.uniform(2, 30, POINTS),
        random.uniform(-3, 3, POINTS),
    )
    descriptors = np.abs(random.standard_normal((POINTS, 128)))
    order = random.permutation(POINTS)
    moved = np.abs(descriptors + random.normal(0, 0.3, descriptors.shape))[order]
    return (
        _points(place, size, angle, descriptors),
        _points(place[order] + np.array([40.0, -25.0]), size[order], angle[order], moved),
    )


def _points(place: Doubles, size: Doubles, angle: Doubles, descriptors: Doubles) -> MatchPoints:
    unit = descriptors / np.linalg.norm(descriptors, axis=1, keepdims=True)
    single_place, single_size, single_angle, single_unit = (values.astype(np.float32) for values in (place, size, angle, unit))
    return MatchPoints(single_place, single_size, single_angle, single_unit, *PHOTO_PX)


def _alignment(folder: Path, device: torch.device | None) -> Work:
    """Two photos that differ by a homography, with a place to a pixel or so for each patch."""
    engine = PatchAligner(device).engine
    first = _picture(2, PHOTO_PX)
    to_second = np.array([[1.02, 0.02, -60.3], [-0.015, 0.99, 25.7], [3e-6, -2e-6, 1.0]])
    second = np.asarray(cv2.warpPerspective(first, to_second, PHOTO_PX, flags=cv2.INTER_LANCZOS4), np.uint8)
    random = np.random.default_rng(3)
    places = random.uniform(0.1, 0.9, (PATCHES, 2)) * PHOTO_PX
    guessed = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5 + random.normal(0, 0.2, places.shape)

    def work() -> Arrays:
        return align_patches(engine.flatten(first, 1.0), engine.flatten(second, 1.0), places, guessed, engine)

    return work


def _orthophoto(folder: Path, device: torch.device | None) -> Work:
    """A tile that several photos show, each turned and shifted a little, each the best somewhere."""
    photos = []
    for view in range(LOOKS):
        path = folder / f"{view}.png"
        if not path.exists():
            cv2.imwrite(str(path), _picture(10 + view, PHOTO_PX))
        photos.append(
            Photo(
                name=path.name,
                path=str(path),
                sha256="",
                width=PHOTO_PX[0],
                height=PHOTO_PX[1],
                group="one",
                focal_px=0.0,
                focal_source="",
                gravity_known=False,
                sharpness=1.0,
                mask="",
            )
        )
    cache = PhotoCache(photos, [max(PHOTO_PX)] * LOOKS, 10**9)
    nodes = (TILE_NODES, TILE_NODES)
    lattice = TileLattice(np.zeros((1, TILE_NODES)), np.zeros(nodes), np.zeros((TILE_NODES, 1)), NODE_STEP)
    mixer, looks = TileMixer(device), [_look(view) for view in range(LOOKS)]
    return lambda: (mixer.mix(looks, lattice, cache, Silent()),)


def _look(view: int) -> Look:
    across = (np.arange(TILE_NODES) - TILE_NODES / 2) * NODE_STEP
    x, y = np.meshgrid(across, across)
    turn = 0.1 * (view - LOOKS / 2)
    column, row = PHOTO_PX[0] / 2 + 0.9 * x + turn * y + 31.7 * view, PHOTO_PX[1] / 2 + 0.9 * y - turn * x - 22.3 * view
    u, v = column / PHOTO_PX[0], row / PHOTO_PX[1]
    seen = 2 * np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
    merit = np.maximum(seen, 0.0) * (1 + 0.3 * np.sin(view + x / 400) * np.cos(view - y / 300))
    nodes = (TILE_NODES, TILE_NODES)
    return Look(
        view=view,
        size=PHOTO_PX,
        column=single(column),
        row=single(row),
        merit=single(merit),
        seen=single(seen),
        factor=np.full((*nodes, 3), 1 + 0.02 * view, np.float32),
        broad=np.full((*nodes, 3), 0.2 + 0.01 * view, np.float32),
    )


def _points_apart(one: Arrays, other: Arrays) -> str:
    places = [side[0].astype(np.float64) for side in (one, other)]
    lonely = [float(np.linalg.norm(places[1] - place, axis=1).min(initial=np.inf)) > 0.1 for place in places[0]]
    return f"{100 * float(np.mean(lonely)) if lonely else np.nan:.2g} % of the points have no partner within .1 px"


def _apart(one: Arrays, other: Arrays) -> str:
    return f"{float(np.abs(one[0].astype(np.float64) - other[0].astype(np.float64)).max()):.2g} of a match's probability"


def _patches_apart(one: Arrays, other: Arrays) -> str:
    both = one[1].astype(bool) & other[1].astype(bool)
    apart = np.linalg.norm(one[0].astype(np.float64) - other[0].astype(np.float64), axis=1)[both]
    unlike = float((one[1] != other[1]).mean())
    most = np.percentile(apart, 95) if len(apart) else np.nan
    return f"{apart.max(initial=0.0):.2g} px (95 % within {most:.2g}); {unlike:.2%} of the flags"


def _pixels_apart(one: Arrays, other: Arrays) -> str:
    apart = np.abs(one[0].astype(int) - other[0].astype(int))
    return f"{apart.max()} grey levels; over 1 at {(apart > 1).mean():.2%}"


PARTS = (
    Part(
        name="features (ALIKED with random weights, 1,200 x 800; jobs use OpenCV's SIFT on the CPU)",
        engines=("torch, cuda", "torch, cpu"),
        prepare=_features,
        difference=_points_apart,
    ),
    Part(
        name="matcher (attention, 2,048 points a side)",
        engines=("torch, cuda", "torch, cpu"),
        prepare=_matching,
        difference=_apart,
    ),
    Part(
        name="alignment (5,000 patches of two photos of 6 MP, light taken out)",
        engines=("torch, cuda", "OpenCV, CPU"),
        prepare=_alignment,
        difference=_patches_apart,
    ),
    Part(
        name="orthophoto (a tile of 2,048 px from 4 photos)",
        engines=("torch, cuda", "OpenCV, CPU"),
        prepare=_orthophoto,
        difference=_pixels_apart,
    ),
)
