"""One place chooses the device, and one room measures memory. Sources are read, not run; planted violations test the test."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsed_sources import tree

from grotto.fitting import CUDA_PACKAGES

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend" / "grotto"
CHOOSER = Path("fitting/device.py")
# watches processes; kills them; raises the limit of open files
PROCESS_ROOMS = (Path("runner"), Path("evaluation/faults"), Path("server/connections.py"))
APART = Path("models/outside/runners")  # run in the environments of other models
OF_A_TENSOR = {"current_stream"}  # of torch.cuda: about a device that was chosen before
PLACES = {"to", "device", "full", "empty", "zeros", "ones", "tensor", "as_tensor", "arange", "rand", "randn", "Generator", "load"}


def device_violations(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and cause wherever a module asks torch for CUDA or names a CUDA device."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and dotted(node.value) == "torch.cuda" and node.attr not in OF_A_TENSOR:
            yield node.lineno, f"asks torch.cuda.{node.attr}"
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.name for alias in node.names]
            source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if source.startswith("torch.cuda") or (source == "torch" and "cuda" in names) or "torch.cuda" in names:
                yield node.lineno, "imports torch.cuda"
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "cuda":
                yield node.lineno, "moves to CUDA"
            arguments = [keyword.value for keyword in node.keywords if keyword.arg in ("device", "map_location")]
            if isinstance(node.func, ast.Attribute | ast.Name) and dotted(node.func).split(".")[-1] in PLACES:
                arguments += node.args
            for argument in arguments:
                if any(isinstance(part, ast.Constant) and str(part.value).startswith("cuda") for part in ast.walk(argument)):
                    yield node.lineno, "names a CUDA device"


def dotted(node: ast.AST) -> str:
    """The words of "torch.cuda.is_available"; what is no name stands as a question mark."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def memory_violations(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and cause wherever a module measures memory by itself."""
    for node in ast.walk(module):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0] in ("psutil", "resource") for name in names):
            yield node.lineno, "measures memory"


def violations(backend: Path) -> list[str]:
    found = []
    for path in sorted(backend.rglob("*.py")):
        place = path.relative_to(backend)
        if place.is_relative_to(APART):
            continue
        module = tree(path)
        faults = [] if place == CHOOSER else list(device_violations(module))
        faults += [] if any(map(place.is_relative_to, PROCESS_ROOMS)) else list(memory_violations(module))
        found += [f"{place.as_posix()}:{line}: {cause}" for line, cause in faults]
    return found


def test_only_fitting_device_asks_for_cuda_and_only_the_runner_measures_memory() -> None:
    assert violations(BACKEND) == []


@pytest.mark.parametrize(
    "line",
    [
        "torch.cuda.is_available()",
        "torch.device('cuda' if fast else 'cpu')",
        "tensor.to('cuda:0')",
        "tensor.cuda()",
        "torch.zeros(3, device='cuda')",
        "torch.load(path, map_location='cuda')",
        "from torch.cuda import is_available",
        "from torch import cuda",
        "torch.cuda.empty_cache()",
        "import psutil",
        "from resource import getrusage",
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, line: str) -> None:
    for place in ("fields/fit.py", "models/outside/runners/run.py"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text("if tensor.device.type == 'cuda':\n    stream = torch.cuda.current_stream(tensor.device)\n")
    assert violations(tmp_path) == []
    for place in ("fields/fit.py", "models/outside/runners/run.py"):
        (tmp_path / place).write_text(line + "\n")
    assert [fault.split(":")[0] for fault in violations(tmp_path)] == ["fields/fit.py"]


def test_packages_for_cuda_are_an_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[<>=~!; ]", name)[0] for name in project["optional-dependencies"]["cuda"]}
    assert extra == set(CUDA_PACKAGES)
