"""The script of each outside model, in a process of its own, on a checkout that stands in for the model's.

The stand-ins have the published names and signatures; whether a real copy works, only a real copy can tell.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stand_in_checkouts as made
from PIL import Image

from grotto.contract import ProblemError, Silent
from grotto.formats import Mesh, TexturedMesh
from grotto.models.outside import START, GeneratedMesh, OutsideSettings, check_calls, run_model, run_outside, write_request
from grotto.models.registry import OUTSIDE_MODELS, Connection, connect

CASES = {
    "triposr": ("triposr", made.TRIPOSR),
    "trellis": ("trellis", made.TRELLIS),
    "instantmesh": ("instantmesh", made.INSTANTMESH),
    "hunyuan3d 2.0": ("hunyuan3d", made.HUNYUAN3D),
    "hunyuan3d 2.1": ("hunyuan3d", made.HUNYUAN3D_2_1),
}


LONGER = {"triposr", "trellis", "hunyuan3d 2.0", "hunyuan3d 2.1"}  # triposr runs in the tests of the recipe, too


@pytest.mark.parametrize("case", [pytest.param(case, marks=pytest.mark.slow) if case in LONGER else case for case in CASES])
def test_a_script_calls_its_model_and_says_its_axes(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROTTO_MODELS", str(tmp_path / "models"))
    name, files = CASES[case]
    connection = connect(name, made.checkout(files, tmp_path / "checkout"), Path(sys.executable))
    assert connection == Connection(name=name, folder=str(tmp_path / "checkout"), python=sys.executable)
    picture = np.zeros((32, 32, 4), np.float32)
    picture[8:24, 8:24] = 1
    settings = OutsideSettings(seed=7, texture_px=512, device="cpu")
    out = tmp_path / "out"
    out.mkdir()
    request = write_request(picture, connection, settings, out)
    told: list[str] = []

    class Told(Silent):
        def __call__(self, fraction: float, message: str = "") -> None:
            told.append(message)

    command = [sys.executable, "-I", "-u", str(START), str(request)]
    left = run_model(command, OUTSIDE_MODELS[name], out, Told(), patience_s=60)
    (part,) = left.parts
    extent = np.ptp(part.vertices, axis=0)
    assert extent == pytest.approx([2, 2, 4], abs=0.1)  # its height is our z
    front, back = int(np.argmin(part.vertices[:, 1])), int(np.argmax(part.vertices[:, 1]))
    assert colour(part, front) == pytest.approx([1, 0, 0], abs=0.02)
    assert colour(part, back) == pytest.approx([0, 0, 1], abs=0.02)
    assert told[0].startswith("starting") and any("loading" in message for message in told)
    assert json.loads((out / "result.json").read_text())["seed"] == 7


def colour(part: Mesh | TexturedMesh, vertex: int) -> np.ndarray:
    if isinstance(part, Mesh):
        assert part.colours is not None
        return part.colours[vertex]
    texture = np.asarray(Image.open(io.BytesIO(part.texture)).convert("RGB"), np.float32) / 255
    size = np.array([texture.shape[1], texture.shape[0]])
    column, row = np.clip(part.uv[vertex] * size, 0, size - 1).astype(int)
    return texture[row, column]


def test_a_model_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Its standard input ends when the worker is killed, however that happens."""
    hanging = {"tsr/system.py": "import time\nprint('hanging', flush=True)\ntime.sleep(60)\n"}
    connection = Connection(name="triposr", folder=str(made.checkout(hanging, tmp_path)), python=sys.executable)
    request = write_request(np.ones((8, 8, 4), np.float32), connection, OutsideSettings(device="cpu"), tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-I", "-u", str(START), str(request)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stderr is not None
    assert process.stderr.readline() == b"hanging\n"
    process.stdin.close()
    assert process.wait(20) != 0
    for stream in (process.stdout, process.stderr):
        stream.close()


def run(name: str, files: dict[str, str], folder: Path, weights: str = "", device: str = "cpu") -> GeneratedMesh:
    """What a script leaves of a stand-in checkout; its log is in `folder`/out."""
    connection = Connection(
        name=name, folder=str(made.checkout(files, folder / "checkout")), python=sys.executable, weights=weights
    )
    out = folder / "out"
    out.mkdir()
    request = write_request(
        np.ones((8, 8, 4), np.float32), connection, OutsideSettings(seed=7, texture_px=512, device=device), out
    )
    return run_model([sys.executable, "-I", "-u", str(START), str(request)], OUTSIDE_MODELS[name], out, Silent(), patience_s=60)


def test_hunyuan3d_2_1_takes_a_folder_of_weights_and_keeps_its_finish(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    for part in ("hunyuan3d-dit-v2-1", "hunyuan3d-paintpbr-v2-1", "dinov2-giant"):
        (weights / part).mkdir(parents=True)
    (part,) = run("hunyuan3d", made.HUNYUAN3D_2_1, tmp_path, str(weights)).parts
    assert f"paint from {weights} and {weights / 'dinov2-giant'}" in (tmp_path / "out" / "model.log").read_text()
    assert isinstance(part, TexturedMesh)
    _, green, blue = np.asarray(Image.open(io.BytesIO(part.metallic_roughness)).convert("RGB")).reshape(-1, 3).mean(0)
    assert (green, blue) == pytest.approx((51, 204), abs=2)  # roughness, metallic


@pytest.mark.parametrize(
    ("name", "files", "lacks"),
    [
        ("hunyuan3d", {**made.HUNYUAN3D_2_1, "hy3dpaint/ckpt/RealESRGAN_x4plus.pth": None}, "RealESRGAN_x4plus.pth"),
        ("instantmesh", {**made.INSTANTMESH, "ckpts/instant_mesh_large.ckpt": None}, "instant_mesh_large.ckpt"),
    ],
)
def test_weights_that_lack_are_named_before_the_work(name: str, files: dict[str, str | None], lacks: str, tmp_path: Path) -> None:
    held = {path: text for path, text in files.items() if text is not None}
    if name == "instantmesh":
        held["huggingface_hub.py"] = (
            "class LocalEntryNotFoundError(FileNotFoundError): pass\ndef hf_hub_download(**_): raise LocalEntryNotFoundError\n"
        )
    with pytest.raises(ProblemError, match=f"weights of .* are not there .*{lacks}"):
        run(name, held, tmp_path)


def test_instantmesh_finds_what_its_own_first_run_fetched(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for name in ("diffusion_pytorch_model.bin", "instant_mesh_large.ckpt"):
        (cache / name).touch()
    files = {path: text for path, text in made.INSTANTMESH.items() if not path.startswith("ckpts/")}
    files["huggingface_hub.py"] = f"""
        def hf_hub_download(repo_id, filename, repo_type, local_files_only):
            assert repo_id == "TencentARC/InstantMesh" and local_files_only
            return {str(cache)!r} + "/" + filename
    """
    assert len(run("instantmesh", files, tmp_path).parts) == 1


def test_programs_of_the_models_environment_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compilers of CUDA parts lie beside its python; so do those of a python that is a link, at the link's place."""
    own = tmp_path / "env" / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to(sys.executable)
    ninja = own / "ninja"
    ninja.write_text("#!/bin/sh\necho its own ninja\n")
    ninja.chmod(0o755)
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    script = tmp_path / "script.py"
    script.write_text(
        "import os, subprocess, sys\n"
        "print(subprocess.check_output(['ninja'], text=True), os.environ.get('PYTHONHOME'), file=sys.stderr)\n"
    )
    run_outside([str(own / "python"), str(script)], tmp_path, tmp_path / "log", 60.0, Silent())
    log = (tmp_path / "log").read_text()
    assert "its own ninja" in log and "None" in log


def test_memory_is_that_of_the_version_in_the_checkout(tmp_path: Path) -> None:
    model = OUTSIDE_MODELS["hunyuan3d"]
    (tmp_path / "old" / "hy3dgen").mkdir(parents=True)
    (tmp_path / "new" / "hy3dshape").mkdir(parents=True)
    assert model.memory_in(tmp_path / "old")[1] < 16_000  # a card of 16 GB passes, with its desktop
    assert "21 GB" in model.memory_in(tmp_path / "new")[0] and 16_000 < model.memory_in(tmp_path / "new")[1] < 21_000
    for one in OUTSIDE_MODELS.values():
        figure = max(int(number) for number in re.findall(r"(\d+) GB", one.memory.partition(";")[0]))
        assert 0.8 * figure <= one.memory_mb / 1000 <= figure, one.name  # what is said and what is asked for agree


GOOD_CALL = pytest.param("resolution", [], marks=pytest.mark.slow)


@pytest.mark.parametrize(("resolution", "faults"), [GOOD_CALL, ("nodes", ["resolution"])])
def test_calls_are_checked_against_a_checkout(resolution: str, faults: list[str], tmp_path: Path) -> None:
    """An argument that is gone and a name that moved are found, with neither weights nor a GPU."""
    body = f"""
        class TSR:
            @classmethod
            def from_pretrained(cls, place, config_name, weight_name): pass
            def to(self, device): pass
            def forward(self, image, device): pass
            def extract_mesh(self, scene_codes, {resolution}=256): pass
    """
    renderer = "class TriplaneNeRFRenderer:\n    def set_chunk_size(self, chunk_size): pass\n"
    made.checkout({"tsr/system.py": body, "tsr/models/nerf_renderer.py": renderer}, tmp_path)
    found = check_calls(OUTSIDE_MODELS["triposr"], tmp_path)
    assert [call.partition("(")[0] for call in found.calls][:2] == [
        "TSR.from_pretrained",
        "TriplaneNeRFRenderer.set_chunk_size",
    ]
    assert len(found.faults) == len(faults), found.text()
    assert all("extract_mesh" in fault and name in fault for fault, name in zip(found.faults, faults, strict=True))


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="no checkout of TRELLIS"):
        check_calls(OUTSIDE_MODELS["trellis"], tmp_path)
