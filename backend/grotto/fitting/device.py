"""Device choice: the only place in the backend that asks for CUDA.

torch is loaded when a device is chosen and not before, so that a command line or a server can look for CUDA cheaply.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import Action, Progress, bad_input, missing_resource

if TYPE_CHECKING:
    import torch

REQUESTS = ("auto", "cuda", "cpu")
CUDA_PACKAGES = {"gsplat": "gsplat", "warp-lang": "warp"}  # the extra `cuda` of pyproject.toml: package and module
_INSTALL = "install the extra `cuda` (see the README)"


@dataclass(frozen=True, kw_only=True)
class CudaOffer:
    """What the machine, torch and the installed packages offer of CUDA."""

    driver: bool  # an NVIDIA driver is present, and CUDA_VISIBLE_DEVICES does not hide its GPUs
    built: bool  # the installed torch was built for CUDA
    usable: bool  # torch can use it
    packages: frozenset[str] = frozenset()  # those of CUDA_PACKAGES that are installed

    def obstacle(self, package: str = "") -> str:
        """Part of a sentence: what keeps CUDA, with `package` where one is named, from being used. Empty where nothing does."""
        if not self.driver:
            return "no GPU with an NVIDIA driver was found"
        if not self.built:
            return "the installed torch was built without CUDA; install a build of torch with CUDA"
        if not self.usable:
            return "torch cannot use it; update the NVIDIA driver"
        return f"{package} is not installed; {_INSTALL}" if package and package not in self.packages else ""


def cuda_offer() -> CudaOffer:
    """Look for CUDA: the only question of the backend to torch whether it is available."""
    driver, built = _driver_is_present(), _torch_has_cuda()
    usable = False
    if driver and built:
        import torch

        usable = torch.cuda.is_available()
    return CudaOffer(driver=driver, built=built, usable=usable, packages=frozenset(CUDA_PACKAGES) - set(missing_cuda_packages()))


def choose_device(report: Progress, request: str = "auto", *, package: str = "", offer: CudaOffer | None = None) -> torch.device:
    """Choose where to compute: CUDA where torch can use it and `package` is installed, else the CPU.

    `request` is one of REQUESTS; `package` is the one of CUDA_PACKAGES without which the caller is not fast on CUDA; `offer` is
    looked up where it is None. A GPU that is present and not used is noted in `report`, with the reason and the remedy. Raises
    bad input for another request, a missing resource where "cuda" is requested and cannot be used.
    """
    import torch

    if request not in REQUESTS:
        raise bad_input(f"there is no device {request!r}", f"choose one of {', '.join(REQUESTS)}")
    if request == "cpu":
        return torch.device("cpu")
    offer = offer or cuda_offer()
    obstacle = offer.obstacle(package)
    if not obstacle:
        return torch.device("cuda", 0)  # with its index, as tensors name it: devices are compared
    if request == "cuda":
        raise missing_resource(f"CUDA cannot be used: {obstacle}", "choose the device cpu or auto", Action.CHANGE_OPTIONS)
    if offer.driver:
        report.note(f"Computed on the CPU although a GPU is present: {obstacle}")
    return torch.device("cpu")


def choose_gpu(report: Progress) -> torch.device | None:
    """The GPU where CUDA can be used, else None: for what another package does on the CPU, so that no torch is loaded there.

    A GPU that is present and not used is noted in `report`.
    """
    offer = cuda_offer()
    if not offer.driver:
        return None
    device = choose_device(report, offer=offer)
    return device if device.type == "cuda" else None


def cuda_is_present() -> bool:
    """Whether a driver and a torch built for CUDA are installed. Loads nothing; torch may yet be unable to use the GPU."""
    return _driver_is_present() and _torch_has_cuda()


def missing_cuda_packages() -> list[str]:
    """Packages of the extra `cuda` that are not installed."""
    return [package for package, module in CUDA_PACKAGES.items() if importlib.util.find_spec(module) is None]


def describe_cuda() -> str:
    """Describe the GPU, its free memory and what is missing for it, or what keeps it from being used."""
    obstacle = cuda_offer().obstacle()
    if obstacle:
        return f"not used: {obstacle}"
    import torch

    lacking = missing_cuda_packages()
    without = f"; without {' and '.join(lacking)}: {_INSTALL}" if lacking else ""
    return f"{torch.cuda.get_device_name(0)}, {torch.cuda.mem_get_info(0)[0] / (1 << 30):.1f} GB free{without}"


def free_gpu_bytes() -> int | None:
    """Free memory of the GPU; None where CUDA cannot be used."""
    if not cuda_offer().usable:
        return None
    import torch

    return int(torch.cuda.mem_get_info(0)[0])


def half_precision_is_native(device: torch.device) -> bool:
    """Whether matrices of bfloat16 are multiplied by instructions of the device itself."""
    import torch

    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def release_cached_memory() -> None:
    """Return cached GPU memory that no tensor uses; nothing in a process that uses no GPU."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def peak_gpu_memory_mb() -> float | None:
    """The most GPU memory that tensors of this process held at once, in MB; None where it used no GPU."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    return float(torch.cuda.max_memory_allocated()) / (1 << 20)


def _driver_is_present() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False  # the user hides it
    if sys.platform == "linux":
        return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvcuda.dll").exists()
    return False


def _torch_has_cuda() -> bool:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^cuda\b.*=\s*['\"]\d", text, re.MULTILINE) is not None
