"""The bench of CUDA: its jobs, its table, and what it writes without a GPU."""

from __future__ import annotations

import dataclasses
import datetime
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from grotto.contract import EXIT_DONE, Silent, from_flat, to_flat
from grotto.evaluation import Block, bench_command, blocks_in, tables_in
from grotto.evaluation.gpu import (
    BENCH,
    HEADS,
    NOT_MEASURED,
    PART_HEADS,
    PARTS,
    TRIALS,
    Figure,
    Measurement,
    Part,
    Trial,
    bench_gpu,
    gpu_table,
    measure_part,
    part_table,
    run_trial,
)
from grotto.fitting import CudaOffer
from grotto.recipes import RECIPES

NO_GPU = CudaOffer(driver=False, built=False, usable=False)
TRIAL = Trial(
    recipe="scan",
    make_input=lambda folder: folder,
    figures=(Figure(fact="heldout_psnr_db.mesh", tolerance=1.5), Figure(fact="faces", tolerance=0.1, relative=True)),
)
CPU = Measurement(
    recipe="scan",
    device="cpu",
    engines={"splats": "numba on cpu"},
    seconds=61.2,
    peak_gpu_mb=None,
    figures={"heldout_psnr_db.mesh": 24.0, "faces": 1000.0},
)
CUDA = dataclasses.replace(
    CPU,
    device="cuda",
    engines={"splats": "gsplat on cuda"},
    seconds=7.6,
    peak_gpu_mb=812.4,
    figures={"heldout_psnr_db.mesh": 24.9, "faces": 930.0},
)


def row_of(device: str, *measured: Measurement) -> dict[str, str]:
    (table,) = tables_in(gpu_table([TRIAL], measured))
    return next(row for row in (dict(zip(table.heads, cells, strict=True)) for cells in table.rows) if row["device"] == device)


def test_equal_figures_are_told_from_others() -> None:
    row = row_of("cuda", CUDA, CPU)
    assert row["equal to the CPU's"] == "yes, within 1.5, 10 %"
    assert (row["seconds"], row["peak GPU MB"], row["engines"]) == ("8", "812", "splats: gsplat on cuda")
    for figures in ({"heldout_psnr_db.mesh": 22.4, "faces": 1000.0}, {"heldout_psnr_db.mesh": math.nan, "faces": 1000.0}):
        assert row_of("cuda", dataclasses.replace(CUDA, figures=figures), CPU)["equal to the CPU's"].startswith("NO: heldout")


def test_what_was_not_measured_says_so() -> None:
    assert row_of("cuda", CUDA)["equal to the CPU's"] == NOT_MEASURED
    assert row_of("cpu", CUDA)["engines"] == NOT_MEASURED


def test_every_recipe_has_a_trial_with_options_of_its_own() -> None:
    assert {trial.recipe for trial in TRIALS} == set(RECIPES)
    for trial in TRIALS:
        entry = RECIPES[trial.recipe]
        draft = entry.qualities["draft"]
        assert from_flat(type(draft), {**to_flat(draft), **trial.options})


def test_without_a_gpu_nothing_is_run(tmp_path: Path) -> None:
    text = bench_gpu(tmp_path / "out", TRIALS, NO_GPU, 600.0, Silent(), PARTS)
    recipes, parts = tables_in(text)
    assert f"On CUDA: {NOT_MEASURED}, since no GPU" in text
    assert {row[2] for row in recipes.rows} == {NOT_MEASURED}
    assert {row[0].split(" ")[0] for row in parts.rows} == {"features", "matcher", "alignment", "orthophoto"}
    assert all(NOT_MEASURED in row for row in parts.rows)
    assert not (tmp_path / "out").exists()


def test_the_command_writes_not_measured_into_the_page_and_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    page = tmp_path / "gpu.md"
    block = Block(command="python -m grotto.evaluation gpu --out out", date=datetime.date(2026, 1, 1), text="older")
    page.write_text(f"# CUDA\n\n{block.lines()}\n")
    assert bench_command({"gpu": BENCH}, ["gpu", "--out", str(tmp_path / "out"), "--document", str(page)]) == EXIT_DONE
    (written,) = blocks_in(page.read_text())
    assert written.date > block.date
    assert tables_in(written.text)[0].heads == tuple(head.removeprefix(":") for head in HEADS)
    assert NOT_MEASURED in written.text


def test_a_job_that_runs_too_long_is_not_measured(tmp_path: Path) -> None:
    assert run_trial(TRIALS[0], tmp_path, tmp_path / "job", "cpu", 0.0) is None


def test_a_part_is_timed_on_both_devices_and_compared(tmp_path: Path) -> None:
    def prepare(folder: Path, device: torch.device | None):
        assert folder == tmp_path
        return lambda: (np.full(3, 2.0 if device else 5.0),)

    part = Part(
        name="doubling",
        engines=("fast", "slow"),
        prepare=prepare,
        difference=lambda one, other: f"{other[0][0] - one[0][0]:g} mm",
    )
    figures = measure_part(part, tmp_path, torch.device("cpu"))
    assert figures.difference == "3 mm"
    (table,) = tables_in(part_table([part], [figures]))
    assert table.heads == tuple(head.removeprefix(":") for head in PART_HEADS)
    first, second = (row for row in table.rows if row[0] == "doubling")
    assert (first[1], first[2], first[4]) == ("cuda", "fast", "3 mm")
    assert (second[1], second[2], second[4]) == ("cpu", "slow", "")


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name.split(" ")[0])
def test_parts_are_alike_by_torch_and_by_the_cpus_way(part: Part, tmp_path: Path) -> None:
    figures = measure_part(part, tmp_path, torch.device("cpu"))
    assert float(figures.difference.split(" ")[0]) < {"f": 5, "m": 1e-5, "a": 0.1, "o": 16}[part.name[0]]


@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.recipe)
def test_trials_have_their_figures(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    measured = run_trial(trial, trial.make_input(tmp_path / "input"), tmp_path / "job", "cpu", 500.0)
    assert measured is not None
    assert all(math.isfinite(value) for value in measured.figures.values())
    assert measured.peak_gpu_mb is None
