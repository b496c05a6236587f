"""One wall of 25 photos, made and reconstructed once for all tests of the recipe."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "views"))  # scan_sets: drawn balls with their cameras

import wall_jobs

from grotto.contract import Silent, from_flat
from grotto.contract.options import MakeWallOptions
from grotto.synthetic import make_wall


@pytest.fixture(scope="session")
def wall_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall") / "set"
    make_wall(folder, from_flat(MakeWallOptions, {"columns": 5, "rows": 5, "style": "mixed"}), Silent())
    return folder


@pytest.fixture(scope="session")
def wall_job(wall_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = tmp_path_factory.mktemp("wall-job") / "job"
    wall_jobs.done(wall_set / "photos", job, "--quality", "draft", "--camera-distance-m", "1.0")
    return job
