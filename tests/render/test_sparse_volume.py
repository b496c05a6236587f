"""The sparse renderer against its slow twin: the same samples interpolated, activated and composited one ray at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from grotto.render.volume import FixedSamples, composite, composite_packed, lay_samples
from grotto.scene import Camera, Lattice, Region, look_at

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
DEVICES = ["cpu", pytest.param("cuda", marks=CUDA)]
REGION = Region(lowest=(-1, -0.8, -0.6), highest=(1, 0.8, 0.6), bounded=True)


def scene() -> tuple[Lattice, NDArray[np.bool_], list[Camera], FixedSamples]:
    lattice = Lattice.over(REGION, 12)
    live = np.random.default_rng(4).random(lattice.counts) < 0.5
    cameras = [
        Camera(
            camera_from_world=look_at(np.array(position), np.zeros(3)),
            focal_x=12, focal_y=12, centre_x=5, centre_y=4, width=10, height=8,
        )
        for position in ([3.0, 0.2, 0.4], [-1.0, 2.5, 1.0])
    ]  # fmt: skip
    return lattice, live, cameras, lay_samples(cameras, lattice, live, step=0.13, device=torch.device("cpu"))


def slow_value(lattice: Lattice, dense: NDArray[np.float64], position: NDArray[np.float64]) -> float:
    """Trilinear interpolation of (nx, ny, nz), a corner at a time; 0 outside."""
    scaled = (position - np.asarray(lattice.lowest)) / lattice.step
    if (scaled < 0).any() or (scaled > np.asarray(lattice.counts) - 1).any():
        return 0.0
    cell = np.minimum(np.floor(scaled).astype(int), np.asarray(lattice.counts) - 2)
    total = 0.0
    for corner in np.ndindex(2, 2, 2):
        place = scaled - cell
        weight = np.prod([part if side else 1 - part for part, side in zip(place, corner, strict=True)])
        total += weight * dense[tuple(cell + corner)]
    return float(total)


def test_every_sample_has_the_value_of_its_place_and_no_live_place_is_missed() -> None:
    lattice, live, cameras, samples = scene()
    dense = np.zeros(lattice.counts)
    values = np.random.default_rng(5).random(int(live.sum()))
    dense[live] = values
    found = samples.at_samples(torch.tensor(values, dtype=torch.float32)[:, None])[:, 0]
    covered = np.zeros((len(cameras), 80))
    for ray in range(len(samples.pixel)):
        camera = cameras[int(samples.picture[ray])]
        direction = camera.directions().reshape(-1, 3)[int(samples.pixel[ray])].astype(float)
        direction /= np.linalg.norm(direction)
        own = slice(int(samples.offsets[ray]), int(samples.offsets[ray + 1]))
        far = samples.distances[own].double().numpy()
        assert (np.diff(far) > 0.5 * samples.step).all()
        expected = [slow_value(lattice, dense, camera.position + direction * distance) for distance in far]
        np.testing.assert_allclose(found[own].numpy(), expected, atol=2e-5)
        covered[int(samples.picture[ray]), int(samples.pixel[ray])] = found[own].sum()
    for number, camera in enumerate(cameras):
        for pixel, direction in enumerate(camera.directions().reshape(-1, 3).astype(float)):
            direction /= np.linalg.norm(direction)
            along = np.arange(0.5, 6, 0.02)
            met = [slow_value(lattice, dense, camera.position + direction * distance) > 0.1 for distance in along]
            shorter_than_a_step = 0.02 * sum(met) < samples.step
            assert covered[number, pixel] > 0 or shorter_than_a_step


@pytest.mark.parametrize("device", DEVICES)
def test_pictures_are_those_of_rays_composited_one_by_one(device: str) -> None:
    lattice, live, cameras, _ = scene()
    samples = lay_samples(cameras, lattice, live, step=0.13, device=torch.device(device))
    values = torch.rand(int(live.sum()), 4, generator=torch.Generator().manual_seed(1)).to(device)
    at = samples.at_samples(values)
    made = composite_packed(9 * at[:, 0], at[:, 1:], samples.distances, samples.step, samples.offsets)
    for ray in range(0, len(samples.pixel), 7):
        own = slice(int(samples.offsets[ray]), int(samples.offsets[ray + 1]))
        middle = samples.distances[own][None]
        alone = composite(9 * at[own, 0][None], at[own, 1:][None], middle - 0.065, middle + 0.065)
        torch.testing.assert_close(made.colour[ray], alone.colour[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
def test_gradient_is_the_product_with_the_transpose(device: str) -> None:
    lattice, live, cameras, _ = scene()
    samples = lay_samples(cameras, lattice, live, step=0.13, device=torch.device(device))
    values = torch.rand(int(live.sum()), 4, device=device, requires_grad=True)
    towards = torch.rand(len(samples.distances), 4, device=device)
    (samples.at_samples(values) * towards).sum().backward()
    torch.testing.assert_close(values.grad, samples.interpolation.to_dense().T @ towards, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(samples.transposed.to_dense(), samples.interpolation.to_dense().T)


def test_some_of_the_samples_keep_their_values_and_their_rays() -> None:
    _, live, _, samples = scene()
    kept = torch.rand(len(samples.distances), generator=torch.Generator().manual_seed(2)) < 0.4
    fewer, needed = samples.only(kept)
    values = torch.rand(int(live.sum()), 2)
    torch.testing.assert_close(fewer.at_samples(values[needed]), samples.at_samples(values)[kept])
    torch.testing.assert_close(fewer.transposed.to_dense(), fewer.interpolation.to_dense().T)
    ray = torch.repeat_interleave(torch.arange(len(samples.pixel)), samples.offsets.diff())
    assert torch.equal(torch.repeat_interleave(torch.arange(len(samples.pixel)), fewer.offsets.diff()), ray[kept])


def test_a_camera_that_sees_nothing_live_has_no_rays() -> None:
    lattice, live, cameras, _ = scene()
    none = lay_samples(cameras, lattice, np.zeros_like(live), step=0.1, device=torch.device("cpu"))
    assert len(none.pixel) == 0
    assert none.at_samples(torch.zeros(0, 4)).shape == (0, 4)


@CUDA
def test_cuda_renders_the_same() -> None:
    lattice, live, cameras, samples = scene()
    there = lay_samples(cameras, lattice, live, step=0.13, device=torch.device("cuda"))
    values = torch.rand(int(live.sum()), 4)
    torch.testing.assert_close(there.at_samples(values.cuda()).cpu(), samples.at_samples(values), rtol=1e-4, atol=1e-5)
