"""The blocking way, end to end: installed zip, real backend process, real photos, scene, GLB, exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from own_backend import backend_pid, own_backend

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "bin" / "python"
OPTIONS = {"camera_distance_m": 1.0, "match_ratio": 0.79, "blur_limit": 0.1, "undistorted_px": 400, "features_per_photo": 2000}
FLAGS = [word for name, value in OPTIONS.items() for word in (f"--{name.replace('_', '-')}", str(value))]
Part = Callable[[str], ModuleType]


@pytest.fixture(scope="module")
def made(grotto: Path, photos: Path, installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A wall made through create_wall: the job's folder, and what was printed. The backend lives on for the module."""
    folder = tmp_path_factory.mktemp("batch")
    with own_backend(folder, grotto):
        clear()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ended = bpy.ops.grotto.create_wall(source=str(photos), out=str(folder / "job"), quality="DRAFT", **OPTIONS)
        assert ended == {"FINISHED"}
        assert bpy.context.window_manager.grotto_exit_code == 0
        yield folder / "job", printed.getvalue()


def clear() -> None:
    bpy.data.batch_remove(list(bpy.data.objects))
    bpy.data.batch_remove(list(bpy.data.collections))


def stage_lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("[")]


def objects(kind: str) -> list[bpy.types.Object]:
    return [item for item in bpy.context.scene.objects if item.type == kind]


def test_one_line_a_stage(made: tuple[Path, str]) -> None:
    lines = stage_lines(made[1])
    assert len(lines) >= 10
    assert [line.split("]")[0] for line in lines] == [f"[{number}/{len(lines)}" for number in range(1, len(lines) + 1)]


def test_the_scene_has_everything(made: tuple[Path, str]) -> None:
    result = json.loads((made[0] / "result.json").read_text())
    root = next(item for item in objects("EMPTY") if "grotto_recipe" in item)
    assert root["grotto_stamp"] == result["job"]["stamp"]
    assert root["grotto_scale"] == "metric"
    assert len(objects("CAMERA")) == result["facts"]["registered_photos"] == 6
    names = {item.name.removeprefix(f"{root.name} ") for item in objects("MESH")}
    assert {"Mesh", "Orthophoto"} <= names


def test_the_parts_stand_where_they_belong(made: tuple[Path, str]) -> None:
    """Mesh and orthophoto at the wall, cameras a metre before it at negative y."""
    mesh = next(item for item in objects("MESH") if item.name.endswith("Mesh"))
    plane = next(item for item in objects("MESH") if item.name.endswith("Orthophoto"))
    corners = {item: np.array([item.matrix_world @ Vector(corner) for corner in item.bound_box]) for item in (mesh, plane)}
    low, high = corners[mesh].min(0), corners[mesh].max(0)
    for axis in (0, 2):
        assert low[axis] >= corners[plane].min(0)[axis] - 0.01
        assert high[axis] <= corners[plane].max(0)[axis] + 0.01
    assert abs(low[1]) < 0.1
    assert abs(high[1]) < 0.1
    places = [camera.matrix_world.translation for camera in objects("CAMERA")]
    assert np.median([place.y for place in places]) == pytest.approx(-1.0, abs=0.02)
    facing = mesh.data.polygons
    assert np.median([face.normal.y for face in facing]) < -0.9


COLMAP_PROJECTIONS = """
import json, sys
import numpy as np, pycolmap
model = pycolmap.Reconstruction(sys.argv[1])
found = {}
for image in model.images.values():
    if not image.has_pose:
        continue
    ids = [point.point3D_id for point in image.points2D if point.has_point3D()][:40]
    points = np.array([model.points3D[number].xyz for number in ids])
    matrix = image.cam_from_world().matrix()
    seen = points @ matrix[:, :3].T + matrix[:, 3]
    found[image.name] = [points.tolist(), (seen[:, :2] / seen[:, 2:]).tolist()]
json.dump(found, sys.stdout)
"""


def test_every_camera_reprojects_its_points_within_half_a_pixel(made: tuple[Path, str]) -> None:
    """The points that COLMAP's own model has in each photo, through the camera in Blender."""
    model = made[0] / "frame" / "model"
    told = subprocess.run(
        [str(PYTHON), "-c", COLMAP_PROJECTIONS, str(model)], capture_output=True, text=True, timeout=120, check=True
    )
    frames = {frame["colmap_name"]: frame for frame in json.loads((made[0] / "undistort/transforms.json").read_text())["frames"]}
    truth = json.loads(told.stdout)
    assert len(truth) == 6
    for name, (points, rays) in truth.items():
        frame = frames[name]
        camera = bpy.data.objects[name]
        assert bpy.ops.grotto.look_through(camera=name) == {"FINISHED"}
        bpy.context.view_layer.update()
        assert len(points) > 10
        for point, (x, y) in zip(points, rays, strict=True):
            seen = world_to_camera_view(bpy.context.scene, camera, Vector(point))
            assert seen.x * frame["w"] == pytest.approx(frame["fl_x"] * x + frame["cx"], abs=0.5)
            assert (1 - seen.y) * frame["h"] == pytest.approx(frame["fl_y"] * y + frame["cy"], abs=0.5)


def test_the_same_job_has_the_same_stamp_through_every_door(
    made: tuple[Path, str], grotto: Path, photos: Path, part: Part
) -> None:
    """The command line and HTTP, asked for what Blender made: every stage is found finished, the stamp is the same."""
    job = made[0]
    stamp = json.loads((job / "result.json").read_text())["job"]["stamp"]
    words = [str(grotto), "run", "wall", str(photos), "--out", str(job), "--quality", "draft", *FLAGS]
    told = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads((job / "result.json").read_text())["job"]["stamp"] == stamp, told.stdout
    request = json.loads((job / "request.json").read_text())

    import requests

    assert bpy.ops.grotto.backend_start() == {"FINISHED"}
    runtime = part("backend.grotto.contract").read_runtime()
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {runtime.token}"
    body = {"input": str(photos), "out": str(job), "options": request["options"]}
    name = session.post(f"{runtime.url}/v1/jobs/wall", json=body, timeout=10).json()["id"]
    until = time.monotonic() + 60
    while (answer := session.get(f"{runtime.url}/v1/jobs/{name}", timeout=10).json())["state"] not in ("done", "failed"):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert (answer["state"], answer["stamp"]) == ("done", stamp)
    assert len(answer["kept_stages"]) == len(stage_lines(made[1]))


def test_the_glb_reimports_with_its_texture(made: tuple[Path, str], tmp_path: Path) -> None:
    assert bpy.ops.grotto.export_glb(filepath=str(tmp_path / "wall.glb")) == {"FINISHED"}
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "wall.glb"))
    mesh = next(item for item in set(bpy.data.objects) - before if item.type == "MESH")
    image = next(node.image for node in mesh.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE")
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    assert pixels.reshape(-1, 4)[:, :3].std() > 0.05  # a picture, not one colour
    facts = json.loads((made[0] / "result.json").read_text())["facts"]
    assert len(mesh.data.polygons) == facts["faces"]
    bpy.data.batch_remove(list(set(bpy.data.objects) - before))


def test_the_command_leaves_glb_and_blend(made: tuple[Path, str], photos: Path, part: Part, tmp_path: Path) -> None:
    """The words after `blender --command grotto`, into the job folder that is there: every stage is kept."""
    glb, blend = tmp_path / "a" / "wall.glb", tmp_path / "b" / "wall.blend"
    words = ["wall", str(photos), "--out", str(made[0]), "--quality", "draft", *FLAGS, "--glb", str(glb), "--blend", str(blend)]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert part("operators.command.cli").run(words) == 0
    lines = stage_lines(printed.getvalue())
    assert len(lines) == len(stage_lines(made[1]))
    assert all(line.endswith("(kept)") for line in lines)
    assert glb.stat().st_size > 10_000
    assert blend.stat().st_size > 10_000


@pytest.mark.parametrize("words", [[], ["wall"], ["wall", "photos", "--faces", "many"], ["wall", "photos", "--quality", "best"]])
def test_wrong_words_are_bad_input(installed: str, part: Part, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert part("operators.command.cli").run(words) == 2
    assert "usage:" in capsys.readouterr().err


def test_an_empty_folder_is_bad_input(made: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(RuntimeError, match="photo"):
        bpy.ops.grotto.create_wall(source=str(tmp_path / "none"), out=str(tmp_path / "job"))
    assert bpy.context.window_manager.grotto_exit_code == 2


@pytest.mark.parametrize("source", ["", "/nowhere/at all"])
def test_no_folder_is_bad_input(installed: str, source: str) -> None:
    bpy.context.scene.grotto.wall.source = ""
    with pytest.raises(RuntimeError, match="folder"):
        bpy.ops.grotto.create_wall(source=source)
    assert bpy.context.window_manager.grotto_exit_code == 2


def test_no_backend_is_a_missing_resource(installed: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_RUNTIME", str(tmp_path / "none.json"))
    bpy.context.preferences.addons[installed].preferences.backend = ""
    with pytest.raises(RuntimeError, match=r"[Nn]o backend is set"):
        bpy.ops.grotto.create_wall(source=str(photos))
    assert bpy.context.window_manager.grotto_exit_code == 3


def example(photos: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    """The example as a user starts it, with a backend of its own."""
    environment = os.environ | {"GROTTO_RUNTIME": str(folder / "runtime/backend.json"), "GROTTO_STATE": str(folder / "state")}
    environment.pop("BLENDER_USER_RESOURCES")
    command = [sys.executable, str(ROOT / "examples/batch.py"), "wall", str(photos), "--quality", "draft", *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def read_until(process: subprocess.Popen[str], word: str, seconds: float) -> list[str]:
    until, lines = time.monotonic() + seconds, []
    while time.monotonic() < until:
        line = process.stdout.readline()
        lines.append(line)
        if word in line or not line:
            return lines
    raise AssertionError(f"{word} did not come: {lines}")


@pytest.mark.slow
def test_the_example_makes_a_glb(place: Path, photos: Path, made: tuple[Path, str]) -> None:
    """Into the job folder that is there: every stage is kept."""
    options = [word for name, value in OPTIONS.items() for word in ("--set", f"{name}={value}")]
    files = ("--glb", str(place / "wall.glb"), "--blend", str(place / "wall.blend"))
    process = example(photos, place, "--out", str(made[0]), *options, *files)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert (place / "wall.glb").is_file()
    assert (place / "wall.blend").is_file()
    assert len(stage_lines(said)) == len(stage_lines(made[1]))
    assert all(line.endswith("(kept)") for line in stage_lines(said))


def test_ctrl_c_cancels_within_seconds(place: Path, photos: Path) -> None:
    process = example(photos, place)
    lines = read_until(process, "[2/", 120)
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, "".join(lines) + said
    assert time.monotonic() - asked < 4.0


def test_a_killed_backend_ends_the_example_in_words(place: Path, photos: Path) -> None:
    process = example(photos, place)
    read_until(process, "[2/", 120)
    asked = time.monotonic()
    os.kill(backend_pid(place), signal.SIGKILL)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 3, said
    assert "does not answer" in said
    assert time.monotonic() - asked < 5.0
