import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The worker processes of these tests import the small recipe by its name, and so do the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runner"))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "views"))  # scan_sets: drawn balls with their cameras

import real_processes


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return real_processes.make_source(tmp_path)


@pytest.fixture(autouse=True)
def workers_find_the_recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHONPATH", real_processes.SEARCHED)
    yield
