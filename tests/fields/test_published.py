"""The published ZeroRF: its decoders are those of diffusers, its colour depends on the direction, and it fits a small ball."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.vae import Decoder
from torch import Tensor

from grotto.contract import Silent
from grotto.contract.options import FieldOptions
from grotto.fields import render_field
from grotto.fields.few_views import PUBLISHED, SMALL, PlaneDecoder, PublishedZeroRF, fit_published_zerorf
from grotto.metrics import psnr
from grotto.scene import Region, View, camera_around

CUBE = Region(lowest=(-1.0,) * 3, highest=(1.0,) * 3, bounded=True)


ORDER = ("norm1.", "norm2.", "conv1.", "conv2.", "conv_shortcut.", "group_norm.", "to_q.", "to_k.", "to_v.", "to_out.", "conv.")


def ball(azimuth_deg: float, px: int = 24) -> View:
    """A red ball of radius .5 about the origin, as a camera sees it."""
    camera = camera_around(azimuth_deg, 10.0, px)
    directions = camera.directions().reshape(-1, 3)
    directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    passing = np.linalg.norm(np.cross(directions, camera.position), axis=1)
    alpha = (passing < 0.5).reshape(px, px).astype(np.float32)
    return View(name="ball", camera=camera, colour=alpha[..., None] * np.array([0.9, 0.1, 0.1], np.float32), alpha=alpha)


def copied(ours: PlaneDecoder, theirs: Decoder) -> None:
    """Give our decoder the weights of theirs, module by module in the order of computation."""
    blocks = [theirs.mid_block.resnets[0], theirs.mid_block.attentions[0], theirs.mid_block.resnets[1]]
    source: list[Tensor] = [*theirs.conv_in.parameters()]
    for part in (*blocks, *(layer for block in theirs.up_blocks for layer in (*block.resnets, *(block.upsamplers or [])))):
        names = dict(part.named_parameters())
        order = (
            "norm1.",
            "norm2.",
            "conv1.",
            "conv2.",
            "conv_shortcut.",
            "group_norm.",
            "to_q.",
            "to_k.",
            "to_v.",
            "to_out.",
            "conv.",
        )
        source += [value for start in order for name, value in names.items() if name.startswith(start)]
    source += [*theirs.conv_norm_out.parameters(), *theirs.conv_out.parameters()]
    target = list(ours.parameters())
    assert [one.shape for one in target] == [one.shape for one in source]
    with torch.no_grad():
        for mine, other in zip(target, source, strict=True):
            mine.copy_(other)


def test_a_plane_s_decoder_is_that_of_diffusers() -> None:
    torch.manual_seed(0)
    theirs = Decoder(
        in_channels=8,
        out_channels=16,
        up_block_types=("UpDecoderBlock2D",) * 5,
        block_out_channels=(8, 16, 16, 32, 64),
        layers_per_block=1,
        norm_num_groups=8,
    )
    ours = PlaneDecoder(2, 16, replace(PUBLISHED.widths, planes=(64, 32, 16, 16, 8), plane_groups=8))
    copied(ours, theirs)
    with torch.no_grad():
        plane = ours()
        assert plane.shape == (1, 16, 32, 32)
        torch.testing.assert_close(plane, theirs(ours.get_buffer("noise")), rtol=1e-4, atol=1e-5)


def test_published_sizes_are_the_authors() -> None:
    torch.manual_seed(0)
    field = PublishedZeroRF(CUBE, PUBLISHED)
    assert [tuple(factor.shape) for factor in field.factors()] == [(1, 16, 64, 64)] * 3 + [(1, 16, 64, 1)] * 3
    assert sum(values.numel() for values in field.generators[0].parameters()) == 6_985_584  # of diffusers' Decoder
    assert field.base.in_features == 96
    assert (PUBLISHED.steps, PUBLISHED.rays, PUBLISHED.samples) == (10_000, (4096, 16_384, 65_536), 320)


def test_colour_depends_on_the_direction_and_density_does_not() -> None:
    torch.manual_seed(0)
    field = PublishedZeroRF(CUBE, replace(SMALL, noise_side=1))
    positions, directions = torch.rand(50, 3) - 0.5, torch.nn.functional.normalize(torch.randn(50, 3), dim=1)
    before = field(positions, directions)
    torch.testing.assert_close(before.colour, field(positions, -directions).colour)  # at the start it does not either
    torch.nn.init.normal_(field.direction.weight)
    first, second = field(positions, directions), field(positions, -directions)
    assert float((first.colour - second.colour).detach().abs().max()) > 0.01
    torch.testing.assert_close(first.density, second.density)


@pytest.mark.slow
def test_a_ball_is_fitted(tmp_path: Path) -> None:
    views = [ball(60.0 * number) for number in range(6)]
    options = FieldOptions(field="zerorf", field_steps=120, field_resolution=16)
    fitted = fit_published_zerorf(views, CUBE, options, tmp_path, Silent())
    assert (fitted.steps, fitted.field.settings()["resolution"]) == (120, 16)
    assert "smaller than published" in fitted.engine or "cuda" in fitted.engine
    held = ball(30.0)
    assert psnr(np.clip(render_field(fitted.field, held.camera).over(1.0), 0, 1), held.over(1.0)) > 15
