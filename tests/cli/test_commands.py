"""The other commands: help, options, check, doctor, make-wall, jobs without a backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from real_processes import run_grotto
from scan_sets import ring, write_set

from grotto.contract import VERSION, leaves
from grotto.contract.recipes import WALL_QUALITIES, WallOptions
from grotto.recipes import RECIPES
from grotto.runner import options_table


def test_help_is_quick_and_names_every_command(tmp_path: Path) -> None:
    from grotto.cli import COMMANDS

    start = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "grotto", "--help"], capture_output=True, text=True, check=True)
    assert time.monotonic() - start < 2.0
    assert all(f"  {command} " in done.stdout for command in COMMANDS)
    assert subprocess.run([sys.executable, "-m", "grotto.cli"], capture_output=True, check=False).returncode == 2


def test_heavy_parts_are_not_imported_for_words() -> None:
    code = "import sys, grotto.cli; print(sorted({'torch', 'numpy', 'pycolmap', 'cv2', 'fastapi', 'tyro'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_version(tmp_path: Path) -> None:
    assert run_grotto(tmp_path, "--version").stdout == f"grotto {VERSION}\n"


def test_every_option_of_the_wall_is_a_flag(tmp_path: Path) -> None:
    done = run_grotto(tmp_path, "run", "wall", "--help")
    assert done.returncode == 0
    for leaf in leaves(WallOptions):
        assert f"--{leaf.name.replace('_', '-')}" in done.stdout


@pytest.mark.parametrize("markdown", [True, False])
def test_options_table(markdown: bool) -> None:
    table = options_table(WallOptions, WALL_QUALITIES, markdown)
    lines = table.splitlines()
    assert sum(line.startswith("| --" if markdown else "--") for line in lines) == len(list(leaves(WallOptions)))
    assert any("--faces" in line and "draft: 20000" in line and "2 to 20000000" in line for line in lines)
    assert any("--skip-blurred, --no-skip-blurred" in line for line in lines)


def test_check_names_what_is_wrong(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    done = run_grotto(tmp_path, "check", photos)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(".")
    assert "Traceback" not in done.stderr
    assert run_grotto(tmp_path, "check", tmp_path / "missing").returncode == 2


def test_check_reads_a_folder_as_scan_does(tmp_path: Path) -> None:
    """Photos without a camera are named, and given focal lengths are not said to be unknown."""
    folder = write_set(tmp_path / "set", ring(4))
    document = json.loads((folder / "transforms.json").read_text())
    document["frames"][0]["file_path"] = "./images/none"
    (folder / "transforms.json").write_text(json.dumps(document))
    done = run_grotto(tmp_path, "check", folder)
    assert done.returncode == 0, done.stderr
    assert "3 photos in" in done.stdout
    assert "focal length about 102 px (given)" in done.stdout
    assert "images/none" in done.stdout
    assert f"Cameras are given by {folder / 'transforms.json'}" in done.stdout


def test_doctor_says_what_is_there(tmp_path: Path) -> None:
    done = run_grotto(tmp_path, "doctor")
    assert done.returncode == 0, done.stdout
    for word in ("grotto", "python", "torch", "processors", "memory", "CUDA", "disk", "backend"):
        assert word in done.stdout
    assert str(tmp_path / "state") in done.stdout
    assert not (tmp_path / "state").exists()  # it only looks
    rows = dict(line.split("  ", 1) for line in done.stdout.splitlines() if line.startswith("GPU in"))
    assert set(rows) - {"GPU in slow"} == {f"GPU in {name}" for name in set(RECIPES) - {"slow"}}  # the tests' own recipe
    assert "matches (with --matcher attention)" in rows["GPU in wall"] and "splats" in rows["GPU in scan"]


@pytest.mark.slow
def test_make_wall(tmp_path: Path) -> None:
    done = run_grotto(tmp_path, "make-wall", "--out", tmp_path / "set", "--columns", 2, "--rows", 1, seconds=120)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "set").rglob("*.jpg"))


def test_make_wall_refuses_in_words(tmp_path: Path) -> None:
    done = run_grotto(tmp_path, "make-wall", "--out", tmp_path / "set", "--style", "baroque")
    assert done.returncode == 2
    assert "choose one of" in done.stderr
    (tmp_path / "file").write_text("")
    done = run_grotto(tmp_path, "make-wall", "--out", tmp_path / "file" / "set", "--columns", 2, "--rows", 1)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr and done.stderr.endswith(".\n")


def test_jobs_without_a_backend(tmp_path: Path) -> None:
    done = run_grotto(tmp_path, "jobs")
    assert (done.returncode, done.stderr) == (3, "No backend is running: start one with `grotto serve`.\n")
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "backend.json").write_text(
        '{"product": "grotto", "version": "0.0.1", "protocol": 0, "url": "http://127.0.0.1:9", "token": "t", "pid": 1}'
    )
    done = run_grotto(tmp_path, "jobs")
    assert done.returncode == 3
    assert "another protocol" in done.stderr


def test_names_a_terminal_cannot_show(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    done = run_grotto(tmp_path, "check", tmp_path / name)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
