"""What this machine offers: versions of the parts, processors, CUDA. Nothing heavy is imported to find out."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from ..contract import VERSION

PARTS = (  # the dependencies of pyproject.toml
    "numpy", "scipy", "pycolmap", "opencv-python-headless", "torch", "fast-simplification", "Pillow", "pillow-heif", "rasterio",
    "fastapi", "starlette", "uvicorn", "pydantic", "tyro", "platformdirs", "psutil", "matplotlib", "jinja2", "numba",
    "scikit-image", "xatlas", "manifold3d", "embreex", "trimesh", "safetensors", "diffusers", "transformers", "huggingface-hub",
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
    return _cuda_device() and _torch_built_for_cuda()


def _cuda_device() -> bool:
    if sys.platform == "linux":
        return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvcuda.dll").exists()
    return False


def _torch_built_for_cuda() -> bool:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^cuda\b.*=\s*['\"]\d", text, re.MULTILINE) is not None


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
