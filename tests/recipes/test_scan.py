"""The scan recipe on ten small views: everything that it says it makes is there, can be read, and agrees with itself."""

from pathlib import Path

import numpy as np
import pytest
from scan_jobs import QUICK, scanned, ten_views

from grotto.contract import Event, Note, ProblemError, Result, StageStarted
from grotto.formats import read_glb, read_splat_ply, read_transforms
from grotto.meshes.appearance import read_specular
from grotto.metrics import psnr
from grotto.render.mesh import render_textured
from grotto.scene import Camera, View
from grotto.views import ViewSet, find_source, split_validation_views


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ten_views(tmp_path_factory.mktemp("scan") / "set")


@pytest.fixture(scope="module")
def job(source: Path) -> tuple[Path, Result, list[Event]]:
    out = source.parent / "job"
    result, events = scanned(source, out, holdout=5)
    return out, result, events


def stages(events: list[Event]) -> dict[str, bool]:
    """Whether each stage was kept from before."""
    return {event.stage: event.reused for event in events if isinstance(event, StageStarted)}


def test_every_asset_is_there(job: tuple[Path, Result, list[Event]]) -> None:
    out, result, _ = job
    kinds = [(asset.kind, asset.role) for asset in result.assets]
    assert kinds == [
        ("mesh", ""), ("mesh", "lod1"), ("texture", "seen"), ("splats", ""), ("cameras", ""), ("photos", ""),
        ("colmap_model", ""), ("preview", ""),
    ]  # fmt: skip
    assert all((out / asset.path).exists() for asset in result.assets)
    assert all(asset.frame == "given" for asset in result.assets)


def test_the_glb_says_where_it_came_from(job: tuple[Path, Result, list[Event]]) -> None:
    out, result, _ = job
    mesh, lod = (read_glb(out / asset.path) for asset in result.assets if asset.kind == "mesh")
    assert len(mesh.faces) == result.facts["faces"] <= 1.1 * QUICK["faces"]  # closing may need a few more
    assert len(lod.faces) <= 0.75 * len(mesh.faces)
    assert mesh.extras["recipe"] == "scan"
    assert mesh.extras["cameras"] == "given"
    assert mesh.extras["photos"] == 8
    assert mesh.extras["seen_fraction"] == result.facts["seen_fraction"] > 0.5


def test_splats_and_given_cameras_can_be_read(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, result, _ = job
    splats, cameras = result.main("splats"), result.main("cameras")
    assert splats is not None
    assert cameras is not None
    assert 0 < len(read_splat_ply(out / splats.path).means) <= QUICK["splats_most"]
    made = {camera.photo_name: camera for camera in read_transforms(out / cameras.path)}
    for camera in read_transforms(source / "transforms.json"):
        assert made[camera.file_path].world_from_camera == pytest.approx(camera.world_from_camera, abs=1e-9)
        assert made[camera.file_path].focal_x == pytest.approx(camera.focal_x)


def test_facts(job: tuple[Path, Result, list[Event]]) -> None:
    facts = job[1].facts
    assert facts["input_photos"] == facts["registered_photos"] == 10
    assert (facts["fitted_views"], facts["heldout_views"]) == (8, 2)
    assert facts["watertight"]
    assert facts["components"] >= 1
    for fact in ("heldout_psnr_db", "heldout_ssim", "input_view_psnr_db"):
        assert set(facts[fact]) == {"field", "splats", "mesh"}
    assert all(10 < value < 40 for value in facts["heldout_psnr_db"].values())
    assert all(0.3 < value <= 1 for value in facts["heldout_ssim"].values())
    assert facts["input_view_psnr_db"]["field"] > 15


def test_the_score_of_the_mesh_is_that_of_the_glb(job: tuple[Path, Result, list[Event]]) -> None:
    """Measured once more from nothing but the files of the result and the held-out photos."""
    from grotto.formats import read_artefact

    out, result, _ = job
    asset = result.main("mesh")
    assert asset is not None
    mesh = read_glb(out / asset.path)
    heldout = read_artefact(ViewSet, out / "views").load(heldout=True)
    assert [view.name for view in heldout] == ["photos/000.png", "photos/005.png"]
    scores = [psnr(np.clip(render_textured(mesh, view.camera).over(1.0), 0, 1), view.over(1.0)) for view in heldout]
    assert np.mean(scores) == pytest.approx(result.facts["heldout_psnr_db"]["mesh"], abs=0.02)


def test_the_user_is_told(job: tuple[Path, Result, list[Event]]) -> None:
    notes = [event.message for event in job[2] if isinstance(event, Note)]
    assert any("goes on without points" in note for note in notes)
    assert any("the mesh of the" in note and "validation views" in note for note in notes)
    numbers = [(event.number, event.count) for event in job[2] if isinstance(event, StageStarted)]
    assert numbers == [(number, 12) for number in range(1, 13)]  # without frames, cameras and frame


def test_a_changed_texture_is_all_that_is_done_again(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, _, _ = job
    _, events = scanned(source, out, holdout=5, bake_px=320)
    assert [stage for stage, kept in stages(events).items() if not kept] == ["asset", "scores"]


@pytest.mark.slow
def test_highlights_lie_beside_the_glb(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, _, _ = job
    result, _ = scanned(source, out, holdout=5, highlights=True, lods=0)
    beside = result.main("highlights")
    assert beside is not None
    assert read_specular(out / beside.path).features.shape[2] == 3
    assert result.facts["highlights_gain_db"] > 0


def test_another_holdout_begins_with_the_views(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, _, _ = job
    result, events = scanned(source, out, holdout=0, via="field", lods=0)
    redone = [stage for stage, kept in stages(events).items() if not kept]
    assert redone == ["views", "field", "surface", "refine", "asset", "scores"]
    assert "heldout_psnr_db" not in result.facts
    assert set(result.facts["input_view_psnr_db"]) == {"field", "mesh"}
    assert result.main("splats") is None
    assert [asset.role for asset in result.assets if asset.kind == "mesh"] == [""]


def test_output_among_the_pictures_is_refused(source: Path) -> None:
    with pytest.raises(ProblemError, match="lies among the pictures"):
        scanned(source / "transforms.json", source / "photos" / "job")
    assert find_source(source).pictures == source / "photos"


def view(name: str) -> View:
    camera = Camera(camera_from_world=np.eye(4), focal_x=1, focal_y=1, centre_x=0.5, centre_y=0.5, width=1, height=1)
    return View(name=name, camera=camera, colour=np.zeros((1, 1, 3), np.float32), alpha=None)


def test_judges_are_fitted_views_set_aside_evenly() -> None:
    few = [view(str(i)) for i in range(12)]
    assert split_validation_views(few) == (few, [])
    many = [view(str(i)) for i in range(50)]
    fitted, judges = split_validation_views(many)
    assert len(judges) == 5
    assert [item.name for item in many if item in judges or item in fitted] == [item.name for item in many]
    assert len(fitted) + len(judges) == 50
    gaps = np.diff([int(item.name) for item in judges])
    assert gaps.min() >= 9
