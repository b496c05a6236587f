"""What this machine offers to Grotto and what is missing, as text."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ..contract import read_runtime
from ..fitting import CudaOffer, cuda_offer, describe_cuda
from ..models.registry import MODELS, OUTSIDE_MODELS, is_connected, is_installed
from ..recipes import RECIPES
from ..runner import free_bytes, has_cuda, missing_parts, processors, total_bytes, versions
from .client import answers
from .start import state_folder

_ONLY = {"matches": "with --matcher attention"}  # stages that compute on a GPU with an option alone
_GB = 1 << 30


def doctor_text() -> tuple[str, list[str]]:
    """The findings, a line each, and in words what is missing."""
    rows = [(name, version) for name, version in versions().items()]
    rows += [("processors", str(processors())), ("memory", _memory()), ("CUDA", _cuda()), ("COLMAP", _colmap())]
    rows += [("state", str(state_folder())), ("disk of the state", _disk(state_folder())), ("backend", _backend())]
    rows += [*gpu_rows(cuda_offer()), ("models", _models())]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name.ljust(width)}  {value}" for name, value in rows]
    return "\n".join(lines) + "\n", [f"the Python package {part}" for part in missing_parts()]


def _memory() -> str:
    return f"{free_bytes() / _GB:.1f} GB free of {total_bytes() / _GB:.1f} GB"


def _cuda() -> str:
    cpu = "everything runs on the processors, at draft quality where none is named"
    return describe_cuda() if has_cuda() else f"none ({cuda_offer().obstacle()}): {cpu}"


def gpu_rows(offer: CudaOffer) -> list[tuple[str, str]]:
    """A row a recipe: which of its stages compute on the GPU here, and what keeps the others from it."""
    return [(f"GPU in {name}", _gpu_stages(_as_said(entry.gpu_stages), offer)) for name, entry in RECIPES.items()]


def _as_said(stages: Mapping[str, str]) -> dict[str, str]:
    return {f"{name} ({_ONLY[name]})" if name in _ONLY else name: package for name, package in stages.items()}


def _gpu_stages(stages: Mapping[str, str], offer: CudaOffer) -> str:
    if not stages:
        return "no stage: all compute on the processors"
    if obstacle := offer.obstacle():
        return f"none here ({obstacle}); {', '.join(stages)} would"
    useful = [name for name, package in stages.items() if not offer.obstacle(package)]
    idle = [f"{name} not: {offer.obstacle(package)}" for name, package in stages.items() if offer.obstacle(package)]
    return "; ".join([", ".join(useful), *idle])


def _colmap() -> str:
    try:
        import pycolmap
    except ImportError as error:
        return f"cannot be loaded ({error})"
    return f"{pycolmap.__version__}, {'with' if pycolmap.has_cuda else 'without'} CUDA"


def _disk(folder: Path) -> str:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return f"{shutil.disk_usage(there).free / _GB:.1f} GB free"


def _models() -> str:
    found = [name for name in MODELS if is_installed(name)] + [
        f"{name} (connected)" for name in OUTSIDE_MODELS if is_connected(name)
    ]
    return ", ".join(found) or "none is installed or connected: see `grotto models list`"


def _backend() -> str:
    runtime = read_runtime()
    if runtime is None or not answers(runtime):
        return "none is running"
    return f"{runtime.url}, process {runtime.pid}, Grotto {runtime.version}"
