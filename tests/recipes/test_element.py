"""Pictures of painted figures through the recipe `element`: what comes out, what reruns, and what is refused."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.contract import Event, JobRequest, ProblemError, Result, Silent, StageStarted, from_flat, to_flat
from grotto.contract.options import BudgetOptions, CutOptions, PaintOptions, ReliefOptions, SheetOptions
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.formats import read_artefact, read_glb, read_glb_parts, read_transforms
from grotto.recipes.element import RECIPE, CutElement, cut_element
from grotto.recipes.element.from_views import make_sheet_views, stand_element
from grotto.recipes.element.relief import make_body
from grotto.recipes.stages import ScanAsset
from grotto.runner import Run
from grotto.scene import camera_around, zero123plus_rig
from grotto.synthetic import photograph
from grotto.synthetic.objects import make_object
from grotto.views import ViewSet

ELEMENTS = Path(os.environ.get("GROTTO_DATA", Path(__file__).parents[3] / "shared" / "data")) / "elements"
QUICK = {"faces": 900, "sides_px": 128, "normals_px": 0, "occlusion": False, "lods": 0}  # see test_element_finish


def figure(path: Path, size: int = 120, mode: str = "RGB") -> Path:
    """A painted disc with a tail on white."""
    y, x = np.mgrid[:size, :size] + 0.5
    body = np.clip(0.3 * size - np.hypot(x - 0.45 * size, y - 0.5 * size) + 0.5, 0, 1)
    tail = np.clip(0.05 * size - np.abs(y - 0.5 * size) + 0.5, 0, 1) * (x > 0.5 * size) * (x < 0.93 * size)
    alpha = np.maximum(body, tail)[..., None]
    paint = np.where((np.sin(x / 6) > 0)[..., None], [0.2, 0.3, 0.6], [0.7, 0.2, 0.1])
    rgba = np.concatenate([paint * alpha + 1 - alpha if mode != "RGBA" else paint, alpha], axis=2)
    made = Image.fromarray((np.clip(rgba, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA")
    made.convert(mode).save(path)
    return path


def made_of(source: Path, out: Path, **flat: object) -> tuple[Result, list[Event]]:
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **QUICK, **flat})
    out.mkdir(parents=True, exist_ok=True)
    events: list[Event] = []
    request = JobRequest("element", str(source), str(out), to_nested(chosen))
    run = Run(RECIPE, request, chosen, events.append, threading.Event())
    result = run.complete(RECIPE.run(source, chosen, run))
    result.write(out)
    return result, events


def mesh_of(result: Result, out: Path) -> Path:
    return out / next(asset.path for asset in result.assets if asset.kind == "mesh")


def test_a_picture_becomes_a_closed_body_with_the_picture_itself_on_its_front(tmp_path: Path) -> None:
    source = figure(tmp_path / "figure.png")
    result, _ = made_of(source, tmp_path / "job", height_m=2.0)
    facts = result.facts
    assert facts["watertight"]
    assert facts["components"] == 1
    assert facts["faces"] <= 1.05 * 900
    assert facts["uv_overlap"] == 0
    assert facts["input_view_ssim"] > 0.97
    assert facts["cut_out_by"] == "plain background"
    parts = read_glb_parts(mesh_of(result, tmp_path / "job"))
    assert list(parts) == ["front", "sides"]
    assert parts["front"].texture == source.read_bytes()
    points = np.concatenate([part.vertices for part in parts.values()])
    assert points[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert points[:, 2].max() == pytest.approx(2.0, abs=1e-4)
    assert facts["depth_m"] > 0.2 * np.ptp(points[:, 0])
    assert parts["front"].vertices[:, 1].mean() < parts["sides"].vertices[:, 1].mean()
    with Image.open(tmp_path / "job" / "finish" / "preview.png") as preview:
        assert preview.size == (4 * 48, 48)
    assert any("is not installed" in note for note in result.notes)
    assert json.loads((tmp_path / "job" / "result.json").read_text())["facts"]["route"] == "relief"


@pytest.mark.parametrize("shape", ["slab", "standee"])
def test_other_shapes_are_closed_too(shape: str, tmp_path: Path) -> None:
    result, _ = made_of(figure(tmp_path / "a.png"), tmp_path / "job", shape=shape)
    assert result.facts["watertight"]
    assert result.facts["input_view_ssim"] > 0.9


def test_alpha_wins_and_only_later_stages_run_again(tmp_path: Path) -> None:
    source = figure(tmp_path / "a.png", mode="RGBA")
    result, _ = made_of(source, tmp_path / "job")
    assert result.facts["cut_out_by"] == "alpha"
    _, events = made_of(source, tmp_path / "job", back="plain")
    assert [event.reused for event in events if isinstance(event, StageStarted)] == [True, True, False]


def cut_of(source: Path, folder: Path, strokes: Path | None = None, **flat: object) -> CutElement:
    folder.mkdir()
    return cut_element(source, strokes, None, CutOptions(**flat), folder, Silent())  # type: ignore[arg-type]


def test_strokes_decide_what_is_kept(tmp_path: Path) -> None:
    source = figure(tmp_path / "a.png", size=160)
    strokes = np.zeros((160, 160, 4), np.uint8)
    strokes[60:100, 50:95] = 255
    strokes[70:90, 125:155] = (0, 0, 0, 255)  # the tail's end is not wanted
    strokes[:8] = (0, 0, 0, 255)
    Image.fromarray(strokes).save(tmp_path / "strokes.png")
    whole, cut = cut_of(source, tmp_path / "whole"), cut_of(source, tmp_path / "cut", tmp_path / "strokes.png")
    assert (whole.way, cut.way) == ("plain background", "strokes")
    assert cut.box[2] < whole.box[2]
    with pytest.raises(ProblemError, match="no picture of strokes"):
        made_of(source, tmp_path / "other", cut_strokes=str(tmp_path / "absent.png"))
    with pytest.raises(ProblemError, match="not left,top"):
        cut_of(source, tmp_path / "box", cut_box="1,2,3")


@pytest.mark.parametrize(("mode", "suffix"), [("CMYK", "tif"), ("P", "png"), ("L", "png"), ("RGB", "jpg")])
def test_pictures_of_other_kinds_are_cut_out_too(mode: str, suffix: str, tmp_path: Path) -> None:
    source = figure(tmp_path / f"a.{suffix}", mode=mode)
    cut = cut_of(source, tmp_path / "cut")
    assert cut.as_it_is == (mode in ("L", "RGB"))
    assert (cut.folder / cut.picture).read_bytes().startswith((b"\x89PNG", b"\xff\xd8"))
    truth = cut_of(figure(tmp_path / "b.png"), tmp_path / "truth").alpha() > 0.5
    assert ((cut.alpha() > 0.5) == truth).mean() > 0.98


def test_animations_and_sixteen_bits_say_what_was_taken(tmp_path: Path) -> None:
    first = Image.open(figure(tmp_path / "a.png"))
    first.save(tmp_path / "moving.webp", save_all=True, append_images=[first.rotate(90)], lossless=True)
    moving = cut_of(tmp_path / "moving.webp", tmp_path / "moving")
    assert any("2 pictures of an animation" in note for note in moving.notes)
    grey = np.asarray(first.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(tmp_path / "deep.png")
    deep = cut_of(tmp_path / "deep.png", tmp_path / "deep")
    assert not deep.as_it_is
    assert ((deep.alpha() > 0.5) == (moving.alpha() > 0.5)).mean() > 0.98


def test_bad_pictures_are_refused_in_plain_words(tmp_path: Path) -> None:
    blank, clear, words = tmp_path / "blank.png", tmp_path / "clear.png", tmp_path / "words.png"
    Image.new("RGB", (60, 60), "white").save(blank)
    Image.new("RGBA", (60, 60), (200, 0, 0, 0)).save(clear)
    words.write_text("no picture")
    for path, told in ((blank, "nothing on the picture"), (clear, "clear everywhere"), (words, "cannot be read")):
        with pytest.raises(ProblemError, match=rf"(?i){told}"):
            made_of(path, tmp_path / path.stem)
    with pytest.raises(ProblemError, match="no file"):
        made_of(tmp_path, tmp_path / "folder")


@pytest.mark.skipif(not ELEMENTS.is_dir(), reason="no shared data beside the project")
def test_a_real_painting(tmp_path: Path) -> None:
    result, _ = made_of(ELEMENTS / "nine_coloured_deer.png", tmp_path / "job", faces=3000, sides_px=256)
    assert result.facts["watertight"]
    assert result.facts["uv_overlap"] == 0
    assert result.facts["input_view_ssim"] >= 0.985


def test_the_front_looks_towards_minus_y_and_the_foot_stands_on_the_ground(tmp_path: Path) -> None:
    """The left of the picture has the smaller x, its foot is at z = 0, and the front has the smaller y."""
    y, x = np.mgrid[:80, :60] + 0.5
    alpha = np.clip(18 - np.hypot(x - 30, y - 40) + 0.5, 0, 1)[..., None]
    red_left = np.where((x < 30)[..., None], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    Image.fromarray((np.concatenate([red_left, alpha], axis=2) * 255).astype(np.uint8), "RGBA").save(tmp_path / "disc.png")
    (tmp_path / "body").mkdir()
    cut = cut_of(tmp_path / "disc.png", tmp_path / "cut")
    body = make_body(cut, None, None, BudgetOptions(faces=400), ReliefOptions(height_m=3.0), tmp_path / "body", Silent())
    points = body.mesh().vertices
    assert points[:, 2].min() == pytest.approx(0, abs=1e-6)
    assert np.ptp(points[:, 2]) == pytest.approx(3.0, abs=1e-5)
    assert points[:, :2].min(0) + points[:, :2].max(0) == pytest.approx([0, 0], abs=1e-5)
    corners = points[body.mesh().faces[body.shows_picture()]]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    assert np.average(corners.mean(1)[:, 1], weights=area) < -0.3
    left = body.placement.places_px(np.array([[-0.5, 0.0, 1.5]]))[0]
    assert tuple(cut.colour()[int(left[1]), int(left[0])]) == (1.0, 0.0, 0.0)


def sheet(path: Path, mode: str = "RGBA", name: str = "deer", tile_px: int = 48) -> Path:
    """Six small views of a made object in three rows of two tiles."""
    views = photograph(make_object(name, 0), zero123plus_rig("v1.2", tile_px), samples=1)
    tiles = [np.dstack([view.colour, view.alpha if view.alpha is not None else 0 * view.colour[..., 0]]) for view in views]
    rows = [np.concatenate(tiles[row : row + 2], axis=1) for row in (0, 2, 4)]
    made = Image.fromarray((np.clip(np.concatenate(rows), 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA")
    if mode == "RGB":
        grey = Image.new("RGB", made.size, (127, 127, 127))
        grey.paste(made, mask=made.getchannel("A"))
        made = grey
    made.save(path)
    return path


def test_a_sheet_of_six_views_becomes_a_mesh_and_a_picture_is_laid_on_it(tmp_path: Path) -> None:
    """A sheet stands up in metres with orbit, collider and cameras; then, as the route `views` does, its picture comes on top."""
    quick = {
        "field": "voxel", "field_steps": 30, "field_resolution": 32, "mesh_resolution": 32, "faces": 600, "refine_steps": 0,
        "bake_px": 128, "bake_padding": 1, "lods": 0, "texture_steps": 0, "orbit_frames": 4, "orbit_px": 32, "height_m": 2.0,
        "normals_px": 64,
    }  # fmt: skip
    out = tmp_path / "job"
    result, events = made_of(sheet(tmp_path / "sheet.png", name="teapot"), out, route="sheet", rig="zero123plus-v1.2", **quick)
    stages = [event.stage for event in events if isinstance(event, StageStarted)]
    assert stages == ["sheet", "field", "orbit", "surface", "refine", "asset", "scores", "stand"]
    assert result.facts["fitted_views"] == 6
    assert result.facts["components"] == 1
    assert result.facts["input_view_psnr_db"]["field"] > 16
    found = {(asset.kind, asset.role): out / asset.path for asset in result.assets}
    assert set(found) >= {
        ("mesh", ""),
        ("mesh", "collider"),
        ("cameras", ""),
        ("photos", ""),
        ("video", "orbit"),
        ("views", "orbit"),
    }
    standing = read_glb(found["mesh", ""])
    assert standing.vertices[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert standing.vertices[:, 2].max() == pytest.approx(2.0, abs=1e-4)
    assert standing.seen is not None
    assert 0.3 < standing.seen.mean() <= 1
    for camera in read_transforms(found["cameras", ""]):
        ahead = camera.world_from_camera[:3, 2]
        middle = np.array([0, 0, 1.0]) - camera.world_from_camera[:3, 3]
        assert ahead @ middle / np.linalg.norm(middle) > 0.97
        assert (found["cameras", ""].parent / camera.file_path).is_file()
    assert len(read_transforms(found["views", "orbit"])) == 4
    picture = photograph(make_object("teapot", 0), [camera_around(0.0, 5.0, 96)], samples=1)[0]
    assert picture.alpha is not None
    rgba = (np.dstack([picture.colour, picture.alpha]) * 255 + 0.5).astype(np.uint8)
    Image.fromarray(rgba, "RGBA").save(tmp_path / "teapot.png")
    cut = cut_of(tmp_path / "teapot.png", tmp_path / "cut")
    views, asset = read_artefact(ViewSet, out / "sheet"), read_artefact(ScanAsset, out / "asset")
    (tmp_path / "stand").mkdir()
    laid = stand_element(views, cut, asset, 1.0, {}, PaintOptions(normals_px=64), tmp_path / "stand", Silent())
    assert laid.laid_on
    assert laid.outline_iou > 0.75
    assert laid.shown_fraction > 0.03


def test_sheets_without_alpha_are_cut_out_and_others_refused(tmp_path: Path) -> None:
    for name in ("clear", "grey", "odd"):
        (tmp_path / name).mkdir()
    rig = SheetOptions(rig="zero123plus-v1.2")
    clear = make_sheet_views(sheet(tmp_path / "a.png", tile_px=160), None, rig, tmp_path / "clear", Silent())
    grey = make_sheet_views(sheet(tmp_path / "b.png", "RGB", tile_px=160), None, rig, tmp_path / "grey", Silent())
    for one, other in zip(clear.load(), grey.load(), strict=True):
        assert one.alpha is not None
        assert other.alpha is not None
        assert ((one.alpha > 0.5) == (other.alpha > 0.5)).mean() > 0.985
        np.testing.assert_allclose(one.camera.camera_from_world, other.camera.camera_from_world)
    Image.new("RGB", (100, 101), "white").save(tmp_path / "odd.png")
    with pytest.raises(ProblemError, match="do not divide"):
        make_sheet_views(tmp_path / "odd.png", None, SheetOptions(), tmp_path / "odd", Silent())


def test_a_pictures_owner_and_place_stay_out_of_the_cut_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "PRIVATE-MARK"
    exif.get_ifd(0x8825)[29] = "PRIVATE-MARK"
    picture = Image.open(figure(tmp_path / "plain.jpg", mode="RGB"))
    source = tmp_path / "a.jpg"
    picture.save(source, quality=92, exif=exif, comment=b"PRIVATE-MARK")
    assert b"PRIVATE-MARK" in source.read_bytes()
    cut = cut_of(source, tmp_path / "cut")
    assert cut.as_it_is
    assert not any(b"PRIVATE-MARK" in path.read_bytes() for path in cut.folder.rglob("*") if path.is_file())
    assert np.array_equal(np.asarray(Image.open(cut.folder / cut.picture)), np.asarray(Image.open(source)))
