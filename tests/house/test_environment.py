"""The set-up script: it runs what it finds before it believes in it, and says what is missing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, on a machine where the only Pythons are those that a test puts into tmp_path/bin."""
    spec = importlib.util.spec_from_file_location("make_environment", ROOT / "packaging" / "make_environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(
        module, "candidates", lambda version: [tmp_path / "bin" / name for name in ("python3", f"python{version}", "last")]
    )
    return module


def program(path: Path, text: str) -> None:
    path.write_text("#!/bin/sh\n" + text + "\n")
    path.chmod(0o755)


def test_a_shim_that_fails_is_passed_over(script: ModuleType, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", "echo no such version >&2; exit 127")
    program(tmp_path / "bin" / f"python{HERE}", f"echo {HERE}")
    assert script.find_python(HERE) == tmp_path / "bin" / f"python{HERE}"


def test_another_version_is_passed_over(script: ModuleType, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", "echo 3.9")
    with pytest.raises(script.Missing, match=r"no Python 3\.11 was found"):
        script.find_python("3.11")


def test_the_venv_module_is_named_where_it_is_absent(script: ModuleType, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3", "echo 3.11; exit 1")
    with pytest.raises(script.Missing, match="apt-get install python3-venv"):
        script.find_python("3.11")


def test_a_real_python_answers(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bin" / "last").symlink_to(sys.executable)
    assert script.find_python(HERE) == tmp_path / "bin" / "last"


def test_libraries_are_told_by_package(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "missing_libraries", lambda _folder: ["libEGL.so.1", "libXi.so.6"])
    monkeypatch.setattr(script.sys, "platform", "linux")
    with pytest.raises(script.Missing, match=r"apt-get install --no-install-recommends libegl1 libxi6"):
        script.check_blender(tmp_path)


def test_the_readme_names_every_package_that_blender_may_miss(script: ModuleType) -> None:
    line = next(line for line in (ROOT / "README.md").read_text().splitlines() if "apt-get install" in line)
    assert set(script.DEBIAN_PACKAGE_OF.values()) - {"libice6"} <= set(line.split())  # libice6 comes with libsm6


def test_a_changed_lock_asks_for_a_new_set_up(script: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("numpy==1.0\n")
    before = script.fingerprint([lock], "3.11")
    assert script.fingerprint([lock], "3.11") == before
    lock.write_text("numpy==1.1\n")
    assert script.fingerprint([lock], "3.11") != before


def test_an_environment_without_its_stamp_is_not_made(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bin" / "python").touch()
    assert not script.is_made(tmp_path, "mark")
    (tmp_path / script.STAMP).write_text("mark\n")
    assert script.is_made(tmp_path, "mark")
    assert not script.is_made(tmp_path, "other")
