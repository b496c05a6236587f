"""What a fit makes small, and what evens out photos."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from splat_scenes import camera, one_splat, random_splats

from grotto.metrics import ssim
from grotto.splats import (
    Exposure,
    distortion_loss,
    normal_loss,
    outside_loss,
    photometric_loss,
    ray_normals,
    structural_similarity,
)
from grotto.splats.raster import splat
from grotto.splats.surface import Alignment


def test_quick_ssim_is_the_ssim_of_metrics() -> None:
    random = torch.Generator().manual_seed(0)
    picture = torch.rand(31, 40, 3, generator=random, requires_grad=True)
    target = (picture.detach() + 0.2 * torch.randn(31, 40, 3, generator=random)).clamp(0, 1)
    slow = ssim(picture, target)
    (gradient,) = torch.autograd.grad(slow, picture)
    quick = structural_similarity(picture, target)
    quick.backward()
    assert float(quick) == pytest.approx(float(slow), abs=1e-5)
    assert picture.grad is not None
    assert float((picture.grad - gradient).norm() / gradient.norm()) < 1e-4


def test_equal_pictures_cost_nothing_and_confidence_hides_errors() -> None:
    random = torch.Generator().manual_seed(0)
    target = torch.rand(24, 24, 3, generator=random)
    assert float(photometric_loss(target, target)) == pytest.approx(0, abs=1e-6)
    spoilt = target.clone()
    spoilt[:8] = 0
    confidence = torch.ones(24, 24)
    confidence[:8] = 0
    assert float(photometric_loss(target, spoilt)) > 0.1
    assert float(photometric_loss(target, spoilt, confidence)) == pytest.approx(0, abs=1e-6)
    assert float(photometric_loss(target[:8, :8], spoilt[:8, :8])) == pytest.approx(float(target[:8, :8].mean()))  # L1 only


def test_opacity_outside_of_masks_costs() -> None:
    alpha = torch.zeros(4, 4)
    alpha[:2] = 1
    assert float(outside_loss(torch.ones(4, 4), alpha)) == 0.5
    assert float(outside_loss(alpha, alpha)) == 0


def test_normals_of_a_plane_seen_aslant() -> None:
    looker = camera(40, 32)
    normal = np.array([0.2, 0.1, 0.97])
    normal /= np.linalg.norm(normal)
    depth = -(looker.position @ normal) / (looker.directions() @ normal)
    found = ray_normals(torch.tensor(depth), looker)
    assert found[5:-5, 5:-5].reshape(-1, 3).numpy() == pytest.approx(np.tile(normal, (22 * 30, 1)), abs=1e-3)
    assert float(found[0].abs().max()) == 0


def test_normal_loss_knows_a_disc_from_its_mirror() -> None:
    """A large disc agrees with its own depth; splats whose normals are turned away do not."""
    disc = one_splat("2d", log_scales=torch.full((1, 2), -0.7))
    looker = camera(40, 32, (0.3, 0.2, 2.5))
    with torch.no_grad():
        seen = splat(disc, looker)
    assert seen.normal is not None
    good = float(normal_loss(seen, looker))
    object.__setattr__(seen, "normal", -seen.normal)
    assert abs(good) < 0.02
    assert float(normal_loss(seen, looker)) > 0.2


def test_distortion_pulls_depths_together() -> None:
    splats = random_splats("3d", 60)
    flat = splats.with_tensors(means=splats.means * torch.tensor([1.0, 1.0, 0.0]))
    above = camera(40, 32, (0.01, 0.0, 2.5))
    with torch.no_grad():
        assert float(distortion_loss(splat(flat, above))) < 0.02 * float(distortion_loss(splat(splats, above)))


def test_alignment_prefers_flat_splats_on_their_surface() -> None:
    random = np.random.default_rng(0)
    places = torch.tensor(np.concatenate([random.uniform(-1, 1, (400, 2)), np.zeros((400, 1))], 1), dtype=torch.float32)
    flat = one_splat(
        means=places, quaternions=torch.tensor([[1.0, 0, 0, 0]]).repeat(400, 1), opacity_logits=torch.full((400,), 3.0),
        log_scales=torch.tensor([[-2.5, -2.5, -6.0]]).repeat(400, 1), base=torch.zeros(400, 3), rest=torch.zeros(400, 0, 3),
    )  # fmt: skip
    strewn = flat.with_tensors(
        means=places + 0.1 * torch.tensor(random.normal(size=(400, 3)), dtype=torch.float32), log_scales=flat.log_scales * 0 - 2.5
    )
    above = camera(40, 32, (0.01, 0.0, 2.5))
    values = []
    for gaussians in (flat, strewn):
        means = gaussians.means.clone().requires_grad_()
        moving = gaussians.with_tensors(means=means)
        loss = Alignment().loss(moving, splat(moving, above), above, torch.Generator().manual_seed(0))
        loss.backward()
        assert means.grad is not None
        assert torch.isfinite(means.grad).all()
        values.append(float(loss.detach()))
    assert values[0] < 0.5 * values[1]


def test_gains_have_no_gauge() -> None:
    exposure = Exposure(3, torch.device("cpu"))
    with torch.no_grad():
        exposure.brightness += 0.7  # all photos brighter: nothing of it is a gain
        exposure.tint += torch.tensor([0.1, 0.2, 0.3])
    assert exposure.gains().detach().numpy() == pytest.approx(np.ones((3, 3)), abs=1e-6)
    with torch.no_grad():
        exposure.brightness[1] += 0.3
    gains = exposure.gains().detach()
    assert float(torch.log(gains).mean(0).abs().max()) < 1e-6
    assert float(gains[1, 0] / gains[0, 0]) == pytest.approx(np.exp(0.3), rel=1e-5)
