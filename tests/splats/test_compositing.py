"""Splats through a camera: closed forms, the slow twin, finite differences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from splat_scenes import camera, functional, gradients, one_splat, random_splats

from grotto.contract import ProblemError
from grotto.scene import Camera, look_at
from grotto.splats import render_splats
from grotto.splats.raster import composite_splats, project_splats, splat

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
STRAIGHT = Camera(
    camera_from_world=look_at(np.array([0.0, 0.0, 2.0]), np.zeros(3)),
    focal_x=100.0, focal_y=100.0, centre_x=20.5, centre_y=20.5, width=41, height=41,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["3d", "2d"])
def test_one_splat_is_the_gaussian_of_the_book(kind: str) -> None:
    """Seen straight on from 2 units: sigma is .1 x 100 / 2 = 5 px, and ellipsoids are blurred by .3 px^2."""
    seen = render_splats(one_splat(kind), STRAIGHT)
    across = np.arange(41) - 20.0
    variance = 25.0 + (0.3 if kind == "3d" else 0.0)
    alpha = np.exp(-(across**2) / (2 * variance)) / (1 + np.exp(-4.0))
    alpha[alpha < 1 / 255] = 0
    assert seen.opacity[20] == pytest.approx(alpha, abs=2e-5)
    assert seen.colour[20, :, 0] == pytest.approx(alpha, abs=2e-5)  # white
    assert seen.depth[20, 20] == pytest.approx(2.0, abs=1e-5)
    assert seen.depth_expected is not None
    assert seen.depth_expected[20, 15] == pytest.approx(2.0, abs=1e-5)
    assert seen.normal is not None
    if kind == "2d":
        assert seen.normal[20, 20] == pytest.approx([0, 0, 1], abs=1e-5)


def test_a_tilted_disc_has_the_depth_of_its_plane() -> None:
    """Turned by 60 degrees about x: depth along the picture's column follows the plane through the origin."""
    tilt = np.pi / 3
    turned = torch.tensor([[np.cos(tilt / 2), np.sin(tilt / 2), 0.0, 0.0]], dtype=torch.float32)
    seen = render_splats(one_splat("2d", quaternions=turned, log_scales=torch.full((1, 2), -0.5)), STRAIGHT)
    normal = np.array([0.0, -np.sin(tilt), np.cos(tilt)])  # in the world; the camera sits at (0, 0, 2)
    rays = STRAIGHT.directions()[8:28, 20]
    expected = -(STRAIGHT.position @ normal) / (rays @ normal)
    assert seen.depth[8:28, 20] == pytest.approx(expected, rel=1e-4)
    assert seen.normal is not None
    assert seen.normal[20, 20] == pytest.approx(normal, abs=1e-4)


def test_near_hides_far_and_weights_add_up() -> None:
    """Two opaque splats on one ray: the near one's alpha, then the rest through it."""
    two = one_splat(
        means=torch.tensor([[0.0, 0.0, -0.5], [0.0, 0.0, 0.5]]), quaternions=torch.tensor([[1.0, 0, 0, 0]] * 2),
        log_scales=torch.full((2, 3), -2.0), opacity_logits=torch.tensor([3.0, 1.0]),
        base=torch.tensor([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]), rest=torch.zeros(2, 0, 3),
    )  # fmt: skip
    far, near = (torch.sigmoid(torch.tensor([3.0, 1.0]))).tolist()
    seen = render_splats(two, STRAIGHT)
    bright, dark = 0.5 + 0.28209479, 0.5 - 0.28209479
    assert seen.opacity[20, 20] == pytest.approx(near + (1 - near) * far, abs=1e-5)
    assert seen.colour[20, 20, 0] == pytest.approx(near * dark + (1 - near) * far * bright, abs=1e-5)
    assert seen.depth[20, 20] == pytest.approx(1.5, abs=1e-5)  # half of the light is held back by the near one
    assert seen.depth_expected is not None
    mean = (near * 1.5 + (1 - near) * far * 2.5) / (near + (1 - near) * far)
    assert seen.depth_expected[20, 20] == pytest.approx(mean, abs=1e-5)
    with torch.no_grad():
        tensors = splat(two, STRAIGHT)
    assert tensors.distortion is not None
    first, second = near, (1 - near) * far  # reference is the lower median of depths: 1.5
    assert float(tensors.distortion[20, 20]) == pytest.approx(first * second * (1 - 1.5 / 2.5) ** 2, abs=1e-5)


@pytest.mark.parametrize("kind", ["3d", "2d"])
@pytest.mark.parametrize(("engine", "device"), [("numba", "cpu"), pytest.param("torch", "cuda", marks=CUDA)])
def test_engines_agree_with_the_slow_twin(engine: str, device: str, kind: str) -> None:
    """Pictures, and the gradient of every parameter. The twin gets boxes without limit, so that wrong boxes would show."""
    gaussians = random_splats(kind, 150)
    there = gaussians.to(device)
    with torch.no_grad():
        fast, slow = splat(there, camera(), engine=engine), splat(gaussians, camera(), engine="torch")
    for name in ("colour", "opacity", "depth", "depth_expected", "normal", "distortion"):
        difference = (getattr(fast, name).cpu() - getattr(slow, name)).abs()
        assert float((difference > 1e-4).float().mean()) < 3e-3, name  # a splat on the edge of 1/255 may fall to either side
        assert float(difference.mean()) < 1e-5, name
    ours = gradients(there, lambda g: splat(g, camera(), engine=engine))
    theirs = gradients(gaussians, lambda g: splat(g, camera(), engine="torch"))
    for name, gradient in theirs.items():
        assert float((ours[name].cpu() - gradient).norm() / gradient.norm()) < 1e-3, name


@pytest.mark.parametrize("kind", ["3d", "2d"])
def test_boxes_leave_nothing_out(kind: str) -> None:
    gaussians = random_splats(kind, 80, seed=3, size=-1.5)
    with torch.no_grad():
        footprints = project_splats(gaussians, camera())
        whole = torch.tensor([0, 0, footprints.width, footprints.height], dtype=torch.int32)
        inside = (footprints.boxes[:, 2] > footprints.boxes[:, 0])[:, None]
        boundless = replace(footprints, boxes=torch.where(inside, whole, 0).to(torch.int32))
        features = gaussians.base.abs()
        boxed, median = composite_splats(footprints, features, 2.0, "numba")
        free, free_median = composite_splats(boundless, features, 2.0, "torch")
    assert float(((boxed - free).abs().amax(-1) > 1e-4).float().mean()) < 3e-3
    assert float(((median - free_median).abs() > 1e-4).float().mean()) < 3e-3


@pytest.mark.parametrize("kind", ["3d", "2d"])
def test_gradients_are_finite_differences(kind: str) -> None:
    """Of the whole chain, on large splats."""
    gaussians = random_splats(kind, 3, seed=1, size=-0.5)
    gaussians = gaussians.with_tensors(means=0.2 * gaussians.means, opacity_logits=torch.tensor([0.3, -0.4, 0.1]))
    small = camera(12, 10)
    ours = gradients(gaussians, lambda g: splat(g, small, engine="numba"))
    for name, tensor in gaussians.tensors.items():
        random = torch.Generator().manual_seed(7)
        direction = torch.randn(tensor.shape, generator=random)
        direction /= direction.norm()
        step = 2e-3
        with torch.no_grad():
            values = [
                float(
                    functional(splat(gaussians.with_tensors(**{name: tensor + sign * step * direction}), small, engine="torch"))
                )
                for sign in (1, -1)
            ]
        expected = (values[0] - values[1]) / (2 * step)
        along = float((ours[name] * direction).sum())
        assert along == pytest.approx(expected, rel=0.03, abs=0.02 * float(ours[name].norm())), name


def test_splats_behind_or_beside_the_camera_leave_nothing() -> None:
    behind = one_splat(means=torch.tensor([[0.0, 0.0, 3.0]]))
    beside = one_splat(means=torch.tensor([[50.0, 0.0, 0.0]]))
    for lost in (behind, beside):
        seen = render_splats(lost, STRAIGHT)
        assert seen.opacity.max() == 0
        assert seen.depth.max() == 0


def test_faint_splats_and_none_at_all_are_fine() -> None:
    faint = one_splat(opacity_logits=torch.tensor([-8.0]))
    assert render_splats(faint, STRAIGHT).opacity.max() == 0
    none = faint.select(torch.zeros(1, dtype=torch.bool))
    assert render_splats(none, STRAIGHT).opacity.shape == (41, 41)


def test_colour_depends_on_the_side_it_is_seen_from() -> None:
    """The function of degree 1 along z, seen from above and from below."""
    rest = torch.zeros(1, 3, 3)
    rest[0, 1, 0] = 0.5
    grey = one_splat(base=torch.zeros(1, 3), rest=rest)
    below = replace(STRAIGHT, camera_from_world=look_at(np.array([0.0, 0.0, -2.0]), np.zeros(3)))
    for looker, sign in ((STRAIGHT, -1), (below, 1)):  # the direction goes from the camera to the splat
        seen = render_splats(grey, looker)
        red = seen.colour[20, 20, 0] / seen.opacity[20, 20]
        assert red == pytest.approx(0.5 + sign * 0.5 * 0.4886025, abs=1e-4)


def test_engines_are_named_and_refused() -> None:
    with torch.no_grad():
        assert splat(one_splat(), STRAIGHT).engine == "numba"
    with pytest.raises(ProblemError, match="no splat engine"):
        splat(one_splat(), STRAIGHT, engine="opengl")
    with pytest.raises(ProblemError, match="CUDA"):
        splat(one_splat(), STRAIGHT, engine="gsplat")


def test_threads_change_nothing_beyond_rounding() -> None:
    import numba

    gaussians = random_splats("3d", 100)
    before = numba.get_num_threads()
    pictures = []
    for threads in {1, before}:
        numba.set_num_threads(threads)
        pictures.append(render_splats(gaussians, camera()).colour)
    numba.set_num_threads(before)
    assert np.abs(pictures[0] - pictures[-1]).max() < 1e-6


@CUDA
@pytest.mark.parametrize("kind", ["3d", "2d"])
def test_gsplat_agrees(kind: str) -> None:
    pytest.importorskip("gsplat", reason="gsplat is not installed")
    gaussians = random_splats(kind, 150)
    with torch.no_grad():
        theirs = splat(gaussians.to("cuda"), camera(), engine="gsplat")
        ours = splat(gaussians, camera(), engine="numba")
    for name in ("colour", "opacity", "normal"):
        assert float((getattr(theirs, name).cpu() - getattr(ours, name)).abs().mean()) < 1e-3, name
    slopes = gradients(gaussians.to("cuda"), lambda g: splat(g, camera(), engine="gsplat", geometry=False))
    expected = gradients(gaussians, lambda g: splat(g, camera(), engine="numba", geometry=False))
    for name, gradient in expected.items():
        assert float((slopes[name].cpu() - gradient).norm() / gradient.norm()) < 1e-2, name  # cut-offs differ a little


@pytest.mark.parametrize(("every", "longest_px"), [(8, 72), pytest.param(1, 648, marks=pytest.mark.slow)])
def test_garden_renders_as_the_twin_does(shared_data: Path, every: int, longest_px: int) -> None:
    """138 766 coloured points of a real scene as splats of one size, through a real camera; some of them, or all."""
    held = np.load(shared_data / "garden" / "test_garden.npz")
    view, intrinsics = held["viewmats"][0].astype(np.float64), held["Ks"][0]
    looker = Camera(
        camera_from_world=view, focal_x=intrinsics[0, 0], focal_y=intrinsics[1, 1], centre_x=intrinsics[0, 2],
        centre_y=intrinsics[1, 2], width=int(held["width"]), height=int(held["height"]),
    ).fitted(longest_px)  # fmt: skip
    points, colours = held["means3d"][::every], held["colors"][::every]
    count = len(points)
    garden = one_splat(
        means=torch.tensor(points), quaternions=torch.tensor([[1.0, 0, 0, 0]]).repeat(count, 1),
        log_scales=torch.full((count, 3), float(np.log(0.01))), opacity_logits=torch.zeros(count),
        base=(torch.tensor(colours) / 255 - 0.5) / 0.28209479, rest=torch.zeros(count, 0, 3),
    )  # fmt: skip
    with torch.no_grad():
        fast = splat(garden, looker, engine="numba", geometry=False)
        slow = splat(garden, looker, engine="torch", geometry=False)
    assert float(slow.opacity.mean()) > 0.5
    assert float((fast.colour - slow.colour).abs().mean()) < 1e-4
    assert float(((fast.colour - slow.colour).abs().amax(-1) > 4 / 255).float().mean()) < 1e-3
