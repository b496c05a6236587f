"""What of an input counts into the stamps of a scan: what its stages read, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grotto.recipes.scan import RECIPE
from grotto.runner.stamps import FileHashes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A document of two photos, and a picture that it does not name."""
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    for name in ("a", "b", "unlisted"):
        picture(folder / "images" / f"{name}.png", seed=ord(name[0]))
    frames = [{"file_path": f"images/{name}", "transform_matrix": np.eye(4).tolist()} for name in ("a", "b", "lost")]
    (folder / "transforms.json").write_text(json.dumps({"fl_x": 80.0, "frames": frames}))
    return folder


def picture(path: Path, seed: int) -> None:
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (64, 80, 3), np.uint8)).save(path)


def stamp(path: Path) -> str:
    return FileHashes(path.parent, RECIPE.finds).of(path)


@pytest.mark.parametrize("name", ["", "transforms.json"])
def test_a_document_counts_with_what_it_lists(folder: Path, name: str) -> None:
    source = folder / name
    seen = [stamp(source)]
    for unread in ("notes.txt", "scene.blend", "deep/other.png"):
        (folder / unread).parent.mkdir(exist_ok=True)
        (folder / unread).write_bytes(b"whatever")
    picture(folder / "images/unlisted.png", seed=1)  # it is named in a note, and not read
    assert stamp(source) == seen[0]

    def changed() -> bool:
        seen.append(stamp(source))
        return len(set(seen)) == len(seen)

    picture(folder / "images/b.png", seed=2)
    assert changed()
    picture(folder / "images/another.png", seed=3)
    assert changed()
    picture(folder / "images/lost.png", seed=4)
    assert changed()
    (folder / "masks").mkdir()
    Image.new("L", (80, 64), 255).save(folder / "masks/a.png")
    assert changed()
    Image.new("L", (80, 64), 200).save(folder / "masks/a.png")
    assert changed()
    document = json.loads((folder / "transforms.json").read_text())
    (folder / "transforms.json").write_text(json.dumps({**document, "fl_x": 81.0}))
    assert changed()


def test_a_folder_of_photos_and_a_video_count_as_they_are(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    picture(photos / "a.png", seed=0)
    before = stamp(photos)
    (photos / "notes.txt").write_text("one")
    assert stamp(photos) == before
    picture(photos / "b.png", seed=1)
    assert stamp(photos) != before
    (tmp_path / "walk.mp4").write_bytes(b"one")
    before = stamp(tmp_path / "walk.mp4")
    (tmp_path / "walk.mp4").write_bytes(b"another")
    assert stamp(tmp_path / "walk.mp4") != before
