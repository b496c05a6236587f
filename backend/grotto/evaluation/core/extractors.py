"""Every surface extractor on one object of known shape."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.spatial import cKDTree

from ...formats import Mesh, PointCloud
from ...meshes.remesh import decimate, nearest_on_mesh
from ...meshes.repair import mesh_facts
from ...meshes.surface import (
    FlexiWeights,
    dual_contour,
    flexicubes,
    fuse_depths,
    points_to_surface,
    surface_of_grid,
    tetrahedral_grid,
    tetrahedral_surface,
)
from ...metrics import sample_surface
from ...render.mesh.differentiable import render_mesh
from ...scene import Camera, Region, look_at
from ..bench import Bench
from ..markdown import markdown_table
from ..scenes import EULER, carved_die, carved_die_tensor, points_on_die

_TRUTH, _SAMPLES, _CLOUD, _CLOUD_RBF = 400_000, 60_000, 40_000, 6_000
_VIEWS, _VIEW_PX, _TILE_PX = 24, 256, 250
_FIT_STEPS, _FIT_COUNT = 150, 32
_LOW = (-0.8, -0.8, -0.8)
_SIDE = 1.6
HEADS = (":extractor", "cells a side", "CPU s", "faces", "Chamfer", "Hausdorff", ":closed", ":topology")


@dataclass(frozen=True, kw_only=True)
class ExtractorScore:
    """One row of the table; distances in thousandths of the object's unit (its side is 1.06)."""

    name: str
    cells: int  # along the longest side
    seconds: float  # of CPU
    faces: int
    chamfer: float  # half the sum of both sides' mean distances
    hausdorff: float  # the larger of both sides' largest distances
    watertight: bool
    euler_right: bool


def score(
    name: str, cells: int, seconds: float, mesh: Mesh, truth: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> ExtractorScore:
    """Compare a mesh with the true surface's points and normals."""
    points, normals = truth
    there = nearest_on_mesh(mesh, points).distance
    samples = np.concatenate([sample_surface(mesh, _SAMPLES, 1)[0], mesh.vertices[np.unique(mesh.faces)].astype(np.float64)])
    distance, near = cKDTree(points).query(samples)
    # Points have gaps: where the sample lies over one, its distance from the nearest point's plane counts.
    pitch = float(np.median(cKDTree(points).query(points[:2000], k=5)[0][:, 4]))
    plane = np.abs(((samples - points[near]) * normals[near]).sum(axis=1))
    back = np.where(distance**2 - plane**2 < (2 * pitch) ** 2, plane, distance)
    facts = mesh_facts(mesh)
    return ExtractorScore(
        name=name,
        cells=cells,
        seconds=seconds,
        faces=facts.faces,
        chamfer=500 * float(there.mean() + back.mean()),
        hausdorff=1000 * float(max(there.max(), back.max())),
        watertight=facts.watertight,
        euler_right=facts.euler == EULER,
    )


def extractors(cells: int) -> Iterator[tuple[str, int, Callable[[], Mesh]]]:
    """Yield name, cells and the extraction of the carved die; preparation is done before the extraction is called."""
    line = np.linspace(0, _SIDE, cells + 1)
    values = carved_die(np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1) + _LOW)
    step = _SIDE / cells
    low = np.array(_LOW)
    tensor = torch.tensor(values, dtype=torch.float32)
    tetrahedra = tetrahedral_grid(_LOW, (cells + 1,) * 3, step)
    plain = FlexiWeights.plain((cells + 1,) * 3)
    yield "marching cubes", cells, lambda: surface_of_grid(values, low, step, 0.0)
    yield "marching tetrahedra (DMTet)", cells, lambda: _mesh(*tetrahedral_surface(tetrahedra, tensor))
    yield "dual contouring, normals of the grid", cells, lambda: dual_contour(values, low, step, 0.0)
    yield "dual contouring, normals of the field", cells, lambda: dual_contour(values, low, step, 0.0, sample=carved_die)
    yield "FlexiCubes, plain weights", cells, lambda: _flexi(tensor, plain, step)
    yield f"FlexiCubes, fitted in {_FIT_STEPS} steps", _FIT_COUNT, lambda: _fitted("flexicubes")
    yield f"DMTet, fitted in {_FIT_STEPS} steps", _FIT_COUNT, lambda: _fitted("tetrahedra")
    exact = dual_contour(values, low, step, 0.0, sample=carved_die)
    cameras = _around(_VIEWS, _VIEW_PX)
    renders = [render_mesh(exact, camera, samples=1) for camera in cameras]
    box = Region(lowest=_LOW, highest=(_LOW[0] + _SIDE, _LOW[1] + _SIDE, _LOW[2] + _SIDE), bounded=True)
    yield f"TSDF of {_VIEWS} depth maps", cells, lambda: fuse_depths(cameras, renders, box, cells)
    many, few = points_on_die(_CLOUD, 7), points_on_die(_CLOUD_RBF, 8)
    yield f"Poisson, {_CLOUD // 1000}k points", cells, lambda: _of_points(many, "poisson", cells)
    yield f"moving least squares, {_CLOUD // 1000}k points", cells, lambda: _of_points(many, "mls", cells)
    yield f"radial basis functions, {_CLOUD_RBF // 1000}k points", _FIT_COUNT, lambda: _of_points(few, "rbf", _FIT_COUNT)
    full = surface_of_grid(values, low, step, 0.0)
    yield "marching cubes, decimated to 10 %", cells, lambda: decimate(full, len(full.faces) // 10)


def run(out: Path, cells: int = 64, repeat: int = 2) -> str:
    """Measure all extractors, write extractors.md and extractors.jpg, and return the table.

    Args:
        out: the folder of both
        cells: of the grid along its side
        repeat: the fastest of this many runs counts
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    truth = points_on_die(_TRUTH)
    rows: list[ExtractorScore] = []
    tiles: list[tuple[str, Mesh]] = []
    for name, count, extract in extractors(cells):
        seconds = []
        for _ in range(1 if "fitted" in name else repeat):
            begin = time.process_time()
            mesh = extract()
            seconds.append(time.process_time() - begin)
        rows.append(score(name, count, min(seconds), mesh, truth))
        tiles.append((name, mesh))
    _picture(tiles).save(out / "extractors.jpg", quality=82)
    text = _table(rows)
    (out / "extractors.md").write_text(text, encoding="utf-8")
    return text


def _mesh(vertices: torch.Tensor, faces: torch.Tensor) -> Mesh:
    return Mesh(vertices=vertices.detach().numpy().astype(np.float32), faces=faces.numpy().astype(np.int32))


def _flexi(values: torch.Tensor, weights: FlexiWeights, step: float) -> Mesh:
    made = flexicubes(values, weights, _LOW, step, fit=False)
    return _mesh(made.vertices, made.faces)


def _fitted(kind: Literal["tetrahedra", "flexicubes"]) -> Mesh:
    """Fit values and weights by gradients until points of the faces lie on the die; begins at the grid's true values."""
    step = _SIDE / _FIT_COUNT
    line = np.linspace(0, _SIDE, _FIT_COUNT + 1)
    start = carved_die(np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1) + _LOW)
    values = torch.tensor(start, dtype=torch.float32).requires_grad_()
    grid = tetrahedral_grid(_LOW, (_FIT_COUNT + 1,) * 3, step)
    offsets = torch.zeros(values.numel(), 3).requires_grad_()
    plain = FlexiWeights.plain((_FIT_COUNT + 1,) * 3)
    learnt = [part.clone().requires_grad_() for part in (plain.alpha, plain.beta, plain.gamma, plain.offset)]
    weights = FlexiWeights(*learnt)
    moved = [offsets] if kind == "tetrahedra" else learnt
    optimiser = torch.optim.Adam([{"params": [values], "lr": 1e-3}, {"params": moved, "lr": 1e-2}])
    for _ in range(_FIT_STEPS):
        regular = torch.zeros(())
        if kind == "tetrahedra":
            vertices, faces = tetrahedral_surface(grid, values, offsets)
        else:
            made = flexicubes(values, weights, _LOW, step)
            vertices, faces, regular = made.vertices, made.faces, made.spread.mean()
        corners = vertices[faces]
        share = torch.rand(len(faces), 3).clamp_min(1e-3)
        share = share / share.sum(dim=1, keepdim=True)
        off = carved_die_tensor((corners * share.unsqueeze(2)).sum(dim=1))
        loss = off.square().mean() / step**2 + 1e-2 * regular / step
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    if kind == "tetrahedra":
        return _mesh(*tetrahedral_surface(grid, values, offsets))
    return _flexi(values, weights, step)


def _of_points(
    sampled: tuple[NDArray[np.float64], NDArray[np.float64]], method: Literal["poisson", "mls", "rbf"], cells: int
) -> Mesh:
    points, normals = sampled
    cloud = PointCloud(points.astype(np.float32), np.full(points.shape, 180, np.uint8))
    made = points_to_surface(cloud, normals, method=method, resolution=cells)
    return Mesh(vertices=made.vertices, faces=made.faces)


def _around(count: int, px: int) -> list[Camera]:
    """Spread cameras over a sphere (Fibonacci's lattice) that look at the middle."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(count)
    flat = np.sqrt(1 - height**2)
    return [_camera(2.6 * np.array([f * np.cos(t), f * np.sin(t), h]), px) for f, t, h in zip(flat, turn, height, strict=True)]


def _camera(position: NDArray[np.float64], px: int) -> Camera:
    return Camera(
        camera_from_world=look_at(position, np.zeros(3)),
        focal_x=1.35 * px,
        focal_y=1.35 * px,
        centre_x=px / 2,
        centre_y=px / 2,
        width=px,
        height=px,
    )


def _picture(tiles: list[tuple[str, Mesh]]) -> Image.Image:
    """Draw all results side by side, each face shaded flat, so that edges and unevenness show."""
    columns = 4
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * _TILE_PX, rows * (_TILE_PX + 16)), "white")
    drawing = ImageDraw.Draw(sheet)
    camera = _camera(np.array([1.5, -1.9, 1.1]), _TILE_PX)
    light = np.array([0.25, -0.5, 0.83])
    for number, (name, mesh) in enumerate(tiles):
        corners = mesh.vertices[mesh.faces].astype(np.float64)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
        shade = 0.22 + 0.7 * np.clip(normal @ light, 0, 1) + 0.08 * np.abs(normal[:, 0])
        flat = Mesh(
            vertices=corners.reshape(-1, 3).astype(np.float32),
            faces=np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3),
            colours=np.repeat(shade[:, None] * (1.0, 0.95, 0.87), 3, axis=0).astype(np.float32),
        )
        picture = (np.clip(render_mesh(flat, camera, samples=3).over(1.0), 0, 1) * 255).astype(np.uint8)
        place = (number % columns) * _TILE_PX, (number // columns) * (_TILE_PX + 16)
        sheet.paste(Image.fromarray(picture), place)
        drawing.text((place[0] + 6, place[1] + _TILE_PX), name, fill="black")
    return sheet


def _table(rows: list[ExtractorScore]) -> str:
    cells = [
        (
            row.name,
            str(row.cells),
            f"{row.seconds:.2f}",
            f"{row.faces:,}",
            f"{row.chamfer:.2f}",
            f"{row.hausdorff:.1f}",
            "yes" if row.watertight else "no",
            "right" if row.euler_right else "other",
        )
        for row in rows
    ]
    return markdown_table(HEADS, cells)


BENCH = Bench(name="core.extractors", title="Surface extractors on a carved die", run=run, tables=(HEADS,))
