"""The normal generator: what it adds, where it acts, and outlines from normals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import ControlNetModel
from numpy.typing import NDArray

from grotto.contract import ProblemError, Silent
from grotto.models.zero123plus import (
    Networks,
    SixViewsOptions,
    alpha_of_normals,
    load_normal_generator,
    six_normals,
)

TINY = SixViewsOptions(steps=2, view_px=16, fill=None)


def saved(networks: Networks, folder: Path, zero: bool) -> Path:
    """A ControlNet of random weights for these networks; its outputs begin at zero, as those of untrained ones do.

    The tiny autoencoder halves twice, and so does its embedding of the sheet.
    """
    torch.manual_seed(0)
    made = ControlNetModel.from_unet(networks.unet, conditioning_embedding_out_channels=(8, 8, 16))
    if not zero:
        for block in (*made.controlnet_down_blocks, made.controlnet_mid_block):
            torch.nn.init.normal_(block.weight, std=0.2)
        torch.nn.init.normal_(made.controlnet_cond_embedding.conv_out.weight, std=0.2)
    made.save_pretrained(folder)
    return folder


def sheet(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((48, 32, 3)).astype(np.float32)


def test_it_controls_the_reading_pass_by_the_sheet(networks: Networks, picture: NDArray[np.float32], tmp_path: Path) -> None:
    idle = load_normal_generator(saved(networks, tmp_path / "idle", zero=True), networks)
    trained = load_normal_generator(saved(networks, tmp_path / "trained", zero=False), networks)
    plain, again = (six_normals(picture, sheet(seed), networks, idle, TINY, 3, Silent()) for seed in (0, 1))
    assert np.array_equal(plain, again)  # zero residuals: the sheet has no say
    one, other, same = (six_normals(picture, sheet(seed), networks, trained, TINY, 3, Silent()) for seed in (0, 1, 0))
    assert one.shape == (48, 32, 3)
    assert np.array_equal(one, same)
    assert np.abs(one - plain).max() > 1e-3
    assert np.abs(one - other).max() > 1e-4


def test_residuals_are_those_of_the_published_call(networks: Networks, tmp_path: Path) -> None:
    """Their pipeline gives the ControlNet the scaled latents of both halves, the ramped prompt, and one sheet of -1 to 1."""
    generator = load_normal_generator(saved(networks, tmp_path / "net", zero=False), networks)
    random = torch.Generator().manual_seed(0)
    latents = torch.randn((2, 4, 6, 4), generator=random)
    prompt = torch.randn((2, 5, networks.unet.config.cross_attention_dim), generator=random)
    control = torch.rand((1, 3, 24, 16), generator=random) * 2 - 1
    added = generator.residuals(latents, torch.tensor(500.0), prompt, control)
    with torch.no_grad():
        down, middle = generator.network(
            latents, torch.tensor(500.0), prompt, controlnet_cond=torch.cat([control, control]), return_dict=False
        )
    assert torch.allclose(added["mid_block_additional_residual"], middle)
    assert all(torch.allclose(*pair) for pair in zip(added["down_block_additional_residuals"], down, strict=True))


def test_of_other_networks_it_is_refused(networks: Networks, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"_class_name": "UNet2DConditionModel"}')
    with pytest.raises(ProblemError):
        load_normal_generator(tmp_path, networks)


def test_outlines_of_normals() -> None:
    y, x = np.mgrid[:96, :64] + 0.5
    away = np.hypot(x - 32, y - 48)
    up = np.sqrt(np.maximum(1 - (away / 24) ** 2, 0))
    normals = np.stack([(x - 32) / 24, (y - 48) / 24, up], axis=2) * (away < 24)[..., None]
    noise = np.random.default_rng(0).normal(0, 0.02, normals.shape)
    colour = np.where((away < 24)[..., None], [0.7, 0.3, 0.2], 127 / 255).astype(np.float32)
    alpha = alpha_of_normals(colour, ((normals + noise) * 0.5 + 0.5).astype(np.float32))
    truth = away < 24
    assert ((alpha >= 0.5) & truth).sum() / ((alpha >= 0.5) | truth).sum() > 0.98
    with pytest.raises(ProblemError, match="no ground"):
        alpha_of_normals(colour, np.ones_like(colour))
