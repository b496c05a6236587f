"""The scan recipe on ten small views: everything that it says it makes is there, can be read, and agrees with itself."""

from pathlib import Path

import numpy as np
import pytest
from scan_jobs import QUICK, scanned, ten_views

from grotto.contract import Event, Note, ProblemError, Result, Silent, StageStarted
from grotto.contract.options import LEVEL_EXTRACTORS, ScanSurfaceOptions
from grotto.fields import RadianceField
from grotto.formats import Mesh, read_artefact, read_glb, read_splat_ply, read_spz, read_transforms
from grotto.meshes.repair import mesh_facts
from grotto.metrics import compare_surfaces, psnr
from grotto.recipes.stages import SURFACE
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
        ("mesh", ""), ("mesh", "lod1"), ("texture", "seen"), ("splats", ""), ("splats", "spz"), ("cameras", ""), ("photos", ""),
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
    cloud = read_splat_ply(out / splats.path)
    assert 0 < len(cloud.means) <= QUICK["splats_most"]
    (spz,) = [read_spz(out / asset.path) for asset in result.assets if asset.role == "spz"]
    assert spz.means == pytest.approx(cloud.means, abs=1e-3)  # 24 bits of the scene's extent
    assert 1 / (1 + np.exp(-spz.opacity_logits)) == pytest.approx(1 / (1 + np.exp(-cloud.opacity_logits)), abs=0.005)
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
    # Without frames, cameras and frame; after the views it is known that this object needs neither subject nor backdrop.
    assert numbers == [(number, 14 if number <= 6 else 12) for number in range(1, 13)]


def test_a_changed_texture_is_all_that_is_done_again(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, _, _ = job
    _, events = scanned(source, out, holdout=5, bake_px=320)
    assert [stage for stage, kept in stages(events).items() if not kept] == ["asset", "scores"]


@pytest.mark.parametrize("extractor", LEVEL_EXTRACTORS[1:])
def test_extractors_agree_on_the_surface_of_a_field(
    job: tuple[Path, Result, list[Event]], tmp_path: Path, extractor: str
) -> None:
    views, field = read_artefact(ViewSet, job[0] / "views"), read_artefact(RadianceField, job[0] / "field")

    def made(name: str) -> Mesh:
        (tmp_path / name).mkdir()
        options = ScanSurfaceOptions(extractor=name, mesh_resolution=48)
        surface = SURFACE.function(views, field, None, 20_000, options, tmp_path / name, Silent())
        assert (surface.origin, surface.extractor) == ("field", "marching_cubes" if name == "auto" else name)
        return surface.read()

    mesh, usual = made(extractor), made("auto")
    cell = float(views.region.size.max()) / 48
    score = compare_surfaces(mesh, usual)
    assert score.threshold < 0.5 * cell
    assert score.f_score > 0.9  # a rough field has specks of less than a cell, which extractors keep or not
    assert mesh_facts(mesh).watertight


def test_depths_that_a_field_renders_are_fused(job: tuple[Path, Result, list[Event]], tmp_path: Path) -> None:
    views, field = read_artefact(ViewSet, job[0] / "views"), read_artefact(RadianceField, job[0] / "field")
    options = ScanSurfaceOptions(extractor="fused_depths", mesh_resolution=48)
    surface = SURFACE.function(views, field, None, 20_000, options, tmp_path, Silent())
    assert (surface.origin, surface.extractor) == ("field", "fused_depths")
    vertices = surface.read().vertices
    assert len(vertices) > 100
    border = 2 * float(views.region.size.max()) / 48  # cells that the signed distances have beyond the region
    assert (vertices >= views.region.low - border).all() and (vertices <= views.region.high + border).all()


@pytest.mark.slow
def test_an_extractor_is_named_in_the_result(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, usual, _ = job
    origin = usual.facts["mesh_from"]
    assert usual.engines["surface"] == f"{'marching_cubes' if origin == 'field' else 'fused_depths'} of the {origin}"
    result, events = scanned(source, out, holdout=5, extractor="poisson", lods=0)
    assert [stage for stage, kept in stages(events).items() if not kept] == ["surface", "refine", "asset", "scores"]
    assert (result.engines["surface"], result.facts["mesh_from"]) == ("poisson of the splats", "splats")
    assert result.facts["watertight"]


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"via": "field", "mesh_from": "splats"}, "mesh_from"),
        ({"via": "field", "extractor": "poisson"}, "extractor"),
        ({"mesh_from": "splats", "extractor": "dual_contouring"}, "extractor"),
        ({"background": "scene", "extractor": "marching_cubes"}, "extractor"),
    ],
)
def test_an_extractor_that_does_not_fit_is_refused_before_the_fits(
    source: Path, tmp_path: Path, values: dict[str, str], option: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        scanned(source, tmp_path / "job", **values)
    assert caught.value.problem.option == option
    assert not (tmp_path / "job" / "field").exists()


@pytest.mark.slow
def test_highlights_lie_beside_the_glb(job: tuple[Path, Result, list[Event]], source: Path) -> None:
    out, _, _ = job
    result, _ = scanned(source, out, holdout=5, highlights=True, lods=0)
    beside = result.main("highlights")
    assert beside is not None
    assert {"specular.json"} < {file.name for file in (out / beside.path).iterdir()}
    assert result.facts["highlights_gain_db"] > 0


@pytest.mark.slow
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
