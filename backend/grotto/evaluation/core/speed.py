"""`python -m grotto.evaluation.core.speed --out DIR`: how quick rasteriser and splats are on a CPU; DIR/speed.md.

Times are CPU seconds of the process on one thread, and wall seconds on two. Machines differ and are shared, so each round
also times a product of two 1024 x 1024 float32 matrices on one thread right beside; what is compared is the median of the
rounds' ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
import torch
import trimesh
from torch import Tensor

from ...render.mesh import antialias, interpolate, mesh_edges, rasterise
from ...scene import Camera, look_at
from ...splats import Gaussians
from ...splats.raster import splat, tile_hits
from ..bench_command import bench_command

SIDE, PRODUCT = 512, 1024
PROTOTYPE_PRODUCT_S = 0.021  # on the prototypes' machine
SLOWER = 1.3  # than the prototype at most
_WARM_UP = 2
_SH_BASE = 0.28209479177387814

Work = Callable[[], tuple[float, float]]  # one run; CPU seconds of the forward and of the backward part


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to time, and the prototype's CPU seconds for it, forward and backward together."""

    name: str
    prototype_s: float
    facts: str
    work: Work


@dataclass(frozen=True, kw_only=True)
class Speed:
    """One row: medians over the rounds."""

    name: str
    facts: str
    forward_s: float  # CPU, one thread
    backward_s: float
    ratio: float  # of both together to the matrix product of the same round
    most: float  # that the ratio may be
    wall_s: float  # both together, two threads

    @property
    def held(self) -> bool:
        """Whether it is as quick as it has to be."""
        return self.ratio <= self.most


def bench(out: Path, rounds: int = 9) -> str:
    """Time everything, write speed.md, and return it.

    Args:
        out: the folder of speed.md
        rounds: of which medians are told; at least 7
    """
    out.mkdir(parents=True, exist_ok=True)
    tasks = [mesh_task(), splat_task("object"), splat_task("frame")]
    rows, product_s = measure(tasks, max(7, rounds))
    text = _table(rows, product_s)
    (out / "speed.md").write_text(text, encoding="utf-8")
    return text


def measure(tasks: list[Task], rounds: int) -> tuple[list[Speed], float]:
    """Rows for the tasks, and the median CPU seconds of the matrix product."""
    product = _product()
    with _threads(1):
        for _ in range(_WARM_UP):
            product()
            for task in tasks:
                task.work()
        products: list[float] = []
        spent: list[list[tuple[float, float]]] = [[] for _ in tasks]
        ratios: list[list[float]] = [[] for _ in tasks]
        for _ in range(rounds):
            for number, task in enumerate(tasks):
                before = product()
                parts = task.work()
                beside = 0.5 * (before + product())
                products.append(beside)
                spent[number].append(parts)
                ratios[number].append(sum(parts) / beside)
    walls = [_wall(task, rounds) for task in tasks]
    rows = [
        Speed(
            name=task.name,
            facts=task.facts,
            forward_s=statistics.median(parts[0] for parts in spent[number]),
            backward_s=statistics.median(parts[1] for parts in spent[number]),
            ratio=statistics.median(ratios[number]),
            most=SLOWER * task.prototype_s / PROTOTYPE_PRODUCT_S,
            wall_s=walls[number],
        )
        for number, task in enumerate(tasks)
    ]
    return rows, statistics.median(products)


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

    def forward(moved: Tensor, painted: Tensor) -> Tensor:
        raster = rasterise(moved, faces, camera)
        return antialias(interpolate(raster, faces, painted), raster, moved, faces, edges, camera)

    def work() -> tuple[float, float]:
        return _timed(forward, (vertices, attributes), weights)

    cover = float((forward(vertices, attributes)[..., 3] > 0).float().mean())
    return Task(name="rasteriser", prototype_s=0.024, facts=f"{len(faces):,} faces, {100 * cover:.0f} % cover", work=work)


def splat_task(scene: str) -> Task:
    """100,000 ellipsoids, colour and opacity, gradients of everything: an object's surface, or all over the picture."""
    random = torch.Generator().manual_seed(0)
    count = 100_000
    if scene == "object":  # on a ball
        means = torch.nn.functional.normalize(torch.randn(count, 3, generator=random), dim=1)
        camera, size, prototype_s = _camera(4.0, 0.875), 0.0075, 0.27
    else:  # in a slab that nearly fills the view
        means = (torch.rand(count, 3, generator=random) * 2 - 1) * torch.tensor([1.05, 1.0, 0.95])
        camera, size, prototype_s = _camera(4.0, 1.45), 0.0055, 0.40
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

    def forward(*tensors: Tensor) -> Tensor:
        seen = splat(gaussians.with_tensors(**dict(zip(gaussians.tensors, tensors, strict=True))), camera, geometry=False)
        return torch.cat([seen.colour, seen.opacity[..., None]], -1)

    def work() -> tuple[float, float]:
        return _timed(forward, tuple(gaussians.tensors.values()), weights)

    with torch.no_grad():
        cover = float((forward(*gaussians.tensors.values())[..., 3] > 0.05).float().mean())
    hits = tile_hits(gaussians, camera)
    facts = f"{count:,} splats, {hits // 1000}k tile hits, {100 * cover:.0f} % cover"
    return Task(name=f"splats, {scene}", prototype_s=prototype_s, facts=facts, work=work)


def _timed(forward: Callable[..., Tensor], inputs: tuple[Tensor, ...], weights: Tensor) -> tuple[float, float]:
    """CPU seconds of a picture, and of the gradients of its weighted sum."""
    leaves = tuple(tensor.clone().requires_grad_() for tensor in inputs)
    begin = time.process_time()
    picture = forward(*leaves)
    between = time.process_time()
    torch.autograd.backward(picture, weights)
    return between - begin, time.process_time() - between


def _wall(task: Task, rounds: int) -> float:
    with _threads(2):
        task.work()
        walls = []
        for _ in range(rounds):
            begin = time.perf_counter()
            task.work()
            walls.append(time.perf_counter() - begin)
    return statistics.median(walls)


def _product() -> Callable[[], float]:
    """CPU seconds of one matrix product."""
    first, second = (torch.rand(PRODUCT, PRODUCT, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))

    def product() -> float:
        begin = time.process_time()
        first @ second
        return time.process_time() - begin

    return product


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """So many threads for torch and numba, or as many as there may be."""
    before = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        numba.set_num_threads(before[1])


def _camera(distance: float, focal: float) -> Camera:
    """Looks at the middle from the front; focal length in parts of the picture's side."""
    return Camera(
        camera_from_world=look_at(np.array([0.0, -distance, 0.4]), np.zeros(3)),
        focal_x=focal * SIDE,
        focal_y=focal * SIDE,
        centre_x=SIDE / 2,
        centre_y=SIDE / 2,
        width=SIDE,
        height=SIDE,
    )


def _table(rows: list[Speed], product_s: float) -> str:
    lines = [
        f"| {SIDE} x {SIDE} px | scene | forward, CPU ms | backward, CPU ms | of a matrix product | at most | held "
        "| wall ms, 2 threads |",
        "|---|---|---:|---:|---:|---:|---|---:|",
    ]
    for row in rows:
        lines.append(
            f"| {row.name} | {row.facts} | {1e3 * row.forward_s:.1f} | {1e3 * row.backward_s:.1f} | {row.ratio:.2f} "
            f"| {row.most:.2f} | {'yes' if row.held else 'no'} | {1e3 * row.wall_s:.0f} |"
        )
    lines.append("")
    lines.append(f"The matrix product: {1e3 * product_s:.1f} CPU ms, median of the same rounds.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    bench_command(bench)
