"""Tests inside Blender's own Python. The extension is built, installed from its zip and enabled once; nothing is faked."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GROTTO = ROOT / ".venv" / "bin" / "grotto"
MODULE = "bl_ext.user_default.grotto"

if importlib.util.find_spec("bpy") is None:
    collect_ignore_glob = ["*"]  # the backend's environment has no Blender: these tests have their own run
else:
    os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="grotto-blender-")  # before bpy is imported
    sys.path.insert(0, str(HERE))

_status = 0


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Some bpy modules hang or crash while Python ends; the tests' own verdict is what counts."""
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status)


@pytest.fixture(scope="session")
def zip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's zip, built and validated with Blender's own script."""
    output = tmp_path_factory.mktemp("zip") / "grotto.zip"
    command = [sys.executable, str(ROOT / "packaging/build_extension.py"), "--blender", sys.executable, "--output", str(output)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return output


@pytest.fixture(scope="session")
def installed(zip_file: Path) -> str:
    """The extension, installed from the zip and enabled; the name of its module."""
    import bpy

    bpy.ops.extensions.package_install_files(filepath=str(zip_file), repo="user_default", enable_on_install=True)
    assert MODULE in bpy.context.preferences.addons
    return MODULE


@pytest.fixture
def part(installed: str) -> Callable[[str], ModuleType]:
    """Modules of the installed extension by name: part("addon.backend.client")."""
    return lambda name: importlib.import_module(f"{installed}.{name}")


@pytest.fixture
def empty(installed: str) -> Iterator[None]:
    """A scene with nothing in it, before and after."""
    import bpy

    def clear() -> None:
        for item in (bpy.data.objects, bpy.data.meshes, bpy.data.cameras, bpy.data.materials, bpy.data.images):
            bpy.data.batch_remove(list(item))
        bpy.data.batch_remove(list(bpy.data.collections))
        bpy.data.batch_remove(list(bpy.data.pointclouds))

    clear()
    yield
    clear()


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A finished job folder with known truth."""
    from made_job import make_job

    return make_job(tmp_path / "job")


@pytest.fixture
def imported(empty: None, job: Path) -> object:
    """The root of an import of `job`."""
    import bpy

    assert bpy.ops.grotto.import_result(directory=str(job)) == {"FINISHED"}
    return next(item for item in bpy.context.scene.objects if "grotto_recipe" in item)


@pytest.fixture(scope="session")
def grotto() -> Path:
    """The backend's program."""
    if not GROTTO.is_file():
        pytest.skip(f"the backend is not installed in {GROTTO.parents[1]}: make test sets it up")
    return GROTTO


@pytest.fixture(scope="session")
def photos(grotto: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six small photos of a made wall."""
    folder = tmp_path_factory.mktemp("wall") / "east wall"
    small = ["--columns", "3", "--rows", "2", "--photo-width", "480", "--photo-height", "320", "--focal-px", "520"]
    subprocess.run([str(grotto), "make-wall", "--out", str(folder), *small], check=True, timeout=120, capture_output=True)
    return folder / "photos"


@pytest.fixture
def place(grotto: Path, installed: str, tmp_path: Path) -> Iterator[Path]:
    """A place of its own for a backend, which is ended afterwards."""
    from own_backend import own_backend

    with own_backend(tmp_path, grotto):
        yield tmp_path
