"""The door to outside models, with a real process behind it that speaks the protocol well and in every bad way."""

from __future__ import annotations

import ast
import io
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import stand_in
from PIL import Image

from grotto.contract import Cancelled, Kind, Problem, ProblemError, Silent
from grotto.formats import TexturedMesh
from grotto.models.outside import (
    GeneratedMesh,
    OutsideSettings,
    centred,
    generate_mesh,
    model_turn,
    read_result,
    run_model,
    write_request,
)
from grotto.models.registry import OUTSIDE_MODELS, Connection

STAND_IN = Path(__file__).with_name("stand_in.py")
RUNNERS = Path(__file__).parents[3] / "backend" / "grotto" / "models" / "outside" / "runners"
TRIPOSR = OUTSIDE_MODELS["triposr"]


class Told(Silent):
    """Keeps what it is told; cancels once `stop` is set."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, str]] = []
        self.notes: list[str] = []
        self.stop = threading.Event()

    def __call__(self, fraction: float, message: str = "") -> None:
        self.messages.append((fraction, message))
        self.check()

    def note(self, message: str) -> None:
        self.notes.append(message)

    def check(self) -> None:
        if self.stop.is_set():
            raise Cancelled


def picture() -> np.ndarray:
    """A red bar, 10 x 40 px of 64, on green that is clear."""
    made = np.zeros((64, 64, 4), np.float32)
    made[..., 1] = 1
    made[12:52, 30:40] = [1, 0, 0, 1]
    return made


def stood_in(way: str, folder: Path, report: Silent | None = None, patience_s: float = 20.0) -> GeneratedMesh:
    request = write_request(picture(), Connection(name="triposr", folder=str(folder), python="-"), OutsideSettings(), folder)
    command = [sys.executable, "-I", "-u", str(STAND_IN), way, str(request)]
    return run_model(command, TRIPOSR, folder, report or Silent(), patience_s)


def colour_at(mesh: TexturedMesh, vertex: int) -> np.ndarray:
    texture = np.asarray(Image.open(io.BytesIO(mesh.texture)))
    column, row = np.clip(mesh.uv[vertex] * [texture.shape[1], texture.shape[0]], 0, [texture.shape[1] - 1, texture.shape[0] - 1])
    return texture[int(row), int(column)]


def test_a_good_run_brings_its_mesh_into_our_frame_with_its_texture(tmp_path: Path) -> None:
    told = Told()
    left = stood_in("good", tmp_path, told)
    assert (0.25, "sampling") in told.messages
    assert told.notes == ["a note for the user"]
    assert "no line of the protocol" in (tmp_path / "model.log").read_text()
    is_the_ball(left)


def test_an_obj_with_its_material_is_read_as_a_glb_is(tmp_path: Path) -> None:
    stand_in.leave("obj", tmp_path)
    is_the_ball(read_result(tmp_path, TRIPOSR))


def is_the_ball(left: GeneratedMesh) -> None:
    """In our frame, each side with its colour."""
    (mesh,) = left.parts
    assert isinstance(mesh, TexturedMesh)
    assert len(mesh.faces) == 320
    assert np.allclose(np.ptp(mesh.vertices, axis=0), 4, atol=0.1)
    # glTF's +z came to our -y, its +y to our z, its +x to our x
    middle = np.array([5.0, 3.0, 1.0])
    assert np.allclose((mesh.vertices.min(0) + mesh.vertices.max(0)) / 2, middle, atol=0.02)
    front, back, top = (int(np.argmax(mesh.vertices @ axis)) for axis in np.array([[0, -1, 0], [0, 1, 0], [0, 0, 1]]))
    assert colour_at(mesh, front).tolist() == [255, 0, 0]
    assert colour_at(mesh, back).tolist() == [0, 0, 255]
    assert colour_at(mesh, top).tolist() == [0, 255, 0]
    outward = np.einsum("ij,ij->i", mesh.normals, mesh.vertices - middle)
    assert (outward > 1.9).all()


BAD = {
    "crash": ["could not be started", "code 139", "Segmentation fault in the sampler"],
    "other protocol": ["protocol 99"],
    "out of memory": ["ran out of memory", "about 6 GB"],
    "no weights": ["weights of TripoSR are not there", "fetches the weights"],
    "half": ["before it was done"],
}
BAD_RESULTS = {
    "not finite": ["no numbers"],
    "empty": ["empty"],
    "no colours": ["no colours"],
    "cut short": ["cannot be read"],
    "elsewhere": ["../mesh.glb"],
    "axes": ["no two axes"],
    "no result": ["left no result"],
    "garbage": ["left no result"],
    "older": ["protocol 2"],
}


@pytest.mark.parametrize("way", BAD)
def test_bad_runs_are_told_in_one_sentence_that_names_the_model(way: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        stood_in(way, tmp_path)
    is_told(caught.value.problem, BAD[way], bug=way == "other protocol")


@pytest.mark.parametrize("way", BAD_RESULTS)
def test_results_that_are_no_mesh_are_told_alike(way: str, tmp_path: Path) -> None:
    stand_in.leave(way, tmp_path)
    with pytest.raises(ProblemError) as caught:
        read_result(tmp_path, TRIPOSR)
    is_told(caught.value.problem, BAD_RESULTS[way], bug=way == "older")


def is_told(problem: Problem, words: list[str], bug: bool) -> None:
    """In one sentence, with the model's name."""
    assert "TripoSR" in problem.cause
    assert all(word in problem.sentence() for word in words), problem.sentence()
    assert problem.kind is (Kind.BUG if bug else Kind.MISSING_RESOURCE)


def test_a_model_without_a_sign_of_life_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="wrote nothing for"):
        stood_in("hang", tmp_path, patience_s=1.5)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
def test_a_cancelled_model_is_gone_at_once_with_all_that_it_started(tmp_path: Path) -> None:
    told = Told()

    class Stopping(Told):
        def __call__(self, fraction: float, message: str = "") -> None:
            if message == "hanging":
                told.stop.set()

        def check(self) -> None:
            told.check()

    began = time.monotonic()
    with pytest.raises(Cancelled):
        stood_in("hang with a child", tmp_path, Stopping())
    assert time.monotonic() - began < 5
    for pid in map(int, (tmp_path / "child.pid").read_text().split()):
        assert not _alive(pid)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be noticed does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_element_fills_the_square_and_its_ground_does_not_bleed_in() -> None:
    square = centred(picture())
    alpha = square[..., 3] > 127
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    assert square.shape == (47, 47, 4)  # 40 px are 85 % of it
    assert len(rows) == 40
    assert abs(len(columns) - 10) <= 1
    assert abs((columns[0] + columns[-1]) / 2 - 23) <= 1
    assert (square[alpha][:, 1] < 10).all()
    with pytest.raises(ProblemError, match="nothing"):
        centred(np.zeros((4, 4, 4), np.float32))


def test_every_pair_of_axes_turns_without_mirroring() -> None:
    axes = [sign + axis for sign in "+-" for axis in "xyz"]
    turns = [turn for up in axes for front in axes if (turn := model_turn(up, front)) is not None]
    assert len(turns) == 24
    for turn in turns:
        assert np.linalg.det(turn) == pytest.approx(1)
    assert model_turn("+z", "+x") @ [1, 0, 0] == pytest.approx([0, -1, 0])
    assert model_turn("+y", "+z") @ [0, 1, 0] == pytest.approx([0, 0, 1])
    assert model_turn("+y", "-y") is None
    assert model_turn("up", "front") is None


def test_scripts_are_written_for_older_pythons() -> None:
    files = list(RUNNERS.glob("*.py"))
    assert {f"run_{name}.py" for name in OUTSIDE_MODELS} <= {file.name for file in files}
    for file in files:
        ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_what_is_not_whole_in_its_environment_is_told_with_how_to_get_it(tmp_path: Path) -> None:
    """The real start, in an environment that lacks the model's package."""
    connection = Connection(name="triposr", folder=str(tmp_path), python=sys.executable)
    with pytest.raises(ProblemError, match="incomplete in its environment") as caught:
        generate_mesh(picture(), connection, OutsideSettings(device="cpu"), tmp_path, Silent())
    assert "VAST-AI-Research/TripoSR" in caught.value.problem.remedy


def test_a_model_for_graphics_cards_is_refused_on_processors(tmp_path: Path) -> None:
    connection = Connection(name="trellis", folder=str(tmp_path), python=sys.executable)
    with pytest.raises(ProblemError, match="CUDA only"):
        generate_mesh(picture(), connection, OutsideSettings(device="cpu"), tmp_path, Silent())
    assert list(tmp_path.iterdir()) == []


def test_a_python_that_is_gone_is_told(tmp_path: Path) -> None:
    connection = Connection(name="triposr", folder=str(tmp_path), python=str(tmp_path / "python"))
    with pytest.raises(ProblemError, match="could not be started"):
        generate_mesh(picture(), connection, OutsideSettings(device="cpu"), tmp_path, Silent())
