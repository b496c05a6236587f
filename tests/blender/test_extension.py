"""The zip, and life in Blender: built, installed, enabled, disabled without a trace."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parents[2]


def names_in(zip_file: Path) -> set[str]:
    with zipfile.ZipFile(zip_file) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_only_allowed_files_are_in_the_zip(zip_file: Path) -> None:
    single = {"__init__.py", "blender_manifest.toml", "LICENSE", "backend/grotto/__init__.py"}
    folders = ("addon/", "operators/", "backend/grotto/contract/")
    names = names_in(zip_file)
    strangers = [name for name in names - single if not (name.startswith(folders) and name.endswith(".py"))]
    assert strangers == []
    assert single <= names
    for folder in folders:
        assert f"{folder}__init__.py" in names


def test_the_backends_package_is_empty_in_the_zip(zip_file: Path) -> None:
    with zipfile.ZipFile(zip_file) as archive:
        assert archive.read("backend/grotto/__init__.py") == b""


def test_every_file_of_the_source_is_in_the_zip(zip_file: Path) -> None:
    source = {
        path.relative_to(ROOT).as_posix()
        for folder in ("addon", "operators", "backend/grotto/contract")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert source <= names_in(zip_file)


def test_a_stray_file_does_not_leave_the_house(tmp_path: Path, part: object) -> None:
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        import build_extension
    finally:
        sys.path.remove(str(ROOT / "packaging"))
    root = tmp_path / "house"
    for name in ("addon/a.py", "addon/secret.txt", "addon/__pycache__/a.pyc", "operators/b.py", "backend/grotto/sfm/c.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    for name in ("__init__.py", "blender_manifest.toml", "LICENSE", "Makefile"):
        (root / name).write_text("x")
    copy = build_extension.copy_allowed(root, tmp_path / "copy")
    found = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert found == {
        "__init__.py", "blender_manifest.toml", "LICENSE", "addon/a.py", "operators/b.py", "backend/grotto/__init__.py",
    }  # fmt: skip


def test_the_root_imports_nothing_before_registering() -> None:
    code = f"import runpy, sys; runpy.run_path({str(ROOT / '__init__.py')!r}); assert 'bpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def registered_classes(module: str) -> list[str]:
    kinds = (bpy.types.Operator, bpy.types.Panel, bpy.types.PropertyGroup, bpy.types.AddonPreferences)
    below = [cls for kind in kinds for cls in kind.__subclasses__()]
    for cls in below:
        below += cls.__subclasses__()
    return [cls.__name__ for cls in below if cls.__module__.startswith(module) and getattr(cls, "is_registered", False)]


def test_disabling_leaves_nothing(installed: str) -> None:
    assert registered_classes(installed)
    assert hasattr(bpy.types.Scene, "grotto")
    bpy.ops.preferences.addon_disable(module=installed)
    try:
        assert registered_classes(installed) == []
        assert not hasattr(bpy.types.Scene, "grotto")
        assert not hasattr(bpy.types.WindowManager, "grotto_exit_code")
        assert "create_wall" not in dir(bpy.ops.grotto)
    finally:
        bpy.ops.preferences.addon_enable(module=installed)
    assert installed in bpy.context.preferences.addons
    assert "create_wall" in dir(bpy.ops.grotto)


def test_nothing_runs_before_the_user_asks(installed: str) -> None:
    import threading

    assert [thread.name for thread in threading.enumerate() if thread.name == "grotto-watcher"] == []


def test_nothing_of_the_runtime_is_saved(installed: str, tmp_path: Path) -> None:
    bpy.context.scene.grotto.wall.faces = 1234
    path = tmp_path / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
    data = path.read_bytes()
    for word in (b"grotto_exit_code", b"127.0.0.1", b"Bearer"):
        assert word not in data
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert bpy.context.scene.grotto.wall.faces == 1234
    bpy.context.scene.grotto.wall.property_unset("faces")
