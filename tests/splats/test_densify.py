"""Splats that move, grow, split and go, and the optimiser that keeps their moments in step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from splat_scenes import camera, one_splat, random_splats

from grotto.splats import RATES, Gaussians, SplatOptimiser
from grotto.splats.raster import Splatted, splat
from grotto.splats.strategies import DefaultStrategy, McmcStrategy, shared_opacity


def _stepped(optimiser: SplatOptimiser) -> None:
    gaussians = optimiser.gaussians
    sum((tensor * torch.arange(tensor.numel()).reshape(tensor.shape)).sum() for tensor in gaussians.tensors.values()).backward()
    optimiser.step(RATES)


def test_rows_keep_their_moments() -> None:
    """Removing and adding rows between steps gives what each row would have become alone."""
    splats = random_splats("3d", 6)
    one, other = SplatOptimiser(splats), SplatOptimiser(splats)
    _stepped(one)
    _stepped(other)
    kept = torch.tensor([1, 4, 5])
    other.keep(kept)
    other.append(random_splats("3d", 2, seed=9))
    assert other.count == 5
    for optimiser in (one, other):
        gaussians = optimiser.gaussians
        (gaussians.means.sum() + gaussians.rest.sum()).backward()
        optimiser.step(RATES)
    assert torch.allclose(one.gaussians.means[kept], other.gaussians.means[:3])
    assert torch.allclose(one.gaussians.rest[kept], other.gaussians.rest[:3])


def test_restored_optimisers_go_on_alike() -> None:
    one = SplatOptimiser(random_splats("2d", 5))
    _stepped(one)
    other = SplatOptimiser.restored(one.state(), torch.device("cpu"))
    _stepped(one)
    _stepped(other)
    for name, tensor in one.gaussians.tensors.items():
        assert torch.equal(tensor, other.gaussians.tensors[name]), name


@pytest.mark.parametrize("copies", [1, 2, 5, 30])
def test_shared_opacity_keeps_the_middle_as_opaque(copies: int) -> None:
    opacity, factor = shared_opacity(torch.tensor([0.6]), torch.tensor([copies]))
    assert float(1 - (1 - opacity) ** copies) == pytest.approx(0.6, abs=1e-4)
    assert 0.2 < float(factor) <= 1.0001


def test_copies_look_like_what_they_came_from() -> None:
    single = one_splat(opacity_logits=torch.tensor([2.0]))
    opacity, factor = shared_opacity(single.opacities, torch.tensor([2]))
    shared = single.with_tensors(opacity_logits=torch.logit(opacity), log_scales=single.log_scales + torch.log(factor))
    with torch.no_grad():
        before, after = (splat(g, camera(), geometry=False).opacity for g in (single, shared.joined(shared)))
        doubled = splat(single.joined(single), camera(), geometry=False).opacity
    assert float((before - after).abs().mean()) < 0.3 * float((before - doubled).abs().mean())


def test_mcmc_moves_the_dead_to_the_living_and_grows_to_its_limit() -> None:
    splats = random_splats("3d", 40)
    splats = splats.with_tensors(opacity_logits=torch.where(torch.arange(40) < 10, -9.0, 1.0))
    optimiser = SplatOptimiser(splats)
    strategy = McmcStrategy(most=50, start=0, stop=100, every=10, growth=1.2)
    strategy.refine(10, optimiser, 0.0, torch.Generator().manual_seed(0))
    found = optimiser.gaussians
    assert optimiser.count == 48
    assert float(found.opacities.detach().min()) >= 0.005 - 1e-6
    living = splats.means[10:]
    distances = (found.means[:10, None].detach() - living).norm(dim=2).amin(1)
    assert float(distances.max()) < 1e-5  # each dead one lies on a living one now
    strategy.refine(20, optimiser, 0.0, torch.Generator().manual_seed(0))
    assert optimiser.count == 50


def test_only_faint_splats_tremble() -> None:
    splats = random_splats("3d", 20)
    splats = splats.with_tensors(opacity_logits=torch.where(torch.arange(20) < 10, -5.5, 3.0))
    optimiser = SplatOptimiser(splats)
    McmcStrategy(most=20, start=5, stop=9, every=2).refine(0, optimiser, 1e-4, torch.Generator().manual_seed(0))
    moved = (optimiser.gaussians.means.detach() - splats.means).norm(dim=1)
    assert float(moved[:10].min()) > 0
    assert float(moved[10:].max()) == 0


def _pulled(gaussians: Gaussians, slopes: torch.Tensor) -> Splatted:
    """A picture that pulls at the centres with the given sizes."""
    seen = splat(gaussians, camera(), geometry=False)
    seen.centres.retain_grad()
    (seen.centres * slopes[:, None] * torch.tensor([1.0, 0.0])).sum().backward()
    return seen


def test_default_strategy_clones_small_splits_large_and_prunes_faint() -> None:
    splats = random_splats("3d", 30, size=-6.0)
    sizes = splats.log_scales.clone()
    sizes[1] = -1.0
    opacities = torch.full((30,), 1.0)
    opacities[2] = -9.0
    splats = splats.with_tensors(log_scales=sizes, opacity_logits=opacities, means=0.3 * splats.means)
    optimiser = SplatOptimiser(splats)
    strategy = DefaultStrategy(most=100, start=0, stop=100, every=5, reset_every=0, extent=1.0)
    slopes = torch.zeros(30)
    slopes[:2] = 1.0
    strategy.observe(_pulled(optimiser.gaussians, slopes))
    strategy.refine(5, optimiser, 0.0, torch.Generator().manual_seed(0))
    assert optimiser.count == 30 + 1 + 1 - 1  # one clone, one split in two, one pruned
    found = optimiser.gaussians
    assert int((found.means == splats.means[0]).all(1).sum()) == 2
    halves = found.log_scales[-2:]
    assert torch.allclose(halves, sizes[1] - np.log(1.6), atol=1e-5)


def test_default_strategy_resets_opacity_and_obeys_its_limit() -> None:
    splats = random_splats("3d", 30, size=-6.0).with_tensors(opacity_logits=torch.full((30,), 3.0))
    optimiser = SplatOptimiser(splats)
    strategy = DefaultStrategy(most=32, start=0, stop=100, every=5, reset_every=10, extent=1.0)
    strategy.observe(_pulled(optimiser.gaussians, torch.ones(30)))
    strategy.refine(10, optimiser, 0.0, torch.Generator().manual_seed(0))
    assert optimiser.count == 32
    assert float(optimiser.gaussians.opacities.max()) == pytest.approx(0.01, abs=1e-5)
