"""Depth by real loading code, on tiny random weights of the published layout that the test makes itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from grotto.contract import Kind, ProblemError, Silent
from grotto.models.depth import load_depth, network_size, relative_depth

MEAN, SPREAD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Depth Anything V2's architecture, very small, with random weights."""
    torch.manual_seed(3)
    backbone = Dinov2Config(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, mlp_ratio=2, image_size=56, patch_size=14,
        out_indices=[1, 2, 3, 4], apply_layernorm=True, reshape_hidden_states=False,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=16, neck_hidden_sizes=[8, 8, 16, 16], fusion_hidden_size=8,
        head_hidden_size=8, patch_size=14,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("depth") / "depth-anything-v2-small"
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    settings = {"size": {"height": 56, "width": 56}, "ensure_multiple_of": 14, "image_mean": MEAN, "image_std": SPREAD}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def test_depth_is_what_the_network_says_of_the_prepared_picture(weights: Path) -> None:
    model = load_depth(weights, Silent(), "cpu")
    picture = np.random.default_rng(0).random((56, 84, 3)).astype(np.float32)
    found = relative_depth(picture, model)
    assert found.shape == (56, 84) and found.dtype == np.float32
    values = torch.from_numpy(((picture - MEAN) / SPREAD).astype(np.float32)).permute(2, 0, 1)[None]
    with torch.no_grad():
        wanted = DepthAnythingForDepthEstimation.from_pretrained(weights).eval()(pixel_values=values).predicted_depth[0]
    assert found == pytest.approx(wanted.numpy(), abs=1e-5)
    assert np.ptp(found) > 0
    assert relative_depth(picture, model).tobytes() == found.tobytes()


def test_pictures_of_any_shape_are_looked_at_in_whole_patches(weights: Path) -> None:
    model = load_depth(weights, Silent(), "cpu")
    assert relative_depth(np.zeros((40, 31, 3), np.float32), model).shape == (40, 31)
    assert network_size(800, 800, 518, 14) == (518, 518)
    assert network_size(600, 800, 518, 14) == (518, 686)  # 690.7 px are 49.3 patches
    assert network_size(100, 800, 518, 14) == (126, 1036)


def test_weights_that_lack_something_are_told(weights: Path, tmp_path: Path) -> None:
    def spoilt(name: str) -> Path:
        return Path(shutil.copytree(weights, tmp_path / name))

    with pytest.raises(ProblemError, match=r"lack .*config\.json") as caught:
        load_depth(tmp_path, Silent())
    assert caught.value.problem.kind is Kind.MISSING_RESOURCE
    short = spoilt("short")
    whole = (short / "model.safetensors").read_bytes()
    (short / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ProblemError, match=r"model\.safetensors"):
        load_depth(short, Silent())
    other = spoilt("other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "fusion_hidden_size": 4}))
    with pytest.raises(ProblemError, match="another version"):
        load_depth(other, Silent())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "dpt"}))
    with pytest.raises(ProblemError, match="names dpt instead of depth_anything"):
        load_depth(other, Silent())
    (other / "config.json").write_text(json.dumps({**config, "depth_estimation_type": "metric"}))
    with pytest.raises(ProblemError, match="metric"):
        load_depth(other, Silent())
    broken = spoilt("broken")
    (broken / "preprocessor_config.json").write_text("{")
    with pytest.raises(ProblemError, match="damaged"):
        load_depth(broken, Silent())


def test_no_numbers_are_no_depth(weights: Path) -> None:
    model = load_depth(weights, Silent(), "cpu")
    with torch.no_grad():
        next(model.network.parameters()).fill_(float("nan"))
    with pytest.raises(ProblemError, match="no numbers"):
        relative_depth(np.zeros((28, 28, 3), np.float32), model)
