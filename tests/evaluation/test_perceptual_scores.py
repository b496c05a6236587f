"""LPIPS in scores of views: a number where weights are installed, none where they are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grotto.evaluation.scores import heldout_scores, lpips_cell, lpips_note
from grotto.models.registry import install_from
from grotto.scene import Camera, Rendered, View, look_at

WIDTHS = (4, 6, 5, 7, 3)  # of small random weights in AlexNet's layout
KERNELS = {0: 11, 3: 5, 6: 3, 8: 3, 10: 3}


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """A picture of noise, in a place without installed weights."""
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    camera = Camera(
        camera_from_world=look_at(np.array([3.0, 0.0, 0.0]), np.zeros(3)),
        focal_x=50.0,
        focal_y=50.0,
        centre_x=20.0,
        centre_y=20.0,
        width=40,
        height=40,
    )
    return View(name="a", camera=camera, colour=np.random.default_rng(0).random((40, 40, 3)).astype(np.float32), alpha=None)


def shown(view: View, brightness: float) -> Rendered:
    opaque = np.ones(view.colour.shape[:2], np.float32)
    return Rendered(colour=view.colour * np.float32(brightness), opacity=opaque, depth=opaque)


def install(folder: Path) -> None:
    torch.manual_seed(0)
    before, features = 3, {}
    for (number, kernel), width in zip(KERNELS.items(), WIDTHS, strict=True):
        features[f"features.{number}.weight"] = torch.randn(width, before, kernel, kernel)
        features[f"features.{number}.bias"] = torch.zeros(width)
        before = width
    folder.mkdir()
    save_file(features, folder / "alexnet.safetensors")
    heads = {f"lin{index}.model.1.weight": torch.rand(1, width, 1, 1) for index, width in enumerate(WIDTHS)}
    save_file(heads, folder / "heads.safetensors")
    install_from("lpips-alex", folder)


def test_without_weights_there_is_no_number_and_the_table_says_so(view: View) -> None:
    found = heldout_scores(lambda _: shown(view, 1.0), [view]).lpips
    assert found is None
    assert lpips_cell([found]) == "-"
    assert "not measured" in lpips_note([found])


def test_installed_weights_give_a_distance(view: View, tmp_path: Path) -> None:
    install(tmp_path / "files")
    same = heldout_scores(lambda _: shown(view, 1.0), [view]).lpips
    darker = heldout_scores(lambda _: shown(view, 0.3), [view]).lpips
    assert same == pytest.approx(0, abs=1e-6)
    assert darker is not None and darker > 1e-4
    assert lpips_note([same, darker]) == ""
    assert lpips_cell([0.1, 0.3, None]) == "0.200"
