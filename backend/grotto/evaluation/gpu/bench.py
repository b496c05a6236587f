"""Every recipe, small, and parts of a wall, on CUDA and on the CPU: engines, seconds, GPU memory, and whether figures agree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...contract import EXIT_DONE, Progress, Result
from ...fitting import CudaOffer, choose_device, cuda_offer, describe_cuda
from ...runner import StageInTerminal
from ..bench import Bench
from ..markdown import Heads, markdown_table
from .parts import NOT_MEASURED, PART_HEADS, PARTS, Part, measure_parts, part_table
from .trials import TRIALS, Figure, Trial

MOST_SECONDS = 600.0  # of all jobs together
PARTS_SHARE = 0.2  # of those seconds, after which no further part of a wall is begun
HEADS: Heads = (":recipe", ":device", ":engines", "seconds", "peak GPU MB", ":figures", ":equal to the CPU's")
_DEVICES = ("cuda", "cpu")  # in this order: where time is short, the CPU's jobs are left out


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A finished job."""

    recipe: str
    device: str
    engines: Mapping[str, str]
    seconds: float
    peak_gpu_mb: float | None  # None where the job used no GPU
    figures: Mapping[str, float]


def run(out: Path, seconds: float = MOST_SECONDS) -> str:
    """Run parts of a wall and a small job of each recipe on CUDA and on the CPU, and compare. Without a GPU nothing is measured.

    Args:
        out: the folder of inputs, jobs and gpu.json
        seconds: the most that all jobs together may take; what does not fit is not measured
    """
    with StageInTerminal("Measuring", sys.stderr) as report:
        return bench_gpu(out.absolute(), TRIALS, cuda_offer(), seconds, report, PARTS)


def bench_gpu(
    out: Path, trials: Sequence[Trial], offer: CudaOffer, seconds: float, report: Progress, parts: Sequence[Part] = ()
) -> str:
    """Measure `parts` and `trials` in `out`, where `offer` has no obstacle; the report in markdown."""
    obstacle = offer.obstacle()
    if obstacle:
        return f"On CUDA: {NOT_MEASURED}, since {obstacle}.\n\n{gpu_table(trials, [])}\n{part_table(parts, [])}"
    out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    device = choose_device(report, offer=offer)
    of_parts = list(measure_parts(parts, device, time.monotonic() + PARTS_SHARE * seconds, report))
    measured: list[Measurement] = []
    for measurement in _measure(out, trials, end, report):
        measured.append(measurement)
        (out / "gpu.json").write_text(json.dumps([asdict(entry) for entry in measured], indent=1) + "\n", encoding="utf-8")
    report(1.0, "done")
    return f"{_machine(offer)}\n\n{gpu_table(trials, measured)}\n{part_table(parts, of_parts)}"


def _measure(out: Path, trials: Sequence[Trial], end: float, report: Progress) -> Iterator[Measurement]:
    count = len(trials) * len(_DEVICES)
    for number, (device, trial) in enumerate((device, trial) for device in _DEVICES for trial in trials):
        report(number / count, f"{trial.recipe} on {device}")
        source = out / trial.recipe / "input"
        if not source.is_dir():
            source.mkdir(parents=True)
        left = end - time.monotonic()
        measurement = run_trial(trial, trial.make_input(source), out / trial.recipe / device, device, left)
        if measurement is None:
            report.note(f"{trial.recipe} on {device} was not measured: see {out / trial.recipe / device}")
        else:
            yield measurement


def run_trial(trial: Trial, source: Path, job: Path, device: str, seconds: float) -> Measurement | None:
    """Run one job in a process of its own; None where it failed or took longer than `seconds`.

    On the CPU the GPUs are hidden from the process.
    """
    command = [sys.executable, "-m", "grotto.cli", "run", trial.recipe, str(source), "--out", str(job), *_flags(trial)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else None
    if job.is_dir():
        shutil.rmtree(job)  # stages of an earlier job would be kept
    began = time.monotonic()
    try:
        ended = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=max(seconds, 0.0), check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if ended.returncode != EXIT_DONE:
        return None
    result = Result.read(job)
    peak = result.facts.get("peak_gpu_memory_mb")
    return Measurement(
        recipe=trial.recipe,
        device=device,
        engines=result.engines,
        seconds=time.monotonic() - began,
        peak_gpu_mb=None if peak is None else float(str(peak)),
        figures={figure.fact: _value(result.facts, figure.fact) for figure in trial.figures},
    )


def gpu_table(trials: Sequence[Trial], measured: Sequence[Measurement]) -> str:
    """The table: two rows a trial, each job's figures and whether CUDA's are equal to the CPU's within their tolerances."""
    by_job = {(entry.recipe, entry.device): entry for entry in measured}
    rows = []
    for trial in trials:
        cpu = by_job.get((trial.recipe, "cpu"))
        for device in _DEVICES:
            entry = by_job.get((trial.recipe, device))
            if entry is None:
                rows.append((trial.recipe, device, NOT_MEASURED, "", "", "", ""))
                continue
            engines = ", ".join(f"{part}: {engine}" for part, engine in entry.engines.items())
            peak = "" if entry.peak_gpu_mb is None else f"{entry.peak_gpu_mb:.0f}"
            figures = ", ".join(f"{fact} {value:.4g}" for fact, value in entry.figures.items())
            equal = "" if device == "cpu" else NOT_MEASURED if cpu is None else _comparison(trial.figures, entry, cpu)
            rows.append((trial.recipe, device, engines, f"{entry.seconds:.0f}", peak, figures, equal))
    return markdown_table(HEADS, rows)


def _comparison(figures: Sequence[Figure], cuda: Measurement, cpu: Measurement) -> str:
    """ "yes, within 1.5" of all figures, or those that differ."""
    differing = []
    for figure in figures:
        difference = abs(cuda.figures[figure.fact] - cpu.figures[figure.fact])
        allowed = figure.tolerance * (abs(cpu.figures[figure.fact]) if figure.relative else 1.0)
        if not difference <= allowed:  # also where one is no number
            differing.append(f"{figure.fact} differs by {difference:.4g}")
    if differing:
        return f"NO: {', '.join(differing)}"
    return "yes, within " + ", ".join(
        f"{figure.tolerance * 100:g} %" if figure.relative else f"{figure.tolerance:g}" for figure in figures
    )


def _value(facts: Mapping[str, object], name: str) -> float:
    value: object = facts
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, list | tuple):
        return float(len(value))
    return float(value) if isinstance(value, int | float) else float("nan")


def _flags(trial: Trial) -> list[str]:
    flags = ["--quality", "draft"]
    for name, value in trial.options.items():
        flag = name.replace("_", "-")
        flags += [f"--{flag}" if value else f"--no-{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    return flags


def _machine(offer: CudaOffer) -> str:
    packages = ", ".join(sorted(offer.packages)) or "neither gsplat nor warp-lang"
    return f"Measured on {describe_cuda().split(',')[0]}, with {packages}; the tolerances are those of `TRIALS`."


BENCH = Bench(name="gpu", title="Each recipe on CUDA and on the CPU", run=run, tables=(HEADS, PART_HEADS))
