"""The rendering equation against closed forms, and the packed layout against the even one."""

from __future__ import annotations

import math

import torch

from grotto.render.volume import composite, composite_packed


def even_ray(density: float, length: float, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    edges = torch.linspace(2.0, 2.0 + length, count + 1, dtype=torch.float64)[None]
    return torch.full((1, count), density, dtype=torch.float64), edges[:, :-1], edges[:, 1:]


def test_even_fog_is_beers_law_at_any_number_of_samples() -> None:
    colour = torch.tensor([0.2, 0.5, 0.9], dtype=torch.float64)
    for count in (1, 7, 100):
        density, starts, ends = even_ray(1.3, 0.8, count)
        made = composite(density, colour.expand(1, count, 3), starts, ends)
        opacity = 1 - math.exp(-1.3 * 0.8)
        torch.testing.assert_close(made.opacity, torch.tensor([opacity], dtype=torch.float64))
        torch.testing.assert_close(made.colour, opacity * colour[None])
        torch.testing.assert_close(made.weights.sum(1), made.opacity)


def test_median_and_mean_depth_of_even_fog() -> None:
    density, starts, ends = even_ray(2.0, 40.0, 4000)
    made = composite(density, torch.zeros(1, 4000, 3, dtype=torch.float64), starts, ends)
    # The distance to the first collision in fog is exponential: mean 1/s, median ln 2 / s.
    assert math.isclose(float(made.distance_expected), 2.0 + 1 / 2.0, abs_tol=1e-4)
    assert math.isclose(float(made.distance_median), 2.0 + math.log(2) / 2.0, abs_tol=1e-6)


def test_thin_fog_has_no_median_depth() -> None:
    density, starts, ends = even_ray(0.1, 1.0, 10)
    made = composite(density, torch.zeros(1, 10, 3, dtype=torch.float64), starts, ends)
    assert float(made.distance_median) == 0.0
    assert 2.0 < float(made.distance_expected) < 3.0


def test_a_wall_hides_what_is_behind() -> None:
    density = torch.tensor([[0.0, 1e6, 1e6]])
    colour = torch.tensor([[[9.0, 9.0, 9.0], [0.1, 0.2, 0.3], [1.0, 1.0, 1.0]]])
    edges = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    made = composite(density, colour, edges[:, :-1], edges[:, 1:])
    torch.testing.assert_close(made.colour, torch.tensor([[0.1, 0.2, 0.3]]))
    assert abs(float(made.distance_median) - 2.0) < 1e-5


def uneven_rays() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    counts = torch.tensor([5, 0, 1, 9])
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), counts.cumsum(0)])
    density = 4 * torch.rand(15, generator=generator)
    colour = torch.rand(15, 3, generator=generator)
    distances = torch.cat([1.05 + 0.1 * torch.arange(int(count)) for count in counts])
    return density, colour, distances, offsets


def test_packed_rays_are_the_same_as_rays_one_by_one() -> None:
    density, colour, distances, offsets = uneven_rays()
    made = composite_packed(density, colour, distances, 0.1, offsets)
    for ray in range(4):
        own = slice(int(offsets[ray]), int(offsets[ray + 1]))
        if own.start == own.stop:
            assert float(made.opacity[ray]) == 0.0
            continue
        starts, ends = distances[own][None] - 0.05, distances[own][None] + 0.05
        alone = composite(density[own][None], colour[own][None], starts, ends)
        torch.testing.assert_close(made.weights[own], alone.weights[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(made.colour[ray], alone.colour[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(made.opacity[ray], alone.opacity[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(made.distance_expected[ray], alone.distance_expected[0], rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(made.distance_median[ray], alone.distance_median[0], rtol=1e-4, atol=1e-4)


def test_gradients_of_packed_rays_against_finite_differences() -> None:
    density, colour, distances, offsets = (part.double() if part.is_floating_point() else part for part in uneven_rays())
    density.requires_grad_()
    colour.requires_grad_()

    def seen(density: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
        made = composite_packed(density, colour, distances, 0.1, offsets)
        return (made.colour.square()).sum() + made.opacity.square().sum() + made.distance_expected.sum()

    assert torch.autograd.gradcheck(seen, (density, colour))
