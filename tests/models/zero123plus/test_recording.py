"""Zero123++ against the tensors that the published pipeline recorded on small random weights, and with what goes wrong.

The tolerances are those of the recording's README: 1e-4, 1e-3 on the enlarged latents that are decoded, one grey level.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from grotto.contract import ProblemError, Silent
from grotto.models.zero123plus import (
    Draws,
    Networks,
    condition_on,
    decode,
    decoder_input,
    empty_prompt,
    framed,
    make_scheduler,
    on_grey,
    picture_embedding,
    pixel_values,
    posterior,
    ramped,
    read_settings,
    sample,
    sheet_of,
    split_sheet,
)

CASES = {"euler_ancestral": 4.0, "euler": 4.0, "ddim": 4.0, "euler_ancestral_nocfg": 1.0}
TOLERANCE, TOLERANCE_OF_DECODER_INPUT = 1e-4, 1e-3


@pytest.fixture(scope="module")
def expected(recorded: Path) -> dict[str, Tensor]:
    return load_file(recorded / "expected.safetensors")


@pytest.fixture(scope="module")
def inputs(recorded: Path) -> dict[str, Tensor]:
    return load_file(recorded / "inputs.safetensors")


class Replay(Draws):
    """The recorded draws, in their order; without guidance the conditional half of the draws for two."""

    def __init__(self, recorded: dict[str, Tensor]) -> None:
        super().__init__(seed=0)
        self._recorded, self._steps = recorded, {"cond_noise": 0, "step_noise": 0}

    def __call__(self, name: str, shape: Sequence[int]) -> Tensor:
        drawn = self._recorded[name]
        if name in self._steps:
            drawn = drawn[self._steps[name]]
            self._steps[name] += 1
        drawn = drawn[-shape[0] :]
        assert drawn.shape == tuple(shape)
        return drawn


def near(name: str, found: Tensor | NDArray[np.generic], expected: dict[str, Tensor]) -> str:
    """Holds one recorded tensor against ours, and gives its name back as compared."""
    reference = expected[name]
    ours = found if isinstance(found, Tensor) else torch.from_numpy(np.array(found))
    assert ours.shape == reference.shape, name
    if reference.dtype == torch.uint8:
        assert (ours.int() - reference.int()).abs().max() <= 1, name
    else:
        limit = TOLERANCE_OF_DECODER_INPUT if name.endswith("vae_decode_input") else TOLERANCE
        assert (ours.double() - reference.double()).abs().max() <= limit, name
    return name


def test_what_all_cases_share(networks: Networks, picture: NDArray[np.float32], expected: dict, inputs: dict) -> None:
    rgb = on_grey(picture)
    assert np.array_equal(rgb, expected["common/rgb_on_gray_u8"].numpy())
    for_vae = pixel_values(rgb, networks.settings.vae_picture)
    for_clip = pixel_values(rgb, networks.settings.clip_picture)
    mean, spread = posterior(networks, for_vae)
    mean_of_nothing, spread_of_nothing = posterior(networks, torch.zeros_like(for_vae))
    plain, embedding = empty_prompt(networks), picture_embedding(networks, for_clip)
    condition = condition_on(networks, for_vae, for_clip, True, Replay(inputs))
    scheduler = make_scheduler(networks.settings.noise, 4, "euler")
    assert list(networks.settings.prompt_ids) == inputs["prompt_input_ids"][0].tolist()
    ours = {
        "rgb_on_gray_u8": rgb, "pixel_values_vae": for_vae, "pixel_values_clip": for_clip, "latent_mean_cond": mean,
        "latent_std_cond": spread, "latent_mean_uncond": mean_of_nothing, "latent_std_uncond": spread_of_nothing,
        "cond_latents": condition.latents, "clip_image_embeds": embedding, "prompt_embeds_empty": plain,
        "prompt_embeds_ramped": ramped(plain, embedding, networks.settings.ramp), "encoder_hidden_states": condition.prompt,
        "timesteps": scheduler.timesteps, "alphas_cumprod": scheduler.alphas_cumprod,
    }  # fmt: skip
    compared = {near(f"common/{name}", found, expected) for name, found in ours.items()}
    assert compared == {name for name in expected if name.startswith("common/")}


@pytest.mark.parametrize("case", CASES)
def test_every_recorded_tensor(
    case: str, networks: Networks, picture: NDArray[np.float32], expected: dict, inputs: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws, guidance = Replay(inputs), CASES[case]
    # diffusers draws the ancestral noise itself: the recording was made by replacing the same function
    source = "diffusers.schedulers.scheduling_euler_ancestral_discrete.randn_tensor"
    monkeypatch.setattr(source, lambda shape, **_: draws("step_noise", shape))
    pixels = [pixel_values(on_grey(picture), p) for p in (networks.settings.vae_picture, networks.settings.clip_picture)]
    condition = condition_on(networks, *pixels, guidance > 1, draws)
    scheduler = make_scheduler(networks.settings.noise, 4, case.removesuffix("_nocfg"))
    steps = list(sample(networks, condition, scheduler, (24, 16), guidance, draws, Silent()))
    decoded = decode(networks, steps[-1].latents)
    sheet = sheet_of(decoded)
    ours: dict[str, Tensor | NDArray[np.generic]] = {
        "init_noise_sigma": np.asarray(float(scheduler.init_noise_sigma), np.float32),
        "cond_sample_in": torch.stack([step.written for step in steps]),
        "unet_sample_in": torch.stack([step.read for step in steps]),
        "unet_out": torch.stack([step.v for step in steps]),
        "guided_v": torch.stack([step.guided_v for step in steps]),
        "latents": torch.stack([step.latents for step in steps]),
        "vae_decode_input": decoder_input(steps[-1].latents, networks.vae.config.scaling_factor),
        "vae_decode_output": decoded,
        "image_01": sheet.transpose(2, 0, 1)[None],
        "image_u8": np.rint(sheet * 255).astype(np.uint8),
    }
    if case != "ddim":
        ours["sigmas"] = scheduler.sigmas
    if case == "euler_ancestral":
        ours |= {f"ref_step0/{layer}": tokens for layer, tokens in steps[0].stored.items()}
    compared = {near(f"{case}/{name}", found, expected) for name, found in ours.items()}
    assert compared == {name for name in expected if name.startswith(f"{case}/")}


@pytest.mark.parametrize(
    ("config", "special"),
    [
        ({}, None),
        ({"pad_token": "<|endoftext|>"}, {"pad_token": "!"}),  # Stable Diffusion 2's older files
        ({"pad_token": "!", "added_tokens_decoder": {}}, {"pad_token": "<|endoftext|>"}),  # newer ones: the map is not read
        ({"pad_token": {"content": "!", "__type": "AddedToken"}}, None),
    ],
)
def test_the_empty_prompt_is_what_the_tokenizer_makes(
    weights: Path, tmp_path: Path, config: dict[str, object], special: dict[str, str] | None
) -> None:
    from transformers import CLIPTokenizer

    shutil.copytree(weights, tmp_path / "w", copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("*.safetensors"))
    folder = tmp_path / "w" / "tokenizer"
    folder.chmod(0o755)
    (folder / "tokenizer.json").unlink()  # the published folders have none
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    if special is not None:
        (folder / "special_tokens_map.json").write_text(json.dumps(special))
    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    theirs = tokenizer("", padding="max_length", max_length=77)["input_ids"]
    assert read_settings(tmp_path / "w").prompt_ids == tuple(theirs) == (9, 10, *[0] * 75)


@pytest.mark.parametrize(("width", "height"), [(90, 70), (61, 130), (30, 33)])
def test_pictures_are_prepared_as_transformers_does(weights: Path, width: int, height: int) -> None:
    from transformers import CLIPImageProcessor

    settings = read_settings(weights)
    rgb = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    for folder, preparation in (("vae", settings.vae_picture), ("clip", settings.clip_picture)):
        held = json.loads((weights / f"feature_extractor_{folder}" / "preprocessor_config.json").read_text())
        for resample in (2, 3):
            theirs = CLIPImageProcessor(**{**held, "resample": resample})(images=Image.fromarray(rgb), return_tensors="pt")
            ours = pixel_values(rgb, replace(preparation, resample=resample))
            assert torch.allclose(ours, theirs["pixel_values"], atol=1e-5)


def test_a_framed_object_is_centred_and_untouched(picture: NDArray[np.float32]) -> None:
    thing = np.zeros((40, 100, 4), np.float32)
    thing[5:15, 60:100] = (0.2, 0.4, 0.6, 1.0)
    square, frame = framed(thing, 0.8)
    assert square.shape == (50, 50, 4)
    assert (frame.left_px, frame.top_px, frame.side_px) == (55, -15, 50)
    rows, columns = np.nonzero(square[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 29, 5, 44)
    opaque, frame = framed(np.full((10, 20, 3), 0.5, np.float32), 1.0)
    assert opaque.shape == (20, 20, 4)
    assert (frame.left_px, frame.top_px) == (0, -5)


def test_tiles_lie_row_by_row() -> None:
    sheet = np.zeros((96, 64, 3), np.float32)
    for k in range(6):
        sheet[32 * (k // 2) : 32 * (k // 2) + 32, 32 * (k % 2) : 32 * (k % 2) + 32] = k
    assert [float(tile.min()) for tile in split_sheet(sheet)] == [0, 1, 2, 3, 4, 5]
    for wrong in (sheet[:95], sheet[:, :63], sheet[:64]):
        with pytest.raises(ProblemError, match="no sheet"):
            split_sheet(wrong)
