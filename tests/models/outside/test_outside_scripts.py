"""The script of each outside model, in a process of its own, on a checkout that stands in for the model's.

The stand-ins have the published names and signatures; whether a real copy works, only a real copy can tell.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import stand_in_checkouts as made
from PIL import Image

from grotto.contract import Silent
from grotto.formats import Mesh, TexturedMesh
from grotto.models.outside import START, OutsideSettings, run_model, write_request
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
