"""Weights that are broken, of another version, or saved by older programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from grotto.contract import Kind, ProblemError, Silent
from grotto.models.zero123plus import Networks, empty_prompt, load_networks, posterior


@pytest.fixture
def copied(weights: Path, tmp_path: Path) -> Path:
    """The recording's weights where they can be changed."""
    folder = tmp_path / "weights"
    shutil.copytree(weights, folder, copy_function=shutil.copyfile)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def edit(path: Path, **changed: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def truncate(weights: Path) -> None:
    path = weights / "unet/diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def drop_tensor(weights: Path, component: str = "vae") -> None:
    path = next((weights / component).glob("*.safetensors"))
    state = load_file(path)
    state.pop(sorted(state)[0])
    save_file(state, path, metadata={"format": "pt"})


BROKEN = {
    "truncated": (truncate, Kind.BAD_INPUT, "truncated"),
    "component missing": (lambda w: shutil.rmtree(w / "vision_encoder"), Kind.MISSING_RESOURCE, "vision_encoder"),
    "settings missing": (lambda w: (w / "scheduler/scheduler_config.json").unlink(), Kind.MISSING_RESOURCE, "scheduler_config"),
    "settings damaged": (lambda w: (w / "unet/config.json").write_text("{"), Kind.BAD_INPUT, "damaged"),
    "other pipeline": (lambda w: edit(w / "model_index.json", _class_name="StableDiffusionPipeline"), Kind.BAD_INPUT, "version"),
    "other prediction": (
        lambda w: edit(w / "scheduler/scheduler_config.json", prediction_type="epsilon"),
        Kind.BAD_INPUT,
        "epsilon",
    ),
    "other width": (
        lambda w: edit(w / "unet/config.json", block_out_channels=[32, 64, 64]),
        Kind.BAD_INPUT,
        "another shape",
    ),
    "ramp of another length": (lambda w: edit(w / "model_index.json", ramping_coefficients=[0.1]), Kind.BAD_INPUT, "ramp"),
    "tensor missing, vae": (drop_tensor, Kind.BAD_INPUT, "1 tensors of vae are missing"),
    "tensor missing, text": (lambda w: drop_tensor(w, "text_encoder"), Kind.BAD_INPUT, "1 tensors of text_encoder are missing"),
    "other vision": (lambda w: edit(w / "vision_encoder/config.json", hidden_size=64), Kind.BAD_INPUT, "another shape"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_weights(copied: Path, fault: str) -> None:
    spoil, kind, cause = BROKEN[fault]
    spoil(copied)  # type: ignore[operator]
    with pytest.raises(ProblemError, match=cause) as error:
        load_networks(copied, Silent(), "cpu")
    assert error.value.problem.kind is kind


def test_published_settings_and_former_names_are_understood(copied: Path, networks: Networks) -> None:
    """One number for three means, bilinear resizing, tokens as objects, an autoencoder saved before 2023, counted positions."""
    edit(copied / "feature_extractor_vae/preprocessor_config.json", image_mean=0.5, image_std=0.8, resample=2)
    edit(copied / "tokenizer/tokenizer_config.json", pad_token=None, bos_token={"content": "<|startoftext|>"})
    (copied / "tokenizer/special_tokens_map.json").write_text(json.dumps({"pad_token": "!"}))
    path = copied / "vae/diffusion_pytorch_model.safetensors"
    names = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    state = {}
    for key, value in load_file(path).items():
        for later, former in names.items():
            key = key.replace(f".{later}.", f".{former}.")
        state[key] = value
    save_file(state, path, metadata={"format": "pt"})
    for tower, key in (("text_encoder", "text_model"), ("vision_encoder", "vision_model")):
        path = copied / tower / "model.safetensors"
        state = {**load_file(path), f"{key}.embeddings.position_ids": torch.arange(77)[None]}
        save_file(state, path, metadata={"format": "pt"})
    older = load_networks(copied, Silent(), "cpu")
    assert older.settings.vae_picture.mean == networks.settings.vae_picture.mean
    assert older.settings.vae_picture.resample == 2
    assert older.settings.prompt_ids == networks.settings.prompt_ids
    assert torch.equal(empty_prompt(older), empty_prompt(networks))
    pixels = torch.linspace(-0.6, 0.6, 3 * 48 * 48).reshape(1, 3, 48, 48)
    assert torch.equal(posterior(older, pixels)[0], posterior(networks, pixels)[0])
