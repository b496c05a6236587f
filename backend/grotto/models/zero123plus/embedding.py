"""What the UNet is told of the picture: a prompt without words, shifted by the picture's embedding; and its latents."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .draws import Draws
from .loading import Networks


@dataclass(frozen=True)
class Condition:
    """The condition of one sampling, on the networks' device; with guidance the first half is the unconditional one."""

    prompt: Tensor  # (1 or 2, n, c)
    latents: Tensor  # (1 or 2, 4, h, w), neither scaled nor shifted


@torch.no_grad()
def picture_embedding(networks: Networks, pixels: Tensor) -> Tensor:
    """CLIP's projected embedding (1, c) of pixel values (1, 3, s, s), not normalised."""
    return networks.vision_encoder(pixels.to(networks.device, networks.dtype)).image_embeds


@torch.no_grad()
def empty_prompt(networks: Networks) -> Tensor:
    """The text tower on the empty prompt, (1, n, c), after its last layer norm."""
    ids = torch.tensor([networks.settings.prompt_ids], device=networks.device)
    return networks.text_encoder(ids).last_hidden_state


def ramped(prompt: Tensor, embedding: Tensor, ramp: tuple[float, ...]) -> Tensor:
    """The prompt (1, n, c) plus ramp_i times the picture's embedding (1, c) at each position i (2310.15110, section 2.3)."""
    weights = torch.tensor(ramp, dtype=prompt.dtype, device=prompt.device)
    return prompt + weights[None, :, None] * embedding[:, None, :]


@torch.no_grad()
def posterior(networks: Networks, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the autoencoder's latents of pixel values (1, 3, s, s), each (1, 4, h, w)."""
    found = networks.vae.encode(pixels.to(networks.device, torch.float32)).latent_dist
    return found.mean, found.std


def condition_on(networks: Networks, vae_pixels: Tensor, clip_pixels: Tensor, guided: bool, draws: Draws) -> Condition:
    """Prompt and latents of the prepared picture; with guidance those of an empty prompt and a mid-grey picture come first."""
    plain = empty_prompt(networks)
    told = ramped(plain, picture_embedding(networks, clip_pixels), networks.settings.ramp)
    latents = _drawn(networks, vae_pixels, "vae_noise_cond", draws)
    if not guided:
        return Condition(told, latents)
    nothing = _drawn(networks, torch.zeros_like(vae_pixels), "vae_noise_uncond", draws)
    return Condition(torch.cat([plain, told]), torch.cat([nothing, latents]))


def _drawn(networks: Networks, pixels: Tensor, name: str, draws: Draws) -> Tensor:
    mean, spread = posterior(networks, pixels)
    return mean + spread * draws(name, mean.shape).to(mean)
