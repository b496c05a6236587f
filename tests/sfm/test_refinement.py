"""Patches are aligned to a few hundredths of a pixel, through exposure, falloff and a change of view, by OpenCV and by torch."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from grotto.contract import Silent
from grotto.photos import Photo
from grotto.sfm.cameras import AlignmentEngine, OpenCVAlignment, PatchAligner, align_patches, magnification

BY_TORCH = PatchAligner(torch.device("cpu")).engine
both_engines = pytest.mark.parametrize("engine", [OpenCVAlignment(), BY_TORCH], ids=["OpenCV", "torch"])


def painted(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    layers = [
        cv2.resize(random.uniform(0, 255, (600 // n, 800 // n, 3)), (800, 600), interpolation=cv2.INTER_CUBIC)
        for n in (6, 17, 50)
    ]
    return np.clip(np.mean(layers, axis=0) * 1.6 - 70, 0, 255).astype(np.float32)


@both_engines
@pytest.mark.parametrize("seed", range(3))
def test_places_come_back_to_hundredths(seed: int, engine: AlignmentEngine) -> None:
    random = np.random.default_rng(seed)
    first = painted(seed)
    to_second = np.array([[1.02, 0.02, -60.3], [-0.015, 0.99, 25.7], [1e-5, -8e-6, 1.0]])
    second = cv2.warpPerspective(first, to_second, (800, 600), flags=cv2.INTER_LANCZOS4)
    falloff = 1 - 0.25 * (np.hypot(*np.meshgrid(np.linspace(-1, 1, 800), np.linspace(-1, 1, 600))) ** 2 / 2)[..., None]
    second = np.clip(second * falloff * 0.8 + random.normal(0, 2, second.shape), 0, 255)
    places = random.uniform([150, 100], [700, 500], (200, 2))
    truth = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5
    guessed = truth + random.normal(0, 0.12, truth.shape)
    flat = [engine.flatten(picture.astype(np.uint8), 1.0) for picture in (first, second)]
    found, good = align_patches(*flat, places, guessed, engine)
    assert good.mean() > 0.9
    before, after = np.abs(guessed - truth)[good], np.abs(found - truth)[good]
    assert np.median(after) < 0.03
    assert np.median(after) < np.median(before) / 3


@both_engines
@pytest.mark.parametrize("zoom", [0.5, 2.0, 3.0])
def test_photos_of_two_lenses_are_aligned_in_the_pixels_of_the_coarser(zoom: float, engine: AlignmentEngine) -> None:
    random = np.random.default_rng(4)
    first = painted(4)
    to_second = np.array([[zoom, 0, 400 * (1 - zoom) + 3.4], [0, zoom, 300 * (1 - zoom) - 2.2], [0, 0, 1.0]])
    flags = cv2.INTER_LANCZOS4 if zoom > 1 else cv2.INTER_CUBIC
    blurred = first if zoom > 1 else cv2.GaussianBlur(first, (0, 0), 0.5 * np.sqrt(1 / zoom**2 - 1))
    second = cv2.warpPerspective(blurred, to_second, (800, 600), flags=flags)
    second = np.clip(second + random.normal(0, 2, second.shape), 0, 255)
    middle = np.array([400.0, 300.0])
    places = middle + random.uniform(-1, 1, (200, 2)) * [300, 200] / max(zoom, 1)
    truth = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5
    guessed = truth + random.normal(0, 0.12 * max(zoom, 1), truth.shape)
    larger = magnification(places, guessed)
    assert larger == pytest.approx(zoom, rel=0.19)
    flat = engine.flatten(first.astype(np.uint8), max(1 / larger, 1)), engine.flatten(second.astype(np.uint8), max(larger, 1))
    found, good = align_patches(*flat, places, guessed, engine)
    assert good.mean() > 0.9
    error_px = np.median(np.linalg.norm(found - truth, axis=1)[good]) / max(zoom, 1)  # of the coarser photo
    assert error_px < 0.05


def test_photos_of_nearly_one_scale_are_taken_as_of_one() -> None:
    places = np.random.default_rng(1).uniform(0, 500, (50, 2))
    assert magnification(places, 1.1 * places + 7) == 1.0
    assert magnification(places, places / 1.4) == pytest.approx(2**-0.5)


@both_engines
def test_patches_of_other_things_are_not_trusted(engine: AlignmentEngine) -> None:
    random = np.random.default_rng(9)
    places = random.uniform([100, 100], [700, 500], (100, 2))
    flat = [engine.flatten(painted(seed).astype(np.uint8), 1.0) for seed in (1, 2)]
    found, good = align_patches(*flat, places, places + random.normal(0, 0.1, places.shape), engine)
    assert found.shape == (100, 2)
    assert good.mean() < 0.75


@both_engines
def test_points_on_one_line_align_nothing_rather_than_something_wrong(engine: AlignmentEngine) -> None:
    places = np.column_stack([np.linspace(100, 700, 20), np.full(20, 300.0)])
    flat = engine.flatten(painted(1).astype(np.uint8), 1.0)
    found, good = align_patches(flat, flat, places, places, engine)
    assert np.abs(found[good] - places[good]).max(initial=0.0) < 0.05


@pytest.mark.parametrize("zoom", [0.6, 1.0, 1.8])
def test_torch_aligns_as_opencv_does(zoom: float) -> None:
    """At the border and beyond it, in flat places, and where patches show other things: the same places, the same flags."""
    random = np.random.default_rng(11)
    first = painted(5)
    first[200:320, 250:500] = 90.0  # nothing to align here
    to_second = np.array([[zoom, 0.03, 400 * (1 - zoom) + 4.3], [-0.02, zoom, 300 * (1 - zoom) - 2.6], [2e-5, -1e-5, 1.0]])
    second = cv2.warpPerspective(first, to_second, (760, 610), flags=cv2.INTER_CUBIC)
    second[400:500, 500:650] = painted(6)[400:500, 500:650]
    second = np.clip(second * 0.9 + random.normal(0, 2, second.shape), 0, 255)
    places = random.uniform([-4, -4], [804, 604], (1500, 2))
    guessed = cv2.perspectiveTransform((places - 0.5)[None], to_second)[0] + 0.5 + random.normal(0, 0.2, places.shape)
    larger = magnification(places, guessed)
    found, good = [], []
    for engine in (OpenCVAlignment(), BY_TORCH):
        flat = engine.flatten(first.astype(np.uint8), max(1 / larger, 1)), engine.flatten(second.astype(np.uint8), max(larger, 1))
        moved, ok = align_patches(*flat, places, guessed, engine)
        found.append(moved)
        good.append(ok)
    both = good[0] & good[1]
    assert both.sum() > 300
    assert (good[0] == good[1]).mean() > 0.98
    apart = np.linalg.norm(found[0] - found[1], axis=1)[both]
    assert np.median(apart) < 0.005
    assert np.percentile(apart, 95) < 0.02


def test_where_memory_is_exhausted_opencv_goes_on_and_says_so(tmp_path: Path) -> None:
    class Exhausted(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            if function is torch.nn.functional.grid_sample:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return function(*args, **(kwargs or {}))

    class Heard(Silent):
        notes: tuple[str, ...] = ()

        def note(self, message: str) -> None:
            self.notes = (*self.notes, message)

    path, report = tmp_path / "wall.png", Heard()
    cv2.imwrite(str(path), painted(1).astype(np.uint8))
    photo = Photo(
        name="wall.png", path=str(path), sha256="", width=800, height=600, group="one", focal_px=0.0, focal_source="",
        gravity_known=False, sharpness=1.0, mask="",
    )  # fmt: skip
    places = np.random.default_rng(9).uniform([100, 100], [700, 500], (30, 2))
    aligner = PatchAligner(torch.device("cpu"))
    with Exhausted():
        found, good = aligner.align(((photo, 1.0), (photo, 1.0)), places, places + 0.1, report)
    assert good.all()
    assert np.abs(found - places).max() < 0.05
    assert aligner.name == "torch, cpu, then OpenCV, CPU"
    assert report.notes == (
        "the GPU's memory does not suffice, and 2.00 GiB more were needed: patches were aligned on the CPU from there on",
    )
