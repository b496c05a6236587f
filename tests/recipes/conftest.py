"""One wall of 9 photos, made and reconstructed once for all tests of the recipe, in however many processes they run."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "views"))  # scan_sets: drawn balls with their cameras
sys.path.insert(2, str(Path(__file__).resolve().parents[1] / "runner"))  # real_processes: jobs in processes of their own

import wall_jobs

from grotto.contract import Silent, from_flat
from grotto.contract.options import MakeWallOptions
from grotto.runner import FileLock
from grotto.synthetic import make_wall


def made_once(name: str, tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], object]) -> Path:
    """A folder that the first of the test run's processes makes, while the others wait for it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, finished = shared / name, shared / f"{name}.finished"
    with FileLock(shared / f"{name}.lock"):
        if not finished.exists():
            make(folder)
            finished.touch()
    return folder


@pytest.fixture(autouse=True)
def small_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pictures of elements for jobs in this process; the shell's and Blender's draw theirs at full size."""
    monkeypatch.setattr("grotto.recipes.element.preview.PREVIEW_PX", 48)
    monkeypatch.setattr("grotto.recipes.element.preview.INPUT_PX", 256)


@pytest.fixture(scope="session")
def wall_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = {"columns": 3, "rows": 3, "photo_width": 640, "photo_height": 427, "focal_px": 696.0}
    chosen = from_flat(MakeWallOptions, {**small, "style": "mixed"})
    return made_once("wall-set", tmp_path_factory, lambda folder: make_wall(folder, chosen, Silent()))


@pytest.fixture(scope="session")
def wall_job(wall_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = made_once("wall-job", tmp_path_factory, lambda folder: wall_jobs.done(wall_set / "photos", folder, *wall_jobs.FLAGS))
    return shutil.copytree(made, tmp_path_factory.mktemp("wall-job") / "job")  # tests run it again with other options
