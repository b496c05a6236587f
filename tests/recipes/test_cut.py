"""A whole mural through the recipe `cut`: what the set holds, at which size, and what is refused."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from grotto.cli import main
from grotto.contract import JobRequest, ProblemError, Result, from_flat
from grotto.contract.recipes import CutMuralOptions, to_nested
from grotto.models.registry import install_from
from grotto.recipes.cut import RECIPE
from grotto.runner import Run

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models" / "segmenters"))  # tiny_networks

from tiny_networks import save_mask2former, save_sam2

BOXES = ((60, 40, 190, 170), (260, 60, 420, 150), (90, 220, 150, 380), (520, 230, 640, 350))


def mural(path: Path, mode: str = "RGB") -> Path:
    """Four ellipses with stripes on toned plaster, 700 x 420; the last one is cut off by no border, but by tiles."""
    y, x = np.mgrid[:420, :700] + 0.5
    noise = np.random.default_rng(0).normal(0, 2, (420, 700, 1))
    colour = np.array([206.0, 184, 148]) + noise
    alpha = np.zeros((420, 700))
    for left, top, right, bottom in BOXES:
        radius = np.hypot((x - (left + right) / 2) / (right - left), (y - (top + bottom) / 2) / (bottom - top)) * 2
        part = np.clip((1 - radius) * min(right - left, bottom - top) / 2 + 0.5, 0, 1)
        paint = np.where((np.sin((x + y) / 9) > 0)[..., None], [40.0, 70, 140], [150.0, 40, 30])
        colour = colour * (1 - part[..., None]) + paint * part[..., None]
        alpha = np.maximum(alpha, part)
    pixels = np.dstack([np.clip(colour, 0, 255), alpha * 255]) + 0.5
    Image.fromarray(pixels.astype(np.uint8), "RGBA").convert(mode).save(path)
    return path


def cut_of(source: Path, out: Path, **flat: object) -> Result:
    options = from_flat(CutMuralOptions, flat)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(RECIPE, JobRequest("cut", str(source), str(out), to_nested(options)), options, lambda _: None, threading.Event())
    result = run.complete(RECIPE.run(source, options, run))
    result.write(out)
    return result


def test_a_murals_owner_and_place_stay_out_of_the_set(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "PRIVATE-MARK"
    exif.get_ifd(0x8825)[29] = "PRIVATE-MARK"
    source = tmp_path / "mural.jpg"
    with Image.open(mural(tmp_path / "plain.png", "RGB")) as picture:
        picture.save(source, quality=92, exif=exif, comment=b"PRIVATE-MARK")
    assert b"PRIVATE-MARK" in source.read_bytes()
    cut_of(source, tmp_path / "job", mural_px=350, segmenter="classical")
    written = [path for path in (tmp_path / "job").rglob("*") if path.is_file()]
    assert (tmp_path / "job" / "cut" / "mural.jpg") in written
    assert not any(b"PRIVATE-MARK" in path.read_bytes() for path in written)


@pytest.mark.parametrize(("mode", "mural_px"), [("RGB", 4096), ("RGB", 350), ("RGBA", 4096)])
def test_every_element_is_cut_out_at_full_size_wherever_tiles_end(mode: str, mural_px: int, tmp_path: Path) -> None:
    result = cut_of(mural(tmp_path / "mural.png", mode), tmp_path / "job", mural_px=mural_px, tile_px=128, segmenter="classical")
    assert result.facts["cut_out_by"] == ("alpha" if mode == "RGBA" else "classical: plain ground")
    elements = result.facts["elements"]
    assert len(elements) == len(BOXES)
    for box in BOXES:
        nearest = min(elements, key=lambda element: np.abs(np.subtract(element["box_px"], box)).sum())
        assert np.abs(np.subtract(nearest["box_px"], box)).max() <= (3 if mural_px > 700 else 9)
        left, top, right, bottom = nearest["box_px"]
        with Image.open(tmp_path / "job" / nearest["picture"]) as picture:
            assert (picture.mode, picture.size) == ("RGBA", (right - left, bottom - top))
            alpha = np.asarray(picture)[..., 3] / 255
        y, x = np.mgrid[top:bottom, left:right] + 0.5
        across, down = box[2] - box[0], box[3] - box[1]
        radius = np.hypot((x - (box[0] + box[2]) / 2) / across, (y - (box[1] + box[3]) / 2) / down) * 2
        truth = np.clip((1 - radius) * min(across, down) / 2 + 0.5, 0, 1)
        assert np.abs(alpha - truth).mean() < 0.01
        with Image.open(tmp_path / "job" / nearest["thumbnail"]) as picture:
            assert (picture.mode, picture.size) == ("RGBA", (256, 256))
        assert nearest["label"] == "unknown"
    told = json.loads((tmp_path / "job" / "cut" / "elements.json").read_text())
    assert [row["name"] for row in told["elements"]] == [element["name"] for element in elements]
    with Image.open(tmp_path / "job" / "cut" / told["elements"][0]["square"]) as picture:
        assert picture.size == (512, 512)
    assert any("classes" in note for note in result.notes)


def test_a_wall_painted_all_over_has_proposals_whose_contours_are_the_murals_own(tmp_path: Path) -> None:
    y, x = np.mgrid[:300, :1300] + 0.5
    random = np.random.default_rng(4)
    patches = np.array([[190.0, 160, 110], [90, 130, 100], [130, 80, 60]])[random.integers(0, 3, (3, 13))]
    wall = np.repeat(np.repeat(patches, 100, 0), 100, 1) + random.normal(0, 4, (300, 1300, 1))
    figure = np.hypot((x - 730) / 90, (y - 150) / 70) < 1
    wall[figure] = np.array([40.0, 60, 150]) + 15 * np.sin(y[figure] / 9)[:, None]
    Image.fromarray(np.clip(wall, 0, 255).astype(np.uint8)).save(tmp_path / "wall.png")
    result = cut_of(tmp_path / "wall.png", tmp_path / "job", segmenter="classical", most_elements=12)
    assert result.facts["cut_out_by"] == "classical: proposals on a wall painted all over"
    assert any("12 likeliest" in note for note in result.notes)
    best = 0.0
    for element in result.facts["elements"]:
        left, top, right, bottom = element["box_px"]
        found = np.zeros(figure.shape, bool)
        found[top:bottom, left:right] = np.asarray(Image.open(tmp_path / "job" / element["picture"]))[..., 3] > 127
        best = max(best, float((found & figure).sum() / (found | figure).sum()))
    assert best > 0.95


def test_a_wall_without_elements_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), (206, 184, 148)).save(tmp_path / "bare.png")
    with pytest.raises(ProblemError, match="No element"):
        cut_of(tmp_path / "bare.png", tmp_path / "job")


def test_only_the_largest_are_kept_where_there_are_too_many(tmp_path: Path) -> None:
    result = cut_of(mural(tmp_path / "mural.png"), tmp_path / "job", most_elements=2)
    assert len(result.facts["elements"]) == 2
    assert any("2 largest" in note for note in result.notes)


@pytest.mark.parametrize("segmenter", ["mask2former", "sam2"])
def test_a_segmenter_without_weights_offers_the_one_that_needs_none(
    segmenter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path))
    with pytest.raises(ProblemError, match="classical") as refused:
        cut_of(mural(tmp_path / "mural.png"), tmp_path / "job", segmenter=segmenter)
    assert refused.value.problem.kind.exit_code == 3


def test_sam2_outlines_what_was_found_where_its_weights_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    install_from("sam2-small", save_sam2(tmp_path / "sam2"))
    result = cut_of(mural(tmp_path / "mural.png"), tmp_path / "job")
    assert result.facts["cut_out_by"] == "SAM 2 (sam2-small) in the boxes of classical: plain ground"
    assert [model["licence"] for model in result.models] == ["Apache-2.0"]
    assert 1 <= len(result.facts["elements"]) <= len(BOXES)


@pytest.mark.slow
def test_a_set_with_classes_trains_a_segmenter_that_cuts_murals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = mural(tmp_path / "mural.png")
    cut_of(source, tmp_path / "job", mural_px=256)
    base, out = save_mask2former(tmp_path / "base"), tmp_path / "mine"
    words = ["train", "segmenter", str(tmp_path / "job"), "--out", str(out), "--base", str(base), "--train-steps", "2"]
    words += ["--train-px", "64", "--tile-px", "128", "--train-batch", "1"]
    assert main(words) == 2
    assert "label" in capsys.readouterr().err
    listed = tmp_path / "job" / "cut" / "elements.json"
    listed.write_text(listed.read_text().replace('"label": "unknown"', '"label": "plant"'))
    assert main(words) == 0
    told = json.loads((out / "provenance.json").read_text())
    assert (told["elements"]["plant"], told["sets"]) == (len(BOXES), ["job"])
    result = cut_of(source, tmp_path / "again", segmenter_folder=str(out), least_score=0.0, mural_px=256, tile_px=256)
    assert result.facts["cut_out_by"] == "Mask2Former (mine)"
    labels = {element["label"] for element in result.facts["elements"]}
    assert labels <= {"character", "animal", "plant", "architecture"}
    assert result.models[0]["licence"] == told["licence"]


def test_the_alpha_of_an_orthophoto_is_no_element_and_its_painting_is_searched(tmp_path: Path) -> None:
    """A wall's outline, a little turned and with a bite; beyond it the picture is black and clear."""
    with Image.open(mural(tmp_path / "mural.png")) as picture:
        colour = np.asarray(picture.convert("RGB")).copy()
    outline = Image.new("L", (700, 420))
    ImageDraw.Draw(outline).polygon([(8, 4), (694, 14), (688, 412), (14, 416), (12, 200), (40, 180)], fill=255)
    alpha = np.asarray(outline)
    colour[alpha == 0] = 0
    Image.fromarray(np.dstack([colour, alpha])).save(tmp_path / "orthophoto.png")
    result = cut_of(tmp_path / "orthophoto.png", tmp_path / "job", segmenter="classical")
    assert result.facts["cut_out_by"] == "classical: plain ground"
    found = [element["box_px"] for element in result.facts["elements"]]
    assert len(found) == len(BOXES)
    for box in BOXES:
        assert min(np.abs(np.subtract(one, box)).max() for one in found) <= 4
    assert any("painting was searched" in note for note in result.notes)
    with Image.open(tmp_path / "job" / result.facts["elements"][0]["picture"]) as picture:
        soft = np.asarray(picture)[..., 3]
    assert ((soft > 20) & (soft < 235)).any()  # its edge is the paint's, not that of a coarse mask
