"""The route `model` of the recipe `element`, with a checkout that stands in for TripoSR's, in a process of its own."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models" / "outside"))  # checkouts that stand in for models

import stand_in_checkouts

from grotto.contract import Event, JobRequest, Kind, ProblemError, Result, Silent, StageStarted, from_flat, to_flat
from grotto.contract.options import CutOptions
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.formats import Mesh, TexturedMesh, read_glb_parts, write_glb_parts
from grotto.meshes.texture import as_png, joined_shape, standing_parts, vertex_normals
from grotto.models.registry import connect, outside_model
from grotto.recipes.element import RECIPE, cut_element, route_of
from grotto.recipes.element.from_model import TEXTURED, ModelFinish, ModelMesh, finish_model
from grotto.runner import Run
from grotto.views import outline_iou_by_turn

QUICK = {"route": "model", "generator": "triposr", "generator_device": "cpu", "generator_px": 256, "faces": 290}


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))


def oval(path: Path) -> Path:
    """A painted oval, twice as high as wide, on clear ground."""
    y, x = np.mgrid[:64, :64] + 0.5
    rgba = np.where((np.hypot((x - 32) * 2, y - 32) < 28)[..., None], [200, 40, 40, 255], [0, 0, 0, 0]).astype(np.uint8)
    Image.fromarray(rgba, "RGBA").save(path)
    return path


def made_of(source: Path, out: Path, **flat: object) -> tuple[Result, list[Event]]:
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **QUICK, **flat})
    out.mkdir(parents=True, exist_ok=True)
    events: list[Event] = []
    request = JobRequest("element", str(source), str(out), to_nested(chosen))
    run = Run(RECIPE, request, chosen, events.append, threading.Event())
    return run.complete(RECIPE.run(source, chosen, run)), events


def test_a_model_makes_the_figure_which_comes_at_its_height_and_within_its_faces(tmp_path: Path) -> None:
    connect("triposr", stand_in_checkouts.checkout(stand_in_checkouts.TRIPOSR, tmp_path / "checkout"), Path(sys.executable))
    source, out = oval(tmp_path / "oval.png"), tmp_path / "job"
    result, _ = made_of(source, out, height_m=3.0)
    files = {asset.role: out / asset.path for asset in result.assets if asset.kind == "mesh"}
    assert set(files) == {"", "lod1", "collider"}  # a second level would have 18 faces
    ((mesh,), (lod,), (collider,)) = (read_glb_parts(files[role]).values() for role in ("", "lod1", "collider"))
    assert 64 <= len(lod.faces) <= 72 < len(mesh.faces) <= 290
    assert np.abs(collider.vertices).max(0) == pytest.approx(np.abs(mesh.vertices).max(0), rel=0.1)
    assert mesh.seen is not None and not mesh.seen.any()
    lowest, highest = mesh.vertices.min(0), mesh.vertices.max(0)
    assert highest[2] - lowest[2] == pytest.approx(3.0, abs=1e-4)
    assert [lowest[0] + highest[0], lowest[1] + highest[1], lowest[2]] == pytest.approx([0, 0, 0], abs=0.02)
    assert mesh.extras["generator"] == "TripoSR" and mesh.extras["licence"] == "MIT"
    assert result.models == ({"name": "TripoSR", "licence": "MIT", "use": outside_model("triposr").use},)
    facts = result.facts
    assert facts["route"] == "model" and facts["watertight"] and facts["faces_of_model"] == 320
    assert facts["outline_iou"] > 0.9
    assert "triposr on cpu" in result.engines["shape"]
    texture = np.asarray(Image.open(io.BytesIO(mesh.texture)).convert("RGB")).reshape(-1, 3)
    red = (texture[:, 0] > 200) & (texture[:, 2] < 60)
    assert red.any() and ((texture[:, 2] > 200) & (texture[:, 0] < 60)).any()
    # fewer faces: the model is not asked again
    _, events = made_of(source, out, faces=100)
    assert [e.stage for e in events if isinstance(e, StageStarted) and not e.reused] == ["model_finish"]


def test_no_model_is_a_default_and_what_is_not_connected_is_told(tmp_path: Path) -> None:
    source = oval(tmp_path / "oval.png")
    assert route_of(ElementOptions()) == "relief"
    with pytest.raises(ProblemError, match="choose a generator"):
        made_of(source, tmp_path / "a", generator="none")
    with pytest.raises(ProblemError, match="not connected") as caught:
        made_of(source, tmp_path / "b", generator="hunyuan3d")
    assert caught.value.problem.kind is Kind.MISSING_RESOURCE
    assert "South Korea" in caught.value.problem.remedy and "21 GB" in caught.value.problem.remedy
    assert not (tmp_path / "b" / "cut").exists()  # refused before any work


def cone(colour: int = 90) -> TexturedMesh:
    """A wedge: from the front (-y) a triangle, from its sides a square."""
    points = np.array([[-1, -1, 0], [1, -1, 0], [0, -1, 2], [-1, 1, 0], [1, 1, 0], [0, 1, 2]], np.float32)
    faces = trimesh.convex.convex_hull(points)
    points, triangles = np.asarray(faces.vertices, np.float32), np.asarray(faces.faces, np.uint32)
    picture = np.full((4, 4, 3), colour, np.uint8)
    return TexturedMesh(
        vertices=points, faces=triangles, uv=np.full((len(points), 2), 0.5, np.float32),
        normals=vertex_normals(points, triangles), texture=as_png(picture),
    )  # fmt: skip


def test_the_outline_says_on_which_side_the_front_is() -> None:
    y, x = np.mgrid[:80, :80] + 0.5
    triangle = (np.abs(x - 40) < y / 2).astype(np.float32)
    fits = outline_iou_by_turn(joined_shape([cone()]), triangle)
    assert min(fits[0], fits[2]) > 0.95 and max(fits[1], fits[3]) < 0.6
    fits = outline_iou_by_turn(joined_shape(standing_parts([cone()], 2.0, 90.0)), triangle)
    assert min(fits[1], fits[3]) > 0.95 and max(fits[0], fits[2]) < 0.6


def test_a_note_tells_the_turn_that_brings_a_front_back() -> None:
    """A figure that is no mirror image of itself from behind: a turn by 90 degrees is undone by one of 270."""
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 0, 1], [0, 0.1, 0], [2, 0.1, 0], [0, 0.1, 1]], np.float32)
    hull = trimesh.convex.convex_hull(points)
    part = Mesh(vertices=np.asarray(hull.vertices, np.float32), faces=np.asarray(hull.faces, np.int32))
    textured = TexturedMesh(
        vertices=part.vertices, faces=part.faces.astype(np.uint32), uv=np.full((len(part.vertices), 2), 0.5, np.float32),
        normals=vertex_normals(part.vertices, part.faces), texture=as_png(np.zeros((2, 2, 3), np.uint8)),
    )  # fmt: skip
    y, x = np.mgrid[:50, :100] + 0.5
    wanted = (y > x / 2).astype(np.float32)  # its right angle is at the bottom left
    assert int(np.argmax(outline_iou_by_turn(joined_shape([textured]), wanted))) == 0
    for turn, undone in ((90.0, 3), (180.0, 2), (270.0, 1)):
        turned = joined_shape(standing_parts([textured], 1.0, turn))
        assert int(np.argmax(outline_iou_by_turn(turned, wanted))) == undone


def test_metallic_and_roughness_stay_where_the_mesh_is_reduced(tmp_path: Path) -> None:
    """Hunyuan3D 2.1 gives both; its 40,000 faces are above most budgets, and its texture is painted anew."""
    for name in ("cut", "model", "finish"):
        (tmp_path / name).mkdir()
    cut = cut_element(oval(tmp_path / "oval.png"), None, None, CutOptions(), tmp_path / "cut", Silent())
    shiny = as_png(np.full((4, 4, 3), (255, 51, 204), np.uint8))
    ball = trimesh.creation.icosphere(subdivisions=2)
    points, triangles = np.asarray(ball.vertices, np.float32), np.asarray(ball.faces, np.uint32)
    part = TexturedMesh(
        vertices=points, faces=triangles, uv=np.full((len(points), 2), 0.5, np.float32), normals=points,
        texture=as_png(np.full((4, 4, 3), 90, np.uint8)), metallic_roughness=shiny,
    )  # fmt: skip
    write_glb_parts(tmp_path / "model" / TEXTURED, {"one": part}, "model")
    made = ModelMesh(
        folder=tmp_path / "model", generator="hunyuan3d", device="cuda", faces=len(triangles), textured=True, coloured=False
    )
    wish = ModelFinish(faces=90, lods=0, height_m=0.5, turn_deg=0.0, collider=False, texture_px=64)
    asset = finish_model(cut, made, {"recipe": "element"}, wish, tmp_path / "finish", Silent())
    assert asset.metallic_roughness and asset.rebaked
    for part in read_glb_parts(tmp_path / "finish" / asset.file).values():
        finish = np.asarray(Image.open(io.BytesIO(part.metallic_roughness)).convert("RGB"))
        at = (np.clip(part.uv, 0, 0.999) * finish.shape[:2][::-1]).astype(int)
        np.testing.assert_allclose(finish[at[:, 1], at[:, 0], 1:], [[51, 204]] * len(at), atol=2)


def test_within_the_budget_a_model_s_own_texture_stays(tmp_path: Path) -> None:
    for name in ("cut", "model", "finish"):
        (tmp_path / name).mkdir()
    cut = cut_element(oval(tmp_path / "oval.png"), None, None, CutOptions(), tmp_path / "cut", Silent())
    write_glb_parts(tmp_path / "model" / TEXTURED, {"one": cone(90), "two": cone(200)}, "model")
    made = ModelMesh(
        folder=tmp_path / "model", generator="trellis", device="cuda", faces=2 * len(cone().faces), textured=True, coloured=False
    )
    wish = ModelFinish(faces=100, lods=2, height_m=0.5, turn_deg=0.0, collider=False, texture_px=2048)
    asset = finish_model(cut, made, {"recipe": "element"}, wish, tmp_path / "finish", Silent())
    assert not asset.rebaked and asset.lods == () and asset.collider == ""
    parts = list(read_glb_parts(tmp_path / "finish" / asset.file).values())
    assert [part.texture for part in parts] == [cone(90).texture, cone(200).texture]
    assert all(np.ptp(part.vertices[:, 2]) == pytest.approx(0.5) for part in parts)
