"""Values set free from a generator's: where they begin, what their change costs, and that it helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from grotto.contract import Silent
from grotto.contract.options import FieldOptions
from grotto.fields import fit_field, load_field, render_field
from grotto.fields.few_views import CHANGE_TV_WEIGHT, LEARNING_RATE, FinetunedValues, LiveVoxelFit, LiveVoxels, Rates, carve
from grotto.scene import Camera, Lattice, Region, View, look_at

REGION = Region(lowest=(-1, -1, -1), highest=(1, 1, 1), bounded=True)
PX = 40


def striped(position: tuple[float, float, float]) -> View:
    """A ball of radius 0.6 with five stripes."""
    camera = Camera(
        camera_from_world=look_at(np.array(position), np.zeros(3)),
        focal_x=1.4 * PX, focal_y=1.4 * PX, centre_x=PX / 2, centre_y=PX / 2, width=PX, height=PX,
    )  # fmt: skip
    rays = camera.directions().astype(float).reshape(-1, 3)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    middle = -(rays @ camera.position)
    inside = middle**2 - camera.position @ camera.position + 0.36
    points = camera.position + (middle - np.sqrt(np.maximum(inside, 0)))[:, None] * rays
    band = np.sin(12 * points[:, 2:]) > 0
    colour = np.where(band, [0.9, 0.8, 0.2], [0.1, 0.2, 0.6]).reshape(PX, PX, 3)
    return View(name="", camera=camera, colour=colour.astype(np.float32), alpha=(inside > 0).astype(np.float32).reshape(PX, PX))


def around() -> list[View]:
    angles = np.deg2rad([30, 90, 150, 210, 270, 330])
    return [striped((2.6 * np.cos(turn), 2.6 * np.sin(turn), 1.2 * (-1) ** number)) for number, turn in enumerate(angles)]


def test_free_values_begin_where_the_generator_ended_and_only_uneven_change_costs() -> None:
    triples = torch.cartesian_prod(torch.arange(3), torch.arange(3), torch.arange(3))
    start = torch.randn(27, 4, generator=torch.manual_seed(0))
    finetuned = FinetunedValues(triples, (3, 3, 3), start)
    torch.testing.assert_close(finetuned(), start)
    assert float(finetuned.penalty().detach()) == 0
    with torch.no_grad():
        finetuned.values += 0.5
    assert float(finetuned.penalty().detach()) == pytest.approx(0, abs=1e-12)
    with torch.no_grad():
        finetuned.values[13] += 1.0  # the middle node: its six edges of 54 change by 1, in all channels
    assert float(finetuned.penalty().detach()) == pytest.approx(3 * 2 / 18 * CHANGE_TV_WEIGHT, rel=1e-5)


def test_values_beside_dead_nodes_are_those_of_live_ones() -> None:
    nodes = torch.arange(27)[:18]  # the last layer along x is dead
    values = torch.randn(18, 4, generator=torch.manual_seed(1))
    field = LiveVoxels(REGION, 3, nodes, values)
    at_nodes = field.lattice.positions(nodes)
    torch.testing.assert_close(field.raw_at(at_nodes), values, atol=1e-6, rtol=0)
    beyond = at_nodes[9:].clone()
    beyond[:, 0] += 0.7  # towards the dead layer
    torch.testing.assert_close(field.raw_at(beyond), values[9:], atol=1e-6, rtol=0)
    far = torch.tensor([[1.0, 1.0, 1.0], [5.0, 0.0, 0.0]])
    torch.testing.assert_close(field.raw_at(far), torch.zeros(2, 4))


def test_patterns_that_a_coarse_field_blurs_come_back(tmp_path: Path) -> None:
    """Judged where nobody looked."""
    views, view = around(), striped((2.5, 1.4, 0.1))
    options = FieldOptions(field="voxel", field_steps=80, field_resolution=18)
    coarse = load_field(fit_field(views, REGION, options, tmp_path, Silent()), torch.device("cpu"))
    assert isinstance(coarse, LiveVoxels)
    lattice = Lattice.over(REGION, 40)
    live, _ = carve(views, lattice, PX)
    nodes = torch.from_numpy(np.flatnonzero(live.reshape(-1)))
    model = FinetunedValues(lattice.triples(nodes), lattice.counts, coarse.raw_at(lattice.positions(nodes)))
    rates = Rates(model=LEARNING_RATE, decay=0.0, betas=(0.9, 0.99))
    fitting = LiveVoxelFit(model, views, lattice, live, rates, lambda values: LiveVoxels(REGION, 40, nodes, values))
    for number in range(80):
        fitting.step(number)
    first, last = (
        float(np.square(render_field(field, view.camera).over(1.0) - view.over(1.0)).mean())
        for field in (coarse, fitting.result())
    )
    assert last < 0.9 * first, (first, last)
