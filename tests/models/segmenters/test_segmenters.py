"""Real networks with tiny, random weights: loaded, asked, trained; what is broken or of another kind is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_networks import save_mask2former, save_sam2, save_vitmatte, spoiled

from grotto.contract import ELEMENT_CLASSES, Cancelled, ProblemError, Silent
from grotto.contract.options import TrainOptions
from grotto.fitting import Intervals
from grotto.masks import Hints
from grotto.models.segmenters import (
    load_instance_model,
    load_matting_model,
    load_prompted_model,
    matte,
    prompted_mask,
    read_training_set,
    train_segmenter,
)


def painted(width: int = 100, height: int = 70) -> np.ndarray:
    """A dark disc on light ground."""
    y, x = np.mgrid[:height, :width] + 0.5
    disc = np.hypot(x - 0.4 * width, y - 0.5 * height) < 0.3 * height
    return np.where(disc[..., None], [60, 30, 120], [210, 190, 150]).astype(np.uint8)


def test_mask2former_finds_instances_of_the_pictures_size_and_names_murals_classes(tmp_path: Path) -> None:
    model = load_instance_model(save_mask2former(tmp_path / "m"), Silent())
    assert model.classes == ("character", "unknown", "animal")
    found = model.instances(painted(), 0.01)
    assert found
    for instance in found:
        left, top, right, bottom = instance.box
        assert 0 <= left < right <= 100
        assert 0 <= top < bottom <= 70
        assert instance.mask.shape == (bottom - top, right - left)
        assert 0.01 < instance.score <= 1
    assert model.instances(painted(), 0.999) == []


def test_sam2_answers_to_boxes_and_to_strokes(tmp_path: Path) -> None:
    model = load_prompted_model(save_sam2(tmp_path / "s"), Silent())
    assert model.side_px == 64
    strokes = np.zeros((70, 100), dtype=bool)
    strokes[30:40, 30:50] = True
    box = prompted_mask(model, painted(), Hints(box=(20, 10, 60, 60)))
    both = prompted_mask(model, painted(), Hints(box=(20, 10, 60, 60), subject=strokes, background=~strokes))
    assert box.shape == both.shape == (16, 16)
    assert ((box >= 0) & (box <= 1)).all()
    assert np.abs(box - both).max() > 1e-6
    with pytest.raises(ProblemError, match="strokes"):
        prompted_mask(model, painted(), Hints())


def test_vitmatte_changes_only_the_band_about_the_contour(tmp_path: Path) -> None:
    model = load_matting_model(save_vitmatte(tmp_path / "v"), Silent())
    colour = painted()
    alpha = (colour[..., 0] < 100).astype(np.float32)
    found = matte(model, colour, alpha, 3)
    assert found.shape == (70, 100)
    assert found[35, 40] == 1
    assert found[2, 2] == 0
    assert ((found > 0) & (found < 1)).sum() > 100


@pytest.mark.parametrize("name", ["mask2former", "sam2", "vitmatte"])
def test_broken_weights_and_other_models_are_refused(name: str, tmp_path: Path) -> None:
    save = {"mask2former": save_mask2former, "sam2": save_sam2, "vitmatte": save_vitmatte}[name]
    load = {"mask2former": load_instance_model, "sam2": load_prompted_model, "vitmatte": load_matting_model}
    folder = save(tmp_path / "m")
    other = load["sam2" if name != "sam2" else "vitmatte"]
    with pytest.raises(ProblemError, match="of another version"):
        other(folder, Silent())
    model = load[name](spoiled(folder), Silent())
    with pytest.raises(ProblemError, match="no numbers"):
        if name == "mask2former":
            model.instances(painted(), 0.1)
        elif name == "sam2":
            prompted_mask(model, painted(), Hints(box=(20, 10, 60, 60)))
        else:
            matte(model, painted(), (painted()[..., 0] < 100).astype(np.float32), 3)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(ProblemError, match="truncated"):
        load[name](folder, Silent())
    weights.unlink()
    with pytest.raises(ProblemError, match=r"lack m/model\.safetensors"):
        load[name](folder, Silent())


def element_set(folder: Path, label: str = "animal") -> Path:
    """A set of one element, the disc."""
    (folder / "elements").mkdir(parents=True)
    colour = painted(96, 64)
    Image.fromarray(colour).save(folder / "mural.png")
    alpha = (colour[..., 0] < 100).astype(np.uint8) * np.uint8(255)
    box = [int(np.flatnonzero(alpha.any(0))[0]), int(np.flatnonzero(alpha.any(1))[0])]
    box += [int(np.flatnonzero(alpha.any(0))[-1]) + 1, int(np.flatnonzero(alpha.any(1))[-1]) + 1]
    cut = np.dstack([colour, alpha])[box[1] : box[3], box[0] : box[2]]
    Image.fromarray(cut, "RGBA").save(folder / "elements" / "a.png")
    row = {"name": "a", "box_px": box, "label": label, "score": 1.0, "picture": "elements/a.png"}
    told = {"width": 96, "height": 64, "mural": "mural.png", "elements": [row]}
    (folder / "elements.json").write_text(json.dumps(told))
    return folder


OPTIONS = TrainOptions(train_steps=12, train_px=64, tile_px=64, train_batch=1, train_rate=5e-3)


class StopAt(Silent):
    """Cancels at a step, as a user does."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.notes: list[str] = []

    def __call__(self, fraction: float, message: str = "") -> None:
        if message.startswith(f"step {self.step}"):
            raise Cancelled

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_a_trained_segmenter_has_learnt_something_and_is_read_again(tmp_path: Path) -> None:
    examples, counts = read_training_set([element_set(tmp_path / "set")], 64)
    assert counts["animal"] == 1
    assert all(example.masks.shape[1:] == example.colour.shape[:2] for example in examples)
    base = save_mask2former(tmp_path / "base")
    whole = train_segmenter(examples, counts, base, OPTIONS, tmp_path / "whole", {"base": "tiny"}, Silent())
    assert whole.last_loss < 0.9 * whole.first_loss
    model = load_instance_model(tmp_path / "whole", Silent())
    assert model.classes == ELEMENT_CLASSES
    assert all(instance.label in ELEMENT_CLASSES for instance in model.instances(painted(), 0.05))
    told = json.loads((tmp_path / "whole" / "provenance.json").read_text())
    assert (told["base"], told["elements"]["animal"], told["steps"]) == ("tiny", 1, 12)


@pytest.mark.slow
def test_a_stopped_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(report=0, copy=0, copy_share=1e9, checkpoint=0))
    examples, counts = read_training_set([element_set(tmp_path / "set")], 64)
    base, options = save_mask2former(tmp_path / "base"), replace(OPTIONS, train_steps=24)
    whole = train_segmenter(examples, counts, base, options, tmp_path / "whole", {"base": "tiny"}, Silent())
    with pytest.raises(Cancelled):
        train_segmenter(examples, counts, base, options, tmp_path / "twice", {"base": "tiny"}, StopAt(21))
    second = StopAt(-1)
    again = train_segmenter(examples, counts, base, options, tmp_path / "twice", {"base": "tiny"}, second)
    assert any("continuing from step" in note for note in second.notes)
    assert again.last_loss == pytest.approx(whole.last_loss, rel=1e-3)


def test_sets_without_classes_or_with_other_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="label"):
        read_training_set([element_set(tmp_path / "unknown", "unknown")], 64)
    with pytest.raises(ProblemError, match="lotus"):
        read_training_set([element_set(tmp_path / "lotus", "lotus")], 64)
    folder = element_set(tmp_path / "other")
    Image.new("RGBA", (5, 5)).save(folder / "elements" / "a.png")
    with pytest.raises(ProblemError, match="5 x 5"):
        read_training_set([folder], 64)
    with pytest.raises(ProblemError, match=r"elements\.json"):
        read_training_set([tmp_path], 64)
    for key, name in (("mural", "../other/mural.png"), ("picture", str(tmp_path / "other/elements/a.png"))):
        reaching = element_set(tmp_path / key)
        told = json.loads((reaching / "elements.json").read_text())
        (told if key == "mural" else told["elements"][0])[key] = name
        (reaching / "elements.json").write_text(json.dumps(told))
        with pytest.raises(ProblemError, match="leads out of its folder"):
            read_training_set([reaching], 64)
