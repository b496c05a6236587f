"""Cutting out: several elements, large pictures, segmenters with and without weights, marks that do not fit."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Cancelled, Event, JobRequest, ProblemError, Silent, StageStarted, from_flat
from grotto.contract.options import CutOptions
from grotto.contract.recipes import ElementOptions, to_nested
from grotto.models.registry import install_from
from grotto.recipes.element import RECIPE, CutElement, cut_element
from grotto.runner import Run

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models" / "segmenters"))  # tiny_networks

from tiny_networks import save_sam2, save_vitmatte


def two_discs(path: Path, width: int = 160, height: int = 90) -> Path:
    """A large and a small disc on white."""
    y, x = np.mgrid[:height, :width] + 0.5
    colour = np.full((height, width, 3), 255.0)
    for middle, radius, paint in ((0.25, 0.35, (40, 60, 140)), (0.75, 0.2, (150, 40, 30))):
        part = np.clip(radius * height - np.hypot(x - middle * width, y - 0.5 * height) + 0.5, 0, 1)[..., None]
        colour = colour * (1 - part) + np.array(paint) * part
    Image.fromarray((colour + 0.5).astype(np.uint8)).save(path)
    return path


def cut_of(source: Path, folder: Path, strokes: Path | None = None, **flat: object) -> CutElement:
    folder.mkdir()
    return cut_element(source, strokes, None, CutOptions(**flat), folder, Silent())  # type: ignore[arg-type]


def test_of_several_elements_one_is_taken_by_its_number(tmp_path: Path) -> None:
    source = two_discs(tmp_path / "two.png")
    both = cut_of(source, tmp_path / "cut")
    assert any("2 elements" in note for note in both.notes)
    told = both.several()["elements"]
    assert [row["name"] for row in told] == ["element_001", "element_002"]
    with Image.open(tmp_path / told[1]["picture"]) as picture, Image.open(tmp_path / told[1]["thumbnail"]) as small:
        left, top, right, bottom = told[1]["box_px"]
        assert (picture.mode, picture.size, small.size) == ("RGBA", (right - left, bottom - top), (256, 256))
    second = cut_of(source, tmp_path / "second", element=2)
    assert second.box[0] > 80
    assert second.alpha().sum() == pytest.approx(np.pi * 18**2, rel=0.02)
    assert both.alpha().sum() == pytest.approx(np.pi * (18**2 + 31.5**2), rel=0.02)
    with pytest.raises(ProblemError, match="no element 3: 2 were found"):
        cut_of(source, tmp_path / "third", element=3)


def test_the_edge_of_a_large_picture_is_found_at_its_full_size(tmp_path: Path) -> None:
    """At half the size, this edge would be blurred over several pixels."""
    y, x = np.mgrid[:300, :4800] + 0.5
    part = np.clip(120 - np.hypot(x - 2400.3, y - 150.2) + 0.5, 0, 1)
    Image.fromarray((255 - part[..., None] * np.array([215, 195, 115]) + 0.5).astype(np.uint8)).save(tmp_path / "large.png")
    alpha = cut_of(tmp_path / "large.png", tmp_path / "cut").alpha()
    assert np.abs(alpha - part).max() < 0.15
    assert np.abs(alpha - part)[(part > 0) & (part < 1)].mean() < 0.03


def test_strokes_of_another_size_are_scaled_and_the_result_says_so(tmp_path: Path) -> None:
    source = two_discs(tmp_path / "two.png")
    width, height = Image.open(source).size
    strokes = Image.new("RGBA", (2 * width, 2 * height))
    strokes.paste((255, 255, 255, 255), (0, 0, width // 8, height // 8))
    strokes.save(tmp_path / "strokes.png")
    cut = cut_of(source, tmp_path / "cut", tmp_path / "strokes.png")
    assert any(f"{2 * width} x {2 * height} px; they were scaled" in note for note in cut.notes)
    strokes.resize((width, height), Image.Resampling.NEAREST).save(tmp_path / "strokes.png")
    assert not any("scaled" in note for note in cut_of(source, tmp_path / "same", tmp_path / "strokes.png").notes)


def test_strokes_of_another_shape_are_refused_with_both_sizes(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 60), (255, 255, 255, 255)).save(tmp_path / "strokes.png")
    with pytest.raises(ProblemError, match="50 x 60, not 160 x 90"):
        cut_of(two_discs(tmp_path / "two.png"), tmp_path / "cut", tmp_path / "strokes.png")


def test_a_named_segmenter_is_used_or_missed_and_auto_keeps_what_is_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    source = two_discs(tmp_path / "two.png")
    with pytest.raises(ProblemError, match="classical") as missed:
        cut_of(source, tmp_path / "missed", segmenter="sam2", cut_box="5,5,75,85")
    assert missed.value.problem.kind.exit_code == 3
    install_from("sam2-small", save_sam2(tmp_path / "s"))
    install_from("vitmatte-small", save_vitmatte(tmp_path / "v"))
    assert cut_of(source, tmp_path / "auto").way == "plain background"
    soft = cut_of(source, tmp_path / "soft", segmenter="vitmatte")
    assert soft.way == "plain background, edge by ViTMatte (vitmatte-small)"
    sure = np.hypot(*(np.mgrid[:90, :160] + 0.5 - np.array([45, 40]).reshape(2, 1, 1))) < 20
    assert (soft.alpha()[sure] == 1).all()
    try:
        marked = cut_of(source, tmp_path / "marked", cut_box="5,5,75,85")
    except ProblemError as error:  # random weights may see nothing in a box, and then say so
        assert "nothing on the picture" in str(error)
    else:
        assert marked.way == "SAM 2 (sam2-small) from strokes"


def test_other_weights_have_the_stage_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    source, out = two_discs(tmp_path / "two.png"), tmp_path / "job"
    out.mkdir()
    weights = install_from("vitmatte-small", save_vitmatte(tmp_path / "v")).folder

    def kept() -> bool:
        found: list[bool] = []

        def emit(event: Event) -> None:
            if isinstance(event, StageStarted):
                if event.stage != "cut":
                    raise Cancelled
                found.append(event.reused)

        options = from_flat(ElementOptions, {"segmenter": "vitmatte", "route": "relief"})
        run = Run(RECIPE, JobRequest("element", str(source), str(out), to_nested(options)), options, emit, threading.Event())
        with pytest.raises(Cancelled):
            RECIPE.run(source, options, run)
        return found[0]

    assert [kept(), kept()] == [False, True]
    config = weights / "config.json"
    config.write_text(config.read_text() + "\n")  # as another release of them would differ
    assert not kept()
