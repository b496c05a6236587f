"""The one door to outside models: a cut-out in, a checked mesh with its colours out, whichever model generated it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract import ProblemError, Progress, bug, missing_resource
from ...fitting import free_gpu_bytes, release_cached_memory
from ..registry import Connection, OutsideModel, outside_model
from .process import Ended, run_outside
from .reading import GeneratedMesh, read_result, unusable
from .request import PROTOCOL, OutsideSettings, write_request

LOG = "model.log"
START = Path(__file__).with_name("runners") / "start.py"
_PATIENCE_S = 1200.0  # without any output: weights are loaded, and a texture is baked, in silence


def generate_mesh(
    picture: NDArray[np.float32], connection: Connection, settings: OutsideSettings, folder: Path, report: Progress
) -> GeneratedMesh:
    """Generate a mesh from an RGBA picture (h, w, 4), straight, 0 to 1, with an installed model; its files stay in `folder`.

    Raises a missing resource where the GPU is absent or too small, where package or weights are absent, or where the result is
    not usable; `Cancelled` when the job is cancelled, with the process ended.
    """
    model = outside_model(connection.name)
    memory, least_mb = model.memory_in(Path(connection.folder))
    model = replace(model, memory=memory, memory_mb=least_mb)
    release_cached_memory()  # ours of earlier stages: the model's process cannot use what ours keeps
    device = _device(model, settings.device, report)
    request = write_request(picture, connection, replace(settings, device=device), folder)
    command = [connection.python, "-I", "-u", str(START), str(request)]
    return run_model(command, model, folder, report)


def run_model(
    command: list[str], model: OutsideModel, folder: Path, report: Progress, patience_s: float = _PATIENCE_S
) -> GeneratedMesh:
    """Run the script of a model and read its result. Raises what `generate_mesh` does."""
    report(0.0, f"starting {model.title}")
    ended = run_outside(command, folder, folder / LOG, patience_s, report)
    if problem := _problem_of(ended, model, patience_s):
        raise problem
    left = read_result(folder, model)
    report(1.0, f"{model.title} is done")
    return left


def _device(model: OutsideModel, request: str, report: Progress) -> str:
    """Choose the device that the model is asked to use; the CPU, with a note, where a GPU has too little free memory.

    Raises a missing resource where the model cannot work on the requested device.
    """
    if request == "cpu":
        if model.needs_cuda:
            raise missing_resource(
                f"{model.title} works on a GPU with CUDA only", "choose another device or generator", option="generator_device"
            )
        return "cpu"
    free_mb = _free_gpu_mb()
    required = model.needs_cuda or request == "cuda"
    if free_mb is None:
        if required:
            raise missing_resource(
                f"{model.title} needs CUDA, which is not available",
                f"it needs {model.memory}; choose another route",
                option="route",
            )
        return "cpu"
    if free_mb >= model.memory_mb:
        return "cuda"
    shortage = f"{model.title} needs {model.memory}, and {free_mb / 1000:.1f} GB are free"
    if required:
        raise missing_resource(shortage, "close other programs that use the GPU, or choose another route")
    report.note(f"Computed on the CPU although a GPU is present: {shortage}")
    return "cpu"


def _free_gpu_mb() -> float | None:
    free = free_gpu_bytes()
    return None if free is None else free / 1e6


def _problem_of(ended: Ended, model: OutsideModel, patience_s: float) -> ProblemError | None:
    """The problem of a process that failed; None where it succeeded."""
    last = f"; its last lines: {' / '.join(list(ended.last_lines)[-4:])}" if ended.last_lines else ""
    if ended.silent:
        return missing_resource(
            f"{model.title} wrote nothing for {patience_s:.0f} s and was ended{last}", "check that it works by itself"
        )
    if ended.protocol is None:
        return missing_resource(
            f"{model.title} could not be started (its Python ended with code {ended.exit_code}){last}", model.how_to_get()
        )
    if ended.protocol != PROTOCOL:
        return bug(f"{model.title} uses protocol {ended.protocol} instead of {PROTOCOL}")
    if ended.error is not None:
        return _problem_of_error(str(ended.error.get("kind")), str(ended.error.get("text", "")), model, last)
    if ended.exit_code or not ended.done:
        how = f"it ended with code {ended.exit_code}" if ended.exit_code >= 0 else f"signal {-ended.exit_code} ended it"
        return unusable(model, f"{how} before it was done{last}")
    return None


def _problem_of_error(kind: str, text: str, model: OutsideModel, last: str) -> ProblemError:
    if kind == "not_installed":
        return missing_resource(f"{model.title} is incomplete in its environment ({text})", model.how_to_get())
    if kind == "weights":
        return missing_resource(f"the weights of {model.title} are not there ({text})", model.how_to_get())
    if kind == "out_of_memory":
        return missing_resource(
            f"{model.title} ran out of memory; it needs {model.memory}",
            "close other programs that use the GPU, or choose another route",
        )
    return unusable(model, f"it failed ({json.dumps(text, ensure_ascii=False)}){last}")
