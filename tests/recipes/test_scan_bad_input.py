"""What the scan recipe says to pictures, cameras and machines that will not do. One sentence each, and what is finished stays.

Through the real recipe and its fits. Where a GPU's memory is to run out or a fit is to diverge, the real fit is given one
step that does so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scan_jobs import QUICK, scanned
from scan_sets import MIDDLE, RADIUS, ball, ring, write_set

from grotto.contract import Action, Event, Kind, Note, Problem, ProblemError, Result, StageStarted
from grotto.fields.few_views import LiveVoxelFit
from grotto.fitting import Intervals
from grotto.splats import SplatFit

OUT_OF_MEMORY = (
    "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 23.55 GiB of which 1.25 GiB is free."
    " Including non-PyTorch memory, this process has 22.30 GiB memory in use."
)
SMALL = {
    **QUICK,
    "field_steps": 20,
    "splat_steps": 24,
    "faces": 400,
    "texture_steps": 1,
    "field_resolution": 32,
    "mesh_resolution": 32,
    "refine_steps": 0,
    "bake_px": 128,
    "lods": 0,
}
FIELD = "grotto.fields.few_views.fit.LiveVoxelFit"
BEFORE_FITS = ("photos", "features", "pairs", "matches", "triangulate", "views")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set", ring())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(pictures, job folder) of a scan that was made; tests copy it."""
    folder = tmp_path_factory.mktemp("finished")
    source = write_set(folder / "set", ring())
    scanned(source, folder / "job", **SMALL)
    return source, folder / "job"


def refused(source: Path, out: Path, kind: Kind = Kind.BAD_INPUT, **options: object) -> Problem:
    """The problem that a scan ends with: of this kind, one sentence for the cause, one for the remedy."""
    with pytest.raises(ProblemError) as caught:
        scanned(source, out, **{**SMALL, **options})
    problem = caught.value.problem
    assert problem.kind is kind
    assert problem.remedy
    assert "\n" not in str(caught.value)
    assert not any(word in str(caught.value) for word in ("Error", "Traceback", "None", "nan"))
    return problem


def finished_stages(out: Path) -> set[str]:
    return {path.parent.name for path in out.glob("*/artefact.json")}


def notes(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Note)]


def kept(events: list[Event]) -> set[str]:
    return {event.stage for event in events if isinstance(event, StageStarted) and event.reused}


def repaint(folder: Path, change: Callable[[np.ndarray], object]) -> None:
    for path in (folder / "images").glob("*.png"):
        picture = np.asarray(Image.open(path)).copy()
        change(picture)
        Image.fromarray(picture).save(path)


def test_one_view(tmp_path: Path) -> None:
    problem = refused(write_set(tmp_path / "set", ring(1)), tmp_path / "job")
    assert "only one photo" in problem.cause
    assert "images/0.png" in problem.cause
    assert "two photos" in problem.remedy
    assert problem.action is Action.CHOOSE_FOLDER


def test_views_from_one_side(tmp_path: Path) -> None:
    source = write_set(tmp_path / "set", ring(4, spread=0.3))
    problem = refused(source, tmp_path / "job")
    assert "from one side only" in problem.cause
    assert "degrees" in problem.cause
    assert finished_stages(tmp_path / "job") == set(BEFORE_FITS) - {"views"}
    assert "--background scene" in problem.remedy


def test_empty_masks(pictures: Path, tmp_path: Path) -> None:
    def empty(picture: np.ndarray) -> None:
        picture[..., 3] = 0

    repaint(pictures, empty)
    problem = refused(pictures, tmp_path / "job")
    assert "6 of 6 pictures are empty" in problem.cause
    assert "white" in problem.remedy


def test_inverted_masks(pictures: Path, tmp_path: Path) -> None:
    def invert(picture: np.ndarray) -> None:
        picture[..., 3] = 255 - picture[..., 3]

    repaint(pictures, invert)
    problem = refused(pictures, tmp_path / "job")
    assert "inverted" in problem.cause
    assert "white is the subject" in problem.remedy


def test_nan_in_a_given_camera(pictures: Path, tmp_path: Path) -> None:
    document = json.loads((pictures / "transforms.json").read_text())
    document["frames"][4]["transform_matrix"][1][3] = float("nan")
    (pictures / "transforms.json").write_text(json.dumps(document))
    problem = refused(pictures, tmp_path / "job")
    assert "images/4" in problem.cause


def test_cameras_that_disagree_with_the_photos(tmp_path: Path) -> None:
    """Each photo has another one's camera: said in pixels, with names, before any fit."""
    cameras = ring(18, 240)
    source = write_set(tmp_path / "set", cameras)
    colours = np.random.default_rng(0).integers(20, 255, (32, 32, 32, 3), np.uint8)
    for number, camera in enumerate(cameras):
        Image.fromarray(speckled(camera, colours)).save(source / "images" / f"{number}.png")
    right = json.loads((source / "transforms.json").read_text())
    order = np.random.default_rng(1).permutation(18)
    frames = [{**frame, "file_path": f"./images/{order[number]}"} for number, frame in enumerate(right["frames"])]
    (source / "transforms.json").write_text(json.dumps({**right, "frames": frames}))
    problem = refused(source, tmp_path / "job", max_photo_px=400, features_per_photo=512)
    assert "the given cameras disagree with the photos" in problem.cause
    assert "px" in problem.cause
    assert "images/" in problem.cause
    assert finished_stages(tmp_path / "job") == {"photos", "features", "pairs", "matches"}


def speckled(camera: object, colours: np.ndarray) -> np.ndarray:
    """The ball with a colour of its own in each cell of space, as no ornament repeats."""
    picture = ball(camera)
    rays = camera.directions().astype(np.float64)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    offset = camera.position - MIDDLE
    along = rays @ offset
    under = along**2 - (offset @ offset - RADIUS**2)
    met = offset + rays * (-along - np.sqrt(np.maximum(under, 0)))[..., None]
    cell = np.clip(np.floor((met + RADIUS) * 16), 0, 31).astype(int)
    picture[..., :3] = np.where(picture[..., 3:] > 0, colours[cell[..., 0], cell[..., 1], cell[..., 2]], 0)
    return picture


def test_textures_larger_than_memory(finished: tuple[Path, Path], tmp_path: Path) -> None:
    source, made = finished
    out = shutil.copytree(made, tmp_path / "job")
    before = finished_stages(out)
    problem = refused(source, out, Kind.MISSING_RESOURCE, bake_px=16384, memory_limit_mb=4000)
    assert "GB of memory" in problem.cause
    assert "3.9 GB are allowed" in problem.cause
    assert problem.action is Action.CHANGE_OPTIONS
    assert finished_stages(out) == before
    assert Result.read(out).facts["faces"] > 0
    _, events = scanned(source, out, **SMALL)
    assert "asset" in kept(events)


def out_of_memory(times: int) -> Callable[[], None]:
    """Raises as CUDA does, so many times."""
    left = [times]

    def allocate() -> None:
        if left[0] > 0:
            left[0] -= 1
            raise torch.cuda.OutOfMemoryError(OUT_OF_MEMORY)

    return allocate


def starving_field(times: int) -> type[LiveVoxelFit]:
    """The real fit, whose fifth step finds no memory so many times."""
    allocate = out_of_memory(times)

    class Starving(LiveVoxelFit):
        def step(self, number: int) -> float:
            if number == 5:
                allocate()
            return super().step(number)

    return Starving


def starving_splats(times: int) -> type[SplatFit]:
    allocate = out_of_memory(times)

    class Starving(SplatFit):
        def step(self, number: int) -> float:
            if number >= 5:
                allocate()
            return super().step(number)

    return Starving


@pytest.mark.parametrize(
    ("via", "place", "starving", "told"),
    [
        pytest.param("field", FIELD, starving_field, "GPU memory was exhausted", marks=pytest.mark.slow),
        ("splats", "grotto.splats.fit.SplatFit", starving_splats, "GPU memory was exhausted"),
    ],
)
def test_cuda_memory_that_runs_out(
    via: str,
    place: str,
    starving: Callable[[int], type],
    told: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twice: a refusal with the numbers. Once: less at a time, to the end, and it is said."""
    monkeypatch.setattr(place, starving(2))
    problem = refused(pictures, tmp_path / "job", Kind.MISSING_RESOURCE, via=via)
    assert "the GPU has 23.55 GiB of memory, 1.25 GiB free, and 2.50 GiB more were needed" in problem.cause
    assert problem.action is Action.CHANGE_OPTIONS
    assert finished_stages(tmp_path / "job") == set(BEFORE_FITS)
    monkeypatch.setattr(place, starving(1))
    result, events = scanned(pictures, tmp_path / "job", **SMALL, via=via)
    assert kept(events) == set(BEFORE_FITS)
    assert sum(told in note for note in notes(events)) == 1
    assert result.facts["input_view_psnr_db"][via] > 11  # white alone has 9.8


@pytest.mark.slow
def test_a_field_that_diverges_keeps_its_last_good_state(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wild(LiveVoxelFit):
        """The real fit, which takes steps a million times too long from the 60th on."""

        def step(self, number: int) -> float:
            if number == 60:
                for group in self._optimiser.param_groups:
                    group["lr"] *= 1e6
            return super().step(number)

    monkeypatch.setattr("grotto.fields.few_views.fit.LiveVoxelFit", Wild)
    monkeypatch.setattr("grotto.fitting.loop.INTERVALS", Intervals(copy=0, copy_share=1e9))
    result, events = scanned(pictures, tmp_path / "job", **{**SMALL, "field_steps": 75}, via="field")
    said = [note for note in notes(events) if "diverged" in note]
    assert len(said) == 1
    assert 30 < int(said[0].split("after ")[1].split()[0]) <= 60
    assert result.facts["input_view_psnr_db"]["field"] > 16
    assert said[0] in result.notes
