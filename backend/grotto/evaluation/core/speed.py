"""Speeds of rasteriser and splats on a CPU, next to plain torch in the same run.

Times are CPU seconds of the process on one thread, and wall seconds on two. Machines differ and are shared, so a bar is a ratio
within the run: each fast engine is timed next to its twin in plain torch (the engine `torch`), which gives the same picture and
gradients, in the same rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numba
import numpy as np
import torch
import trimesh
from torch import Tensor

from ...render.mesh.differentiable import antialias, interpolate, mesh_edges, rasterise
from ...scene import Camera, look_at
from ...splats import Gaussians
from ...splats.raster import splat, tile_hits
from ..bench import Bench
from ..markdown import markdown_table

SIDE = 512
BASELINE = "torch"  # the engine that the fast ones are compared with
LEAST_GAINS = {"mesh": 1.6, "object": 14.0, "frame": 18.0}  # the gains of docs/benchmarks/core.md, divided by 1.3
_WARM_UP = 2
_SH_BASE = 0.28209479177387814

Work = Callable[[str], tuple[float, float]]  # one run of an engine; CPU seconds of the forward and of the backward part


@dataclass(frozen=True, kw_only=True)
class Task:
    """One picture with its gradients, to be timed."""

    name: str
    facts: str
    least_gain: float  # the bar: how many times faster than the baseline the fast engine is at least
    work: Work


@dataclass(frozen=True, kw_only=True)
class Speed:
    """One row: medians over the rounds."""

    name: str
    facts: str
    forward_s: float  # CPU, one thread
    backward_s: float
    baseline_s: float  # both together, plain torch
    gain: float  # median over the rounds of the baseline's seconds divided by the engine's
    least_gain: float
    wall_s: float  # both together, two threads

    @property
    def held(self) -> bool:
        """Whether the bar is held."""
        return self.gain >= self.least_gain


HEADS = (
    f":{SIDE} x {SIDE} px",
    ":scene",
    "forward, CPU ms",
    "backward, CPU ms",
    "plain torch, CPU ms",
    "times faster",
    "bar",
    ":held",
    "wall ms, 2 threads",
)


def run(out: Path, rounds: int = 3) -> str:
    """Time rasteriser and splats next to plain torch, write speed.md, and return it.

    Args:
        out: the folder of speed.md
        rounds: medians are over this many
    """
    out.mkdir(parents=True, exist_ok=True)
    text = speed_table(measure([mesh_task(), splat_task("object"), splat_task("frame")], max(1, rounds)))
    (out / "speed.md").write_text(text, encoding="utf-8")
    return text


def measure(tasks: list[Task], rounds: int) -> list[Speed]:
    """Time each task by the fast engine and by plain torch, in turns."""
    with _threads(1):
        for task in tasks:
            for _ in range(_WARM_UP):
                task.work("auto")
        fast: list[list[tuple[float, float]]] = [[] for _ in tasks]
        plain: list[list[float]] = [[] for _ in tasks]
        for _ in range(rounds):
            for number, task in enumerate(tasks):
                fast[number].append(task.work("auto"))
                plain[number].append(sum(task.work(BASELINE)))
    walls = [_wall(task, rounds) for task in tasks]
    return [
        Speed(
            name=task.name,
            facts=task.facts,
            forward_s=statistics.median(parts[0] for parts in fast[number]),
            backward_s=statistics.median(parts[1] for parts in fast[number]),
            baseline_s=statistics.median(plain[number]),
            gain=statistics.median(slow / sum(parts) for slow, parts in zip(plain[number], fast[number], strict=True)),
            least_gain=task.least_gain,
            wall_s=walls[number],
        )
        for number, task in enumerate(tasks)
    ]


def mesh_task() -> Task:
    """A bumpy ball of 20,480 faces on 15 % of the picture: vertex colours, opacity, antialiasing; gradients of vertices."""
    ball = trimesh.creation.icosphere(subdivisions=5)
    places = torch.tensor(ball.vertices, dtype=torch.float32)
    bumps = 1 + 0.05 * torch.sin(7 * places[:, :1]) * torch.sin(9 * places[:, 1:2]) * torch.sin(8 * places[:, 2:])
    vertices, faces = places * bumps, torch.tensor(ball.faces, dtype=torch.int64)
    edges, camera = mesh_edges(faces), _camera(4.0, 0.84)
    colours = torch.rand(len(vertices), 3, generator=torch.Generator().manual_seed(0))
    attributes = torch.cat([colours, torch.ones(len(vertices), 1)], 1)
    weights = torch.rand(SIDE, SIDE, 4, generator=torch.Generator().manual_seed(1))

    def forward(engine: str, moved: Tensor, painted: Tensor) -> Tensor:
        raster = rasterise(moved, faces, camera, engine=engine)
        return antialias(interpolate(raster, faces, painted), raster, moved, faces, edges, camera)

    def work(engine: str) -> tuple[float, float]:
        return _timed(partial(forward, engine), (vertices, attributes), weights)

    cover = float((forward("auto", vertices, attributes)[..., 3] > 0).float().mean())
    facts = f"{len(faces):,} faces, {100 * cover:.0f} % cover"
    return Task(name="rasteriser", facts=facts, least_gain=LEAST_GAINS["mesh"], work=work)


def splat_task(scene: str) -> Task:
    """100,000 ellipsoids, colour and opacity, gradients of everything: an object's surface, or all over the picture."""
    random = torch.Generator().manual_seed(0)
    count = 100_000
    if scene == "object":  # on a ball
        means = torch.nn.functional.normalize(torch.randn(count, 3, generator=random), dim=1)
        camera, size = _camera(4.0, 0.875), 0.0075
    else:  # in a slab that nearly fills the view
        means = (torch.rand(count, 3, generator=random) * 2 - 1) * torch.tensor([1.05, 1.0, 0.95])
        camera, size = _camera(4.0, 1.45), 0.0055
    gaussians = Gaussians(
        kind="3d",
        means=means,
        quaternions=torch.randn(count, 4, generator=random),
        log_scales=float(np.log(size)) + 0.4 * torch.randn(count, 3, generator=random),
        opacity_logits=1.5 * torch.randn(count, generator=random),
        base=(torch.rand(count, 3, generator=random) - 0.5) / _SH_BASE,
        rest=torch.zeros(count, 0, 3),
    )
    weights = torch.rand(SIDE, SIDE, 4, generator=torch.Generator().manual_seed(1))

    def forward(engine: str, *tensors: Tensor) -> Tensor:
        moved = gaussians.with_tensors(**dict(zip(gaussians.tensors, tensors, strict=True)))
        seen = splat(moved, camera, geometry=False, engine=engine)
        return torch.cat([seen.colour, seen.opacity[..., None]], -1)

    def work(engine: str) -> tuple[float, float]:
        return _timed(partial(forward, engine), tuple(gaussians.tensors.values()), weights)

    with torch.no_grad():
        cover = float((forward("auto", *gaussians.tensors.values())[..., 3] > 0.05).float().mean())
    hits = tile_hits(gaussians, camera)
    facts = f"{count:,} splats, {hits // 1000}k tile hits, {100 * cover:.0f} % cover"
    return Task(name=f"splats, {scene}", facts=facts, least_gain=LEAST_GAINS[scene], work=work)


def _timed(forward: Callable[..., Tensor], inputs: tuple[Tensor, ...], weights: Tensor) -> tuple[float, float]:
    """Measure the CPU seconds of a picture, and of the gradients of its weighted sum."""
    leaves = tuple(tensor.clone().requires_grad_() for tensor in inputs)
    begin = time.process_time()
    picture = forward(*leaves)
    between = time.process_time()
    torch.autograd.backward(picture, weights)
    return between - begin, time.process_time() - between


def _wall(task: Task, rounds: int) -> float:
    with _threads(2):
        task.work("auto")
        walls = []
        for _ in range(rounds):
            begin = time.perf_counter()
            task.work("auto")
            walls.append(time.perf_counter() - begin)
    return statistics.median(walls)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Give torch and numba this many threads, numba at most those that it has."""
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        numba.set_num_threads(before[1])


def _camera(distance: float, focal: float) -> Camera:
    """Make a camera that looks at the middle from the front; focal length in parts of the picture's side."""
    return Camera(
        camera_from_world=look_at(np.array([0.0, -distance, 0.4]), np.zeros(3)),
        focal_x=focal * SIDE,
        focal_y=focal * SIDE,
        centre_x=SIDE / 2,
        centre_y=SIDE / 2,
        width=SIDE,
        height=SIDE,
    )


def speed_table(rows: list[Speed]) -> str:
    """Markdown: a row a task."""
    cells = [
        (
            row.name,
            row.facts,
            f"{1e3 * row.forward_s:.1f}",
            f"{1e3 * row.backward_s:.1f}",
            f"{1e3 * row.baseline_s:.0f}",
            f"{row.gain:.1f}",
            f"{row.least_gain:.1f}",
            "yes" if row.held else "no",
            f"{1e3 * row.wall_s:.0f}",
        )
        for row in rows
    ]
    return markdown_table(HEADS, cells)


BENCH = Bench(name="core.speed", title="Speeds of rasteriser and splats", run=run, tables=(HEADS,))
