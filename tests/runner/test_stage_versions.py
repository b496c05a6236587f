"""Code and version of every stage agree with the record; see packaging/stage_versions.py."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def versions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stage_versions", ROOT / "packaging" / "stage_versions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_stage_changed_behind_its_version(versions: ModuleType) -> None:
    known = json.loads(versions.RECORD.read_text())
    now = versions.current()
    changed = [name for name in sorted({*known, *now}) if known.get(name) != now.get(name)]
    assert not changed, (
        f"{', '.join(changed)}: raise the version in the recipe where results change, "
        "then run `.venv/bin/python packaging/stage_versions.py --write`"
    )


def test_what_counts_as_a_change(versions: ModuleType, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    stage, part, other = room / "stage.py", room / "part.py", room / "other.py"
    stage.write_text('"""A stage."""\n\nfrom .part import add\n\n\ndef stage():\n    """Work."""\n    return add(1)\n')
    part.write_text("def add(x):\n    return x + 1\n")
    other.write_text("def other():\n    return 1\n")
    before = versions.code_hash(stage)
    stage.write_text('"""Other words."""\n\nfrom .part import add\n\n\ndef stage():\n    # a remark\n    return add(1)\n')
    other.write_text("def other():\n    return 2\n")
    assert versions.code_hash(stage) == before
    part.write_text("def add(x):\n    return x + 2\n")
    assert versions.code_hash(stage) != before
