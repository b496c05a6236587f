"""ALIKED and LightGlue in kornia: the reference's matches with the real weights, and random ones in the published layout."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from grotto.contract import Kind, ProblemError
from grotto.models.lightglue import (
    LIGHTGLUE_ALIKED,
    aliked_points,
    build_aliked,
    build_lightglue,
    lightglue_matches,
    load_aliked,
    load_lightglue,
)
from grotto.models.matching import MatchPoints, largest_rows
from grotto.models.registry import MODELS, is_installed

FIXTURE = Path(os.environ.get("GROTTO_FIXTURES", Path(__file__).resolve().parents[4] / "shared" / "fixtures")) / "lightglue"
STATES = ("aliked-n16.safetensors", "aliked_lightglue.safetensors")


def recorded_points(number: int) -> MatchPoints:
    held = load_file(FIXTURE / "inputs.safetensors")
    place = held[f"keypoints{number}"][0] + np.float32(0.5)
    width, height = map(int, held[f"image_size{number}"][0])
    ones = np.ones(len(place), np.float32)
    return MatchPoints(place, ones, 0 * ones, held[f"descriptors{number}"][0], width, height, "aliked")


@pytest.mark.skipif(not is_installed(LIGHTGLUE_ALIKED), reason=f"{LIGHTGLUE_ALIKED} is not installed")
@pytest.mark.skipif(not FIXTURE.is_dir(), reason="no recording; GROTTO_FIXTURES names the folder above it")
@pytest.mark.parametrize(("case", "confidence"), [("adaptive", None), ("full", -1)])
def test_the_reference_finds_the_same_matches(case: str, confidence: float | None) -> None:
    network = load_lightglue()
    if confidence is not None:
        network.conf.depth_confidence = network.conf.width_confidence = confidence
    expected = load_file(FIXTURE / "expected.safetensors")
    found = lightglue_matches(network, recorded_points(0), recorded_points(1))
    assert found.rows.tolist() == expected[f"{case}/matches"].tolist()
    assert found.probability == pytest.approx(expected[f"{case}/scores"], abs=1e-4)


@pytest.mark.skipif(not is_installed(LIGHTGLUE_ALIKED), reason=f"{LIGHTGLUE_ALIKED} is not installed")
def test_a_shifted_picture_has_the_same_points() -> None:
    random = np.random.default_rng(2)
    squares = np.kron(random.integers(0, 255, (20, 24)), np.ones((16, 16))).astype(np.uint8)
    first = aliked_points(load_aliked(), squares, 60)
    second = aliked_points(load_aliked(), squares[32:], 60)
    found = lightglue_matches(load_lightglue(), first, second)
    shift = first.place[found.rows[:, 0]] - second.place[found.rows[:, 1]]
    assert len(shift) > 20
    assert np.median(shift, axis=0) == pytest.approx([0, 32], abs=0.2)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with random weights in the layout of the published files, installed as `install` does."""
    house = tmp_path_factory.mktemp("house")
    folder = house / LIGHTGLUE_ALIKED
    folder.mkdir()
    computed = ("confidence_thresholds", "dkd.hw_grid")
    for name, network in zip(STATES, (build_aliked(3), build_lightglue(3)), strict=True):
        state = {
            re.sub(r"^transformers\.(\d+)\.(self_attn|cross_attn)\.", r"\2.\1.", key): value.clone().contiguous()
            for key, value in network.state_dict().items()
            if key not in computed
        }
        save_file(state, folder / name)
    (folder / "grotto-model.json").write_text(f'{{"name": "{LIGHTGLUE_ALIKED}", "rig": null, "sha256": {{}}}}')
    return house


def test_random_weights_of_the_published_layout_load_whole(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(published))
    for loaded, built in ((load_aliked(), build_aliked(3)), (load_lightglue(), build_lightglue(3))):
        state = loaded.state_dict()
        assert all(torch.equal(state[key], value) for key, value in built.state_dict().items())
        assert not loaded.training


def test_other_tensors_are_refused_by_name(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path))
    folder = tmp_path / LIGHTGLUE_ALIKED
    folder.mkdir()
    for path in (published / LIGHTGLUE_ALIKED).iterdir():
        (folder / path.name).symlink_to(path)
    path = folder / STATES[0]
    state = {key: torch.from_numpy(value) for key, value in load_file(path).items()}
    first = min(state)
    spoilt = {**state, "surplus": torch.zeros(1), first: torch.zeros(1)}
    del spoilt["score_head.0.weight"]
    path.unlink()
    save_file(spoilt, path)
    with pytest.raises(ProblemError) as error:
        load_aliked()
    text = error.value.problem.sentence()
    assert error.value.problem.kind is Kind.BAD_INPUT
    assert all(word in text for word in ("score_head.0.weight", "surplus", first))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ProblemError, match="truncated"):
        load_aliked()


def test_without_weights_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path))
    for load in (load_aliked, load_lightglue):
        with pytest.raises(ProblemError, match=f"models install {LIGHTGLUE_ALIKED} --from") as error:
            load()
        assert error.value.problem.kind is Kind.MISSING_RESOURCE
    assert MODELS[LIGHTGLUE_ALIKED].commercial


def test_points_are_the_surest_first_and_lie_in_the_picture() -> None:
    network = build_aliked(1)
    grey = np.random.default_rng(5).integers(0, 255, (70, 101)).astype(np.uint8)
    points = aliked_points(network, grey, 40)
    assert (len(points), points.width, points.height, points.oriented) == (40, 101, 70, False)
    assert np.linalg.norm(points.descriptors, axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert ((points.place > 0) & (points.place < (101, 70))).all()
    colour = aliked_points(network, np.repeat(grey[..., None], 3, axis=2), 10)
    assert colour.place.tolist() == points.place[:10].tolist()
    assert largest_rows(points, 10).tolist() == list(range(10))


def test_pictures_without_points_have_no_matches() -> None:
    none = aliked_points(build_aliked(1), np.zeros((20, 400), np.uint8), 40)
    some = dataclasses.replace(none, place=np.ones((3, 2), np.float32), descriptors=np.ones((3, 128), np.float32))
    network = build_lightglue(n_layers=1)
    assert lightglue_matches(network, none, some).rows.shape == (0, 2)
    with pytest.raises(ProblemError, match="points of ALIKED"):
        lightglue_matches(network, dataclasses.replace(some, detector="sift"), some)
