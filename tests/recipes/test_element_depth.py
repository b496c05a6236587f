"""Depth in the relief: with weights installed it shapes the body and is named, without them nothing changes."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from grotto.contract import Event, JobRequest, Result, Silent, StageStarted, from_flat, to_flat
from grotto.contract.options import CutOptions, ReliefOptions
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.models.registry import MODELS, install_from, installation
from grotto.recipes.element import DEPTH_MODEL, RECIPE, cut_element, depth_weights, estimate_depth, work_cut
from grotto.relief.body import dense_relief
from grotto.relief.outline import WorkingCut
from grotto.render.mesh.differentiable import render_mesh
from grotto.runner import Run
from grotto.scene import Camera, look_at
from grotto.synthetic.objects import OBJECTS, make_object

QUICK = {"route": "relief", "faces": 400, "sides_px": 128}


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("grotto.recipes.element.preview.INPUT_PX", 64)
    monkeypatch.setattr(installation, "check_hash", lambda *_: None)  # random weights have another hash than the published


def random_weights(folder: Path) -> Path:
    torch.manual_seed(1)
    backbone = Dinov2Config(
        hidden_size=16, num_hidden_layers=4, num_attention_heads=2, mlp_ratio=2, image_size=56, patch_size=14,
        out_indices=[1, 2, 3, 4], apply_layernorm=True, reshape_hidden_states=False,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=16, neck_hidden_sizes=[8, 8, 16, 16], fusion_hidden_size=8,
        head_hidden_size=8, patch_size=14,
    )  # fmt: skip
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 56, "width": 56}}))
    return folder


def painted(path: Path) -> Path:
    y, x = np.mgrid[:64, :64] + 0.5
    paint = np.stack([127 + 120 * np.sin(x / 5), 127 + 120 * np.cos(y / 7), 2 * x + 2 * y], axis=2)
    alpha = 255 * (np.hypot(x - 32, y - 32) < 28)
    Image.fromarray(np.dstack([paint, alpha]).clip(0, 255).astype(np.uint8), "RGBA").save(path)
    return path


def made_of(source: Path, out: Path, **flat: object) -> tuple[Result, dict[str, bool]]:
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **QUICK, **flat})
    out.mkdir(exist_ok=True)
    events: list[Event] = []
    run = Run(RECIPE, JobRequest("element", str(source), str(out), to_nested(chosen)), chosen, events.append, threading.Event())
    result = run.complete(RECIPE.run(source, chosen, run))
    return result, {event.stage: event.reused for event in events if isinstance(event, StageStarted)}


def test_depth_is_asked_for_where_its_weights_are_and_it_has_a_part(tmp_path: Path) -> None:
    assert depth_weights(ReliefOptions()) is None
    weights = install_from(DEPTH_MODEL, random_weights(tmp_path / "weights"))
    assert depth_weights(ReliefOptions()) == weights
    assert depth_weights(ReliefOptions(depth_weight=0.0)) is None
    assert depth_weights(ReliefOptions(shape="standee")) is None
    for name in ("cut", "depth"):
        (tmp_path / name).mkdir()
    cut = cut_element(painted(tmp_path / "disc.png"), None, None, CutOptions(), tmp_path / "cut", Silent())
    depth = estimate_depth(cut, weights.folder, tmp_path / "depth", Silent())
    assert depth.nearness().shape == work_cut(cut).alpha.shape
    assert np.ptp(depth.nearness()) > 0


@pytest.mark.slow
def test_depth_shapes_the_relief_where_its_weights_are_and_is_named(tmp_path: Path) -> None:
    source, out = painted(tmp_path / "disc.png"), tmp_path / "job"
    without, stages = made_of(source, out)
    assert "depth" not in stages
    assert without.models == () and "depth" not in without.engines["shape"]
    install_from(DEPTH_MODEL, random_weights(tmp_path / "weights"))
    shaped, stages = made_of(source, out)
    assert stages == {"cut": True, "depth": False, "relief": False, "finish": False}
    assert f"depth by {DEPTH_MODEL} on" in shaped.engines["shape"] and "weight 0.5" in shaped.engines["shape"]
    assert [(one["name"], one["licence"]) for one in shaped.models] == [(f"{DEPTH_MODEL}/model.safetensors", "Apache-2.0")]
    assert shaped.facts["watertight"]
    assert shaped.facts["depth_m"] != pytest.approx(without.facts["depth_m"], rel=1e-3)
    # another weight asks the network no second time, the same job asks nothing again, none leaves it out
    assert made_of(source, out, depth_weight=1.0)[1] == {"cut": True, "depth": True, "relief": False, "finish": False}
    assert made_of(source, out, depth_weight=1.0)[1] == {"cut": True, "depth": True, "relief": True, "finish": True}
    flat, stages = made_of(source, out, depth_weight=0.0)
    assert "depth" not in stages
    assert flat.facts["depth_m"] == without.facts["depth_m"]


def test_its_licence_allows_every_use() -> None:
    assert MODELS[DEPTH_MODEL].licence == "Apache-2.0" and MODELS[DEPTH_MODEL].commercial


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTS)
def test_true_depth_brings_the_relief_nearer_to_the_true_front(name: str) -> None:
    """Made objects' own depth in place of an estimate: what is left of the front's spread after the best scale and place."""
    away = look_at(np.array([0.0, -40.0, 0.0]), np.zeros(3))
    camera = Camera(camera_from_world=away, focal_x=5200, focal_y=5200, centre_x=150, centre_y=150, width=300, height=300)
    seen = render_mesh(make_object(name, 0, cells=64).mesh, camera)
    alpha = seen.opacity.astype(np.float32)
    nearness = np.where(alpha > 0.5, -np.nan_to_num(seen.depth), -1e3).astype(np.float32)
    work = WorkingCut(colour=np.ones((300, 300, 3), np.float32), alpha=alpha, left=0, top=0, scale=1.0)

    def left(weight: float) -> float:
        heights = dense_relief(work, ReliefOptions(depth_weight=weight, detail=0.0), nearness)
        columns, rows = heights.over.points.astype(int).T
        used = ~heights.over.on_rim & (alpha[rows, columns] > 0.99)
        truth = nearness[rows[used], columns[used]].astype(np.float64)
        basis = np.stack([heights.values[used], np.ones(used.sum())], axis=1)
        residual = basis @ np.linalg.lstsq(basis, truth, rcond=None)[0] - truth
        return float(np.sqrt((residual**2).mean()) / truth.std())

    without, with_half = left(0.0), left(0.5)
    assert with_half < 0.96 * without, f"{without:.3f} became {with_half:.3f}"
