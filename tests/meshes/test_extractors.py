from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from closed_fields import CLOSED, LOWEST, cube, grid_points, sphere, volume
from torch import Tensor

from grotto.contract import ProblemError
from grotto.formats import Mesh
from grotto.meshes.repair import is_manifold, mesh_facts
from grotto.meshes.surface import FlexiWeights, dual_cells, dual_contour, flexicubes, tetrahedral_grid, tetrahedral_surface

COUNT = 24
STEP = 2 / (COUNT - 1)
Extractor = Callable[[np.ndarray], Mesh]


def as_mesh(vertices: Tensor, faces: Tensor) -> Mesh:
    return Mesh(vertices=vertices.detach().numpy().astype(np.float32), faces=faces.numpy().astype(np.int32))


def by_tetrahedra(values: np.ndarray) -> Mesh:
    grid = tetrahedral_grid((-1.0, -1.0, -1.0), values.shape, 2 / (len(values) - 1), dtype=torch.float64)
    return as_mesh(*tetrahedral_surface(grid, torch.tensor(values)))


def by_contouring(values: np.ndarray) -> Mesh:
    return dual_contour(values, LOWEST, 2 / (len(values) - 1), 0.0)


def by_flexicubes(values: np.ndarray, fit: bool = False) -> Mesh:
    weights = FlexiWeights.plain(values.shape, dtype=torch.float64)
    made = flexicubes(torch.tensor(values), weights, (-1.0, -1.0, -1.0), 2 / (len(values) - 1), fit=fit)
    return as_mesh(made.vertices, made.faces)


EXTRACTORS: dict[str, Extractor] = {
    "tetrahedra": by_tetrahedra,
    "contouring": by_contouring,
    "flexicubes": by_flexicubes,
    "flexicubes, to fit": lambda values: by_flexicubes(values, True),
}


@pytest.mark.parametrize("shape", CLOSED)
@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_closed_fields_give_closed_surfaces(extractor: str, shape: str) -> None:
    field, euler, truth = CLOSED[shape]
    mesh = EXTRACTORS[extractor](field(grid_points(COUNT)))
    facts = mesh_facts(mesh)
    assert facts.watertight and facts.euler == euler
    assert volume(mesh) == pytest.approx(truth, rel=0.09)
    assert np.abs(field(mesh.vertices.astype(np.float64))).max() < 0.5 * STEP


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_any_signs_at_all_give_a_closed_surface(extractor: str) -> None:
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=(9, 9, 9))
        assert is_manifold(EXTRACTORS[extractor](noise))


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_no_surface_is_a_problem(extractor: str) -> None:
    values = -np.ones((4, 4, 4))
    with pytest.raises(ProblemError):
        EXTRACTORS[extractor](values)
    values[1, 1, 1] = np.nan
    with pytest.raises(ProblemError):
        EXTRACTORS[extractor](values)


def test_patches_that_share_two_sides_are_split() -> None:
    values = np.pad(np.random.default_rng(0).normal(size=(8, 8, 8)), 1, constant_values=-1.0)  # holds dozens of them
    dual = dual_cells(values)
    quads = dual.quads
    sides = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    assert np.unique(sides, axis=0, return_counts=True)[1].max() == 2


def test_contouring_keeps_a_cubes_edges_sharp() -> None:
    values = cube(grid_points(COUNT))
    sharp = dual_contour(values, LOWEST, STEP, 0.0, sample=cube)
    assert np.abs(cube(sharp.vertices.astype(np.float64))).max() < 1e-5
    assert volume(sharp) == pytest.approx(1.06**3, rel=1e-4)
    corners = 0.53 * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    nearest = np.linalg.norm(sharp.vertices[:, None] - corners, axis=2).min(axis=0)
    assert nearest.max() < 1e-4
    rounded = by_flexicubes(values)
    assert np.abs(np.linalg.norm(rounded.vertices[:, None] - corners, axis=2).min(axis=0)).min() > 0.2 * STEP


def test_contouring_closes_what_the_border_cuts() -> None:
    mesh = dual_contour(np.ones((4, 5, 6)), np.zeros(3), 1.0, 0.5)
    assert is_manifold(mesh)
    assert mesh.vertices.min(axis=0) == pytest.approx([-0.5] * 3, abs=0.2)  # the grid's normals round its corners
    assert mesh.vertices.max(axis=0) == pytest.approx([3.5, 4.5, 5.5], abs=0.2)


def _small(seed: int) -> Tensor:
    """Values of both signs, none so near to zero that a small step changes the topology."""
    values = torch.randn(3, 4, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return values.sign() * (0.2 + values.abs())


def _summed(vertices: Tensor) -> Tensor:
    """One number that every coordinate of every vertex has a say in, each its own."""
    return (vertices * torch.randn(vertices.shape, generator=torch.Generator().manual_seed(9), dtype=vertices.dtype)).sum()


def test_gradients_of_tetrahedra_are_those_of_finite_differences() -> None:
    grid = tetrahedral_grid((0.0, 0.0, 0.0), (3, 4, 3), 0.7, dtype=torch.float64)
    values = _small(1).reshape(-1).requires_grad_()
    offsets = 0.3 * torch.randn(36, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    offsets.requires_grad_()
    assert torch.autograd.gradcheck(lambda s, d: _summed(tetrahedral_surface(grid, s, d)[0]), (values, offsets), atol=1e-6)


@pytest.mark.parametrize("fit", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_gradients_of_flexicubes_are_those_of_finite_differences(fit: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    shapes = ((12, 8), (12, 12), (12,), (3, 4, 3, 3))
    learnt = [(0.4 * torch.randn(shape, generator=generator, dtype=torch.float64)).requires_grad_() for shape in shapes]
    values = _small(4).requires_grad_()

    def surface(*inputs: Tensor) -> tuple[Tensor, Tensor]:
        made = flexicubes(inputs[0], FlexiWeights(*inputs[1:]), (0.0, 0.0, 0.0), 0.7, fit=fit)
        return _summed(made.vertices), _summed(made.spread)

    assert torch.autograd.gradcheck(surface, (values, *learnt), atol=1e-6)
    if fit:  # gamma moves the middles only, and does move them
        (slope,) = torch.autograd.grad(surface(values, *learnt)[0], learnt[2])
        assert float(slope.abs().max()) > 1e-4


def test_plain_weights_give_plain_dual_cubes() -> None:
    mesh, fitted = by_flexicubes(sphere(grid_points(16))), by_flexicubes(sphere(grid_points(16)), True)
    assert np.array_equal(mesh.vertices, fitted.vertices[: len(mesh.vertices)])
    assert len(fitted.faces) == 2 * len(mesh.faces)


@pytest.mark.parametrize("kind", ["tetrahedra", "flexicubes"])
def test_a_sphere_becomes_an_ellipsoid_elsewhere_by_gradients(kind: str) -> None:
    count = 10
    step = 2 / (count - 1)
    values = torch.tensor(sphere(grid_points(count)), dtype=torch.float32).requires_grad_()
    grid = tetrahedral_grid((-1.0, -1.0, -1.0), (count,) * 3, step)
    weights = FlexiWeights.plain((count,) * 3)
    optimiser = torch.optim.Adam([values], lr=0.04)
    for _ in range(20):
        if kind == "tetrahedra":
            vertices, faces = tetrahedral_surface(grid, values)
        else:
            made = flexicubes(values, weights, (-1.0, -1.0, -1.0), step)
            vertices, faces = made.vertices, made.faces
        middles = vertices[faces].mean(dim=1) - torch.tensor([0.1, 0.0, -0.1])
        off = (middles / torch.tensor([0.5, 0.65, 0.75])).norm(dim=1) - 1
        loss = off.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    facts = mesh_facts(as_mesh(vertices, faces))
    assert facts.watertight and facts.euler == 2
    assert float(loss.detach()) ** 0.5 < 0.03


def test_a_grid_of_tetrahedra_fills_its_box() -> None:
    grid = tetrahedral_grid((0.0, 1.0, 2.0), (3, 4, 5), 0.5, dtype=torch.float64)
    corners = grid.positions[grid.tetrahedra]
    volumes = torch.linalg.det(corners[:, 1:] - corners[:, :1]) / 6
    assert float(volumes.min()) > 0 and float(volumes.sum()) == pytest.approx(1.0 * 1.5 * 2.0)
    sides = torch.sort(grid.tetrahedra[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), dim=1).values
    _, counts = torch.unique(sides, dim=0, return_counts=True)
    assert int((counts == 1).sum()) == 4 * (2 * 3 + 2 * 4 + 3 * 4)  # two triangles for each square of the box's sides
    assert int(counts.max()) == 2
    moved = grid.moved(torch.full_like(grid.positions, 9.0)) - grid.positions
    assert moved.numpy() == pytest.approx(0.225, abs=1e-3)
