"""Where the shared pictures are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("GROTTO_DATA", root / "../shared/data"))
    if not folder.is_dir():
        pytest.skip(f"the shared data is not at {folder} (GROTTO_DATA says where)")
    return folder
