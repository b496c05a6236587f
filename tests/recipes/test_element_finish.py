"""What an element's finish adds: lighter levels, a collider, normals of the dense relief, occlusion, and what was seen."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from grotto.contract import JobRequest, from_flat, to_flat
from grotto.contract.recipes import ELEMENT_QUALITIES, ElementOptions, to_nested
from grotto.formats import TexturedMesh, read_glb_parts
from grotto.meshes.texture import TextureSpace
from grotto.recipes.element import RECIPE
from grotto.runner import Run

_SIZE = 160


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc of 1000 faces, 60 px in radius, on white; no painted detail."""
    folder = tmp_path_factory.mktemp("finish")
    y, x = np.mgrid[:_SIZE, :_SIZE] + 0.5
    alpha = np.clip(60 - np.hypot(x - 80, y - 80) + 0.5, 0, 1)[..., None]
    picture = np.array([0.3, 0.5, 0.2]) * alpha + 1 - alpha
    Image.fromarray((picture * 255 + 0.5).astype(np.uint8)).save(folder / "disc.png")
    values = {"faces": 1000, "sides_px": 128, "detail": 0.0, "height_m": 1.2, "normals_px": 256, "route": "relief"}
    chosen = from_flat(ElementOptions, {**to_flat(ELEMENT_QUALITIES["draft"]), **values})
    out, request = folder / "job", JobRequest("element", str(folder / "disc.png"), str(folder / "job"), to_nested(chosen))
    out.mkdir()
    run = Run(RECIPE, request, chosen, lambda event: None, threading.Event())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grotto.recipes.element.preview.PREVIEW_PX", 48)
        patch.setattr("grotto.recipes.element.preview.INPUT_PX", 128)
        run.complete(RECIPE.run(folder / "disc.png", chosen, run)).write(out)
    return folder


def assets(job: Path) -> dict[str, Path]:
    found = json.loads((job / "job" / "result.json").read_text())["assets"]
    return {asset["role"] or asset["kind"]: job / "job" / asset["path"] for asset in found if asset["kind"] == "mesh"}


def corners(parts: dict[str, TexturedMesh]) -> np.ndarray:
    return np.concatenate([part.vertices for part in parts.values()])


def test_levels_are_lighter_closed_and_in_the_same_place(job: Path) -> None:
    found = assets(job)
    assert set(found) == {"mesh", "lod1", "collider"}  # a quarter of a quarter would be no figure
    whole, light = read_glb_parts(found["mesh"]), read_glb_parts(found["lod1"])
    assert sum(len(part.faces) for part in light.values()) <= 250
    for parts in (whole, light):
        starts = np.cumsum([0, *(len(part.vertices) for part in parts.values())])
        faces = np.concatenate([part.faces.astype(int) + start for part, start in zip(parts.values(), starts, strict=False)])
        closed = trimesh.Trimesh(corners(parts), faces, process=False)
        closed.merge_vertices(merge_tex=True, merge_norm=True)
        assert closed.is_watertight
    assert corners(light).min(0) == pytest.approx(corners(whole).min(0), abs=0.03)
    assert corners(light).max(0) == pytest.approx(corners(whole).max(0), abs=0.03)
    assert whole["front"].texture == (job / "disc.png").read_bytes()
    with Image.open(io.BytesIO(light["front"].texture)) as reduced:
        assert reduced.size == (_SIZE // 2, _SIZE // 2)


def test_the_collider_is_convex_and_holds_the_middle(job: Path) -> None:
    (part,) = read_glb_parts(assets(job)["collider"]).values()
    shape = trimesh.Trimesh(part.vertices, part.faces)
    assert shape.is_convex
    assert len(part.vertices) <= 64
    assert shape.contains([[0, 0, 0.6]]).all()


def test_the_normal_map_lights_few_faces_like_the_ball_that_they_stand_for(job: Path) -> None:
    """The disc's front is half a ball: the map's normals must be the ball's, where flat-shaded faces are far off."""
    front = read_glb_parts(assets(job)["lod1"])["front"]
    with Image.open(io.BytesIO(front.normal_map)) as opened:
        drawn = np.asarray(opened.convert("RGB"), float) / 255 * 2 - 1
    space = TextureSpace(front.faces, front.uv, drawn.shape[0])
    assert front.tangents is not None
    places, normals, tangents = (space.at_texels(values) for values in (front.vertices, front.normals, front.tangents))
    out = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    tangent = tangents[:, :3] - (tangents[:, :3] * out).sum(1, keepdims=True) * out
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    third = np.cross(out, tangent) * tangents[:, 3:]
    local = drawn.reshape(-1, 3)[space.covered]
    made = local[:, :1] * tangent + local[:, 1:2] * third + local[:, 2:] * out
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    across, up = places[:, 0] / 0.6, (places[:, 2] - 0.6) / 0.6
    inside = across**2 + up**2 < 0.64
    ball = np.stack([across, -np.sqrt(np.maximum(1 - across**2 - up**2, 0)), up], axis=1)
    cosine = (made * ball).sum(1)[inside]
    limit_deg = 4.0
    assert np.median(cosine) > np.cos(np.deg2rad(limit_deg))
    assert np.percentile(cosine, 5) > 0.98
    plain = (out * ball).sum(1)[inside]
    assert np.mean(1 - cosine) < 0.5 * np.mean(1 - plain)


def test_front_is_seen_and_the_rest_invented_and_light_reaches_a_ball(job: Path) -> None:
    parts = read_glb_parts(assets(job)["mesh"])
    seen = {name: part.seen for name, part in parts.items()}
    assert seen["front"] is not None
    assert seen["sides"] is not None
    assert seen["front"].min() == 1
    assert seen["sides"].max() == 0
    for part in parts.values():
        with Image.open(io.BytesIO(part.occlusion_map)) as opened:
            assert np.asarray(opened).mean() > 245
