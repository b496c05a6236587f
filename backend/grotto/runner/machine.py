"""What this machine offers: versions of the parts, processors, CUDA. Nothing heavy is imported to find out."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from ..contract import VERSION
from ..fitting import cuda_is_present

PARTS = (  # the dependencies of pyproject.toml
    "numpy", "scipy", "pycolmap", "opencv-python-headless", "torch", "fast-simplification", "Pillow", "pillow-heif", "rasterio",
    "fastapi", "starlette", "uvicorn", "h11", "pydantic", "tyro", "platformdirs", "psutil", "matplotlib", "jinja2", "numba",
    "scikit-image", "xatlas", "manifold3d", "embreex", "trimesh", "safetensors", "diffusers", "transformers", "kornia",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of Grotto, Python and the parts that are installed."""
    found = {"grotto": VERSION, "python": platform.python_version()}
    for part in PARTS:
        try:
            found[part] = metadata.version(part)
        except metadata.PackageNotFoundError:
            continue
    return found


def missing_parts() -> list[str]:
    """Parts that Grotto needs and that are not installed."""
    return [part for part in PARTS if part not in versions()]


def has_cuda() -> bool:
    """Whether torch could use CUDA here: a driver's device is there and the installed torch was built for it."""
    return cuda_is_present()


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
