"""The sparse voxel field: engine against plain torch, sparse grids, and a fit to pictures of a known object."""

import numpy as np
import pytest
import torch
from voxel_reference import loss_reference, march_reference

from grotto.fields.voxels import (
    SHIFT,
    THINNEST,
    LossWeights,
    Marched,
    SparseGrid,
    fit_rays,
    render_rays,
)
from grotto.scene import Lattice


def _scene(directional: bool) -> tuple[Marched, np.ndarray, np.ndarray, np.ndarray]:
    """A random sparse grid, and rays that come from all sides, some of which miss it."""
    random = np.random.default_rng(3)
    lattice = Lattice(lowest=(0.0, 0.0, 0.0), step=1.0, counts=(9, 12, 7))
    grid = SparseGrid.of_nodes(lattice, random.random(lattice.counts) < 0.8)
    grid.table[2:] = random.normal(0, 1.5, grid.table[2:].shape)
    grid.table[2:, 0] += 4
    marched = Marched(grid.table, grid.index, grid.blocks(), 0.5, SHIFT, 1.5, directional, THINNEST)
    origins = random.normal(0, 1, (64, 3))
    origins = 20 * origins / np.linalg.norm(origins, axis=1, keepdims=True) + np.array([4, 5, 3])
    aims = random.random((64, 3)) * np.array([9, 12, 7])
    directions = (aims - origins) / np.linalg.norm(aims - origins, axis=1, keepdims=True)
    rays = np.concatenate([origins, directions], axis=1).astype(np.float32)
    rays[-3:, 3:] *= -1
    targets = random.random((64, 4)).astype(np.float32)
    targets[::2, 3] = -1
    return marched, rays, targets, random.random(64).astype(np.float32)


@pytest.mark.parametrize("directional", [False, True])
def test_the_engine_differentiates_as_torch_does(directional: bool) -> None:
    marched, rays, targets, jitter = _scene(directional)
    weights = LossWeights(0.5, 0.7, 1 / 64, 0.2, 0.5, 0.9)
    gradient = np.zeros((2, *marched.table.shape), np.float32)
    sums = fit_rays(rays, targets, jitter, marched, weights, gradient).sum(0)
    table = torch.from_numpy(marched.table.copy()).requires_grad_()
    made, along = march_reference(torch.from_numpy(rays), torch.from_numpy(jitter), table, marched)
    loss = loss_reference(made, along, torch.from_numpy(targets), weights, marched)
    loss.backward()
    total = weights.mean * (sums[0] + weights.alpha * sums[1] + weights.distortion * sums[2])
    assert total == pytest.approx(loss.item(), rel=1e-4)
    expected = table.grad.numpy()
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(gradient.sum(0), expected, atol=2e-4 * np.abs(expected).max())


def test_the_engine_renders_as_torch_does() -> None:
    marched, rays, _, _ = _scene(True)
    made = render_rays(rays, marched)
    expected, _ = march_reference(torch.from_numpy(rays), torch.full((64,), 0.5), torch.from_numpy(marched.table), marched)
    np.testing.assert_allclose(made[:, :3], expected.colour.numpy(), atol=2e-5)
    np.testing.assert_allclose(made[:, 3], expected.opacity.numpy(), atol=2e-5)
    np.testing.assert_allclose(made[:, 4], expected.distance_expected.numpy(), atol=1e-3)
    np.testing.assert_allclose(made[:, 5], expected.distance_median.numpy(), atol=1e-3)
    assert (made[:, 3] > 0.5).any() and (made[-3:, 3] == 0).all()
