"""Pictures are opened through the one door that judges them first, and files of others only where they have an end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsed_sources import tree

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend" / "grotto"
# What decodes a picture, by its last names.
DECODERS = {
    "Image.open",
    "image.open",
    "cv2.imread",
    "cv2.imdecode",
    "imageio.imread",
    "plt.imread",
    "tifffile.imread",
    "tifffile.TiffFile",
    "skimage.io.imread",
    "ImageFile.Parser",
}
DOOR = "photos/files/opening.py"
# Folders that read what they have written themselves, in processes without a user's files.
OWN = ("evaluation/", "synthetic/", "models/matching/training/", "models/outside/runners/")
# Folders that read the user's pictures, and how they may not.
ROOMS = ("photos/", "views/documents/", "runner/stamps/", "masks/")
READS = {"open", "read_bytes", "read_text"}
OWN_FILES = {
    "runner/stamps/sources.py": "hashes what lies beside the sources of this package",
    "runner/stamps/source_cache.py": "reads the sources of this package, and what it kept of them",
    "runner/stamps/identity.py": "reads the record of its installer",
    "runner/stamps/record.py": "reads stamp.json of a stage",
    "runner/stamps/stamp.py": "reads the list of hashes that it wrote",
}


def decoding(module: ast.Module) -> Iterator[int]:
    """Lines that open a picture without the door."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if any(name == decoder or name.endswith("." + decoder) for decoder in DECODERS):
                yield node.lineno


def reading(module: ast.Module) -> Iterator[int]:
    """Lines that open a file, whatever it is."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in READS:
                yield node.lineno


def files(*folders: str) -> list[tuple[str, Path]]:
    found = ((path.relative_to(BACKEND).as_posix(), path) for path in sorted(BACKEND.rglob("*.py")))
    return [(name, path) for name, path in found if not folders or name.startswith(folders)]


def test_pictures_are_opened_through_the_door() -> None:
    outside = [(name, path) for name, path in files() if name != DOOR and not name.startswith(OWN)]
    assert [f"{name}:{line}" for name, path in outside for line in decoding(tree(path))] == []


def test_files_of_the_user_are_opened_as_regular_files() -> None:
    inside = [(name, path) for name, path in files(*ROOMS) if name not in OWN_FILES]
    assert [f"{name}:{line}" for name, path in inside for line in reading(tree(path))] == []
    assert {name for name, _ in files(*ROOMS)} >= OWN_FILES.keys()


@pytest.mark.parametrize("fault", ["Image.open(path)", "with PIL.Image.open(p) as f: pass", "cv2.imread(p)", "f = Image.open"])
def test_planted_decoders_are_found(fault: str) -> None:
    assert list(decoding(ast.parse(fault)))


@pytest.mark.parametrize("fault", ["open(path)", "path.open('rb')", "path.read_bytes()"])
def test_planted_reads_are_found(fault: str) -> None:
    assert list(reading(ast.parse(fault)))
    assert not list(decoding(ast.parse("open_picture(path)")))
