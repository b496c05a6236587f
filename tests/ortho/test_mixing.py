"""Torch mixes the photos of a tile as OpenCV does: seams, borders, places that a photo does not show, and a lack of memory."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from grotto.contract import Silent
from grotto.ortho import PhotoCache, TileLattice
from grotto.ortho.mixing import Look, TileMixer, single
from grotto.photos import Photo

PHOTO_PX = (240, 180)


def photo_of(folder: Path, number: int) -> Photo:
    """Soft paint with a few hard edges."""
    random = np.random.default_rng(number)
    width, height = PHOTO_PX
    layers = [
        cv2.resize(random.uniform(0, 255, (height // n, width // n, 3)), PHOTO_PX, interpolation=cv2.INTER_CUBIC) for n in (5, 30)
    ]
    picture = np.clip(np.mean(layers, axis=0), 0, 255).astype(np.uint8)
    picture[40:90, 60:130] = (200, 30, 60)
    path = folder / f"{number}.png"
    cv2.imwrite(str(path), picture)
    return Photo(
        name=path.name, path=str(path), sha256="", width=width, height=height, group="one", focal_px=0.0, focal_source="",
        gravity_known=False, sharpness=1.0, mask="",
    )  # fmt: skip


def look_of(view: int, nodes: tuple[int, int], step: int) -> Look:
    """A photo that is turned and enlarged a little, better on its own side of the tile, and sees nothing in a corner."""
    rows, columns = (np.arange(count, dtype=np.float64) * step for count in nodes)
    x, y = np.meshgrid(columns - columns[-1] / 2, rows - rows[-1] / 2)
    column = PHOTO_PX[0] / 2 + 0.9 * x + 0.1 * y + 7.3 * view
    row = PHOTO_PX[1] / 2 - 0.1 * x + 0.9 * y - 4.6 * view
    u, v = column / PHOTO_PX[0], row / PHOTO_PX[1]
    seen = 2 * np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
    merit = np.maximum(seen, 0) * (1 + (view - 1) * x / np.abs(x).max() / 2)
    column[:3, :3], merit[:3, :3] = np.nan, 0.0
    factor = np.exp(0.1 * (view - 1)) * np.ones((*nodes, 3))
    broad = 0.2 + 0.02 * view + 0.05 * np.stack([u, v, u * v], axis=-1)
    return Look(
        view=view, size=PHOTO_PX, column=single(column), row=single(row), merit=single(merit), seen=single(seen),
        factor=single(factor), broad=single(broad),
    )  # fmt: skip


@pytest.fixture
def photos(tmp_path: Path) -> PhotoCache:
    return PhotoCache([photo_of(tmp_path, number) for number in range(3)], [max(PHOTO_PX), max(PHOTO_PX), 150], 10**8)


def lattice_of(nodes: tuple[int, int], step: int) -> TileLattice:
    return TileLattice(np.zeros((1, nodes[1])), np.zeros(nodes), np.zeros((nodes[0], 1)), step)


@pytest.mark.parametrize(("nodes", "step"), [((50, 64), 4), ((190, 250), 1)])
def test_torch_mixes_as_opencv_does(photos: PhotoCache, nodes: tuple[int, int], step: int) -> None:
    looks = [look_of(view, nodes, step) for view in range(3)]
    pictures = [TileMixer(device).mix(looks, lattice_of(nodes, step), photos, Silent()) for device in (None, torch.device("cpu"))]
    assert pictures[0].shape == pictures[1].shape == ((nodes[0] - 2) * step, (nodes[1] - 2) * step, 3)
    assert len(np.unique(pictures[0].reshape(-1, 3), axis=0)) > 1000
    apart = np.abs(pictures[0].astype(int) - pictures[1]).max(axis=-1)
    assert (apart <= 1).mean() > 0.99
    assert apart.max() < 16  # at hard edges, whose place OpenCV rounds to 1/32 px


def test_where_memory_is_exhausted_opencv_goes_on_and_says_so(photos: PhotoCache) -> None:
    class Exhausted(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            if function is torch.nn.functional.grid_sample:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return function(*args, **(kwargs or {}))

    class Heard(Silent):
        notes: tuple[str, ...] = ()

        def note(self, message: str) -> None:
            self.notes = (*self.notes, message)

    nodes, report = (50, 64), Heard()
    looks = [look_of(view, nodes, 4) for view in range(3)]
    mixer = TileMixer(torch.device("cpu"))
    with Exhausted():
        drawn = [mixer.mix(looks, lattice_of(nodes, 4), photos, report) for _ in range(2)]
    expected = TileMixer().mix(looks, lattice_of(nodes, 4), photos, report)
    assert (drawn[0] == expected).all()
    assert (drawn[1] == expected).all()
    assert mixer.name == "torch, cpu, then OpenCV, CPU"
    assert len(report.notes) == 1
    assert "2.00 GiB more were needed: the orthophoto was drawn on the CPU" in report.notes[0]
