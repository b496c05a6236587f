"""The recording of the published pipeline on small random weights, where it is there; its README has cases and formulas."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from grotto.contract import Silent
from grotto.models.zero123plus import Networks, load_networks

FIXTURES = Path(os.environ.get("GROTTO_FIXTURES", Path(__file__).resolve().parents[4] / "shared" / "fixtures"))


@pytest.fixture(scope="session")
def recorded() -> Path:
    folder = FIXTURES / "zero123plus"
    if not (folder / "weights").is_dir():
        pytest.skip(f"no recording at {folder}; GROTTO_FIXTURES names the folder above it")
    return folder


@pytest.fixture(scope="session")
def weights(recorded: Path) -> Path:
    return recorded / "weights"


@pytest.fixture(scope="session")
def networks(weights: Path) -> Networks:
    return load_networks(weights, Silent(), "cpu")


@pytest.fixture(scope="session")
def picture(recorded: Path) -> NDArray[np.float32]:
    return np.asarray(Image.open(recorded / "input_rgba.png"), np.float32) / 255
