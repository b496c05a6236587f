"""How long one step of an import holds Blender's main thread, with textures of the size that jobs make."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import made_element
import numpy as np
import pytest

MOST_SECONDS = 0.1
SIDE_PX = 2048


def jpeg(path: Path, seed: int) -> bytes:
    """A picture with some detail, as compressible as a painting."""
    coarse = np.random.default_rng(seed).random((SIDE_PX // 8, SIDE_PX // 8, 4), np.float32)
    image = bpy.data.images.new("made", SIDE_PX, SIDE_PX)
    image.pixels.foreach_set(np.kron(coarse, np.ones((8, 8, 1), np.float32)).ravel())
    image.filepath_raw, image.file_format = str(path), "JPEG"
    image.save()
    bpy.data.images.remove(image)
    return path.read_bytes()


@pytest.mark.slow
def test_a_step_of_an_import_takes_at_most_a_tenth_of_a_second(
    empty: None, tmp_path: Path, part: Callable[[str], ModuleType]
) -> None:
    """CPU time of this thread: other programs on the machine do not count. One image a step."""
    folder = made_element.make_element(tmp_path / "element")
    pictures = [jpeg(tmp_path / f"{seed}.jpg", seed) for seed in range(4)]
    made_element.glb(folder / "finish/element.glb", 1.0, pictures)
    steps, took, name = part("addon.importers.result").import_steps(bpy.context, folder), {}, "begin"
    while True:
        begun = time.thread_time()
        try:
            following = next(steps)
        except StopIteration:
            break
        finally:
            took[name] = max(took.get(name, 0.0), time.thread_time() - begun)
        name = following
    assert {"texture", "colour of the texture", "mean of the texture", "normals", "occlusion"} <= set(took)
    assert max(took.values()) < MOST_SECONDS, took
