"""Maths of the learnt fields: encodings, sampling, weights of distance fields, differences."""

import math

import numpy as np
import pytest
import torch

from grotto.fields.networks import (
    GridEncoding,
    GridLevels,
    VolSdf,
    encode_reference,
    encoded_size,
    importance,
    intervals,
    laplace_density,
    levels_at,
    numerical_gradient,
    positional_encoding,
    sizes_on,
    stratified,
    unbiased_alpha,
)
from grotto.render.volume import composite
from grotto.scene import Region

_REGION = Region(lowest=(1.0, -3.0, 2.0), highest=(5.0, 1.0, 6.0), bounded=True)


def test_positional_encoding_has_the_values_of_the_paper() -> None:
    made = positional_encoding(torch.tensor([[0.25, -1.0]]), 2)
    half = math.sqrt(0.5)
    expected = [0.25, -1, half, 0, half, -1, 1, 0, 0, 1]
    torch.testing.assert_close(made[0], torch.tensor(expected), atol=1e-6, rtol=0)
    assert made.shape[1] == encoded_size(2, 2)


def test_importance_follows_the_weights() -> None:
    edges = torch.tensor([[0.0, 1.0, 2.0, 4.0]])
    places = (torch.arange(4000) + 0.5)[None] / 4000
    found = importance(edges, torch.tensor([[1.0, 0.0, 3.0]]), places)
    assert (found.diff() >= 0).all()
    shares = torch.histogram(found[0], bins=edges[0]).hist / 4000
    torch.testing.assert_close(shares, torch.tensor([0.25, 0.0, 0.75]), atol=2e-3, rtol=0)
    upper = found[found > 2]
    assert upper.mean() == pytest.approx(3.0, abs=0.01)  # even within a stretch


def test_stratified_samples_stay_in_their_intervals() -> None:
    jitter = torch.rand(5, 8, generator=torch.Generator().manual_seed(0))
    found = stratified(torch.full((5,), 2.0), torch.full((5,), 6.0), jitter)
    assert (((found - 2) / 0.5).floor() == torch.arange(8)).all()
    starts, ends = intervals(found, torch.full((5,), 2.0), torch.full((5,), 6.0))
    torch.testing.assert_close((ends - starts).sum(1), torch.full((5,), 4.0))
    assert ((starts <= found) & (found <= ends)).all()


@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here"))],
)
def test_hash_encoding_agrees_with_torch_on_the_cpu(device: str) -> None:
    """Forward, table and position gradients, for levels with rows of their own and for hashed ones; numba on the CPU."""
    levels = GridLevels.between(4, 40, 4, most_rows=1 << 10, features=2)
    assert [(cells + 1) ** 3 <= 1 << 10 for cells in levels.cells] == [True, True, False, False]
    torch.manual_seed(0)
    encoding = GridEncoding(levels)
    encoding.table.data.normal_()
    positions = torch.cat([torch.rand(300, 3) * 1.1 - 0.05, torch.tensor([[0.0, 0, 0], [1, 1, 1]])])
    pull = torch.randn(302, levels.channels)
    found = []
    for fast in (True, False):
        where = device if fast else "cpu"
        place = positions.clone().to(where).requires_grad_()
        table = encoding.table.detach().to(where).clone().requires_grad_()
        encoding.active = 3
        if fast:
            encoding.table = torch.nn.Parameter(table.detach())
            made, table = encoding(place), encoding.table
        else:
            made = encode_reference(place, table, levels, 3)
        (made * pull.to(where)).sum().backward()
        found.append(tuple(tensor.cpu() for tensor in (made.detach(), table.grad, place.grad[:300])))
    assert found[0][0][:, 6:].abs().max() == 0  # the level not in use
    assert found[0][1].abs().max() > 1
    for fast_one, slow_one in zip(*found, strict=True):
        torch.testing.assert_close(fast_one, slow_one, atol=2e-4, rtol=1e-4)


def test_dense_levels_interpolate_linear_functions_exactly() -> None:
    levels = GridLevels.between(5, 5, 1, most_rows=1 << 10, features=1)
    encoding = GridEncoding(levels)
    nodes = torch.stack(torch.meshgrid(*[torch.arange(6) / 5] * 3, indexing="ij"), -1).reshape(-1, 3)
    slopes = torch.tensor([1.0, -2.0, 0.5])
    encoding.table.data = (nodes @ slopes)[:, None]
    places = torch.rand(50, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(encoding(places)[:, 0], places @ slopes, atol=1e-5, rtol=0)


def test_differences_of_a_known_function() -> None:
    places = torch.rand(40, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) * 2 - 1
    gradient, laplacian = numerical_gradient(lambda x: (x**2).sum(1) + x[:, 0] * x[:, 1], places, 1e-3)
    expected = 2 * places + torch.stack([places[:, 1], places[:, 0], torch.zeros(40)], 1)
    torch.testing.assert_close(gradient, expected, atol=1e-8, rtol=0)
    torch.testing.assert_close(laplacian, torch.full((40,), 6.0, dtype=torch.float64), atol=1e-6, rtol=0)


def test_levels_come_into_use_from_coarse_to_fine() -> None:
    found = [levels_at(progress, 6, 3) for progress in np.linspace(0, 1, 50)]
    assert found[0] == 3 and found[25] == 6 and found[-1] == 6 and found == sorted(found)


def test_a_sphere_is_an_exact_distance_at_birth() -> None:
    field = VolSdf(_REGION, **sizes_on(torch.device("cpu"), 0))
    places = torch.nn.functional.normalize(torch.randn(200, 3), dim=1) * (0.3 + 0.6 * torch.rand(200, 1))
    with torch.no_grad():
        sample = field(places * field.radius + torch.tensor([3.0, -1.0, 4.0]))
    torch.testing.assert_close(sample.distance, field.radius * (places.norm(dim=1) - 0.5), atol=1e-5, rtol=0)
    field.grid.active = len(field.grid.levels.cells)
    eikonal, _ = field.eikonal(places)
    assert eikonal < 1e-5


def test_laplace_density_has_the_closed_form() -> None:
    beta = torch.tensor(0.2)
    distance = torch.tensor([-10.0, -0.2, 0.0, 0.2, 10.0])
    e = math.exp(-1)
    expected = torch.tensor([1.0, 1 - e / 2, 0.5, e / 2, 0.0]) / 0.2
    torch.testing.assert_close(laplace_density(distance, beta), expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("slant", [1.0, 0.4])
def test_neus_weights_are_greatest_at_the_surface_and_volsdf_opaque_behind_it(slant: float) -> None:
    """A plane at distance 1 along the ray, seen straight and at a slant: distance falls at the cosine."""
    edges = torch.linspace(0, 2, 2001)[None]
    middles = 0.5 * (edges[:, 1:] + edges[:, :-1])
    signed = slant * (1 - edges)
    alpha = unbiased_alpha(signed[:, :-1], signed[:, 1:], torch.tensor(50.0))
    passed = torch.cumprod(torch.cat([torch.ones(1, 1), 1 - alpha[:, :-1]], 1), 1)
    weights = passed * alpha
    at = middles[0, weights.argmax()]
    assert at == pytest.approx(1.0, abs=1e-3)  # unbiased: Wang 2021, theorem 1
    # a plain density of the same distance, logistic density times nothing else, has its maximum before the surface
    naive = torch.sigmoid(50 * slant * (1 - middles)) * torch.sigmoid(-50 * slant * (1 - middles)) * 50
    plain = composite(naive, torch.zeros(1, 2000, 3), edges[:, :-1], edges[:, 1:]).weights
    assert middles[0, plain.argmax()] < 1 - 2e-3
    made = composite(
        laplace_density(slant * (1 - middles), torch.tensor(0.01)), torch.zeros(1, 2000, 3), edges[:, :-1], edges[:, 1:]
    )
    assert made.opacity > 0.999
    # half the light is gone where 0.5 exp(-slant x / beta) / slant = ln 2, or at the surface's other side
    before = 0.5 / slant
    if before < math.log(2):
        x = 1 + (math.log(2) - before) * 0.01  # density is nearly 1 / beta soon after the surface
        assert made.distance_median[0] == pytest.approx(x, abs=0.005)
    else:
        assert made.distance_median[0] == pytest.approx(1 - 0.01 / slant * math.log(before / math.log(2)), abs=0.002)
