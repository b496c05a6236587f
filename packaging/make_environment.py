"""Make Grotto's environments: `.venv` (the backend) and `.venv-blender` (Blender as a Python module).

    python3 packaging/make_environment.py backend
    python3 packaging/make_environment.py blender 5.0.1 [--folder .venv-blender]

Standard library only, since it runs before anything is installed. Versions come from the locks beside this file. A stamp
in the environment holds the hash of what it was made from, so that a second run ends at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "packaging"
STAMP = "made-from.txt"
MISSING = 3  # exit code: something that the work needs is not there
BACKEND_PYTHON = "3.11"  # the locks were made with it
PYTHON_OF_BLENDER = {"4.2": "3.11", "4.5": "3.11", "5.0": "3.11", "5.2": "3.13"}
DEBIAN_PACKAGE_OF = {
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
}
PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip"


class Missing(Exception):
    """Something is not there; the text says what, and how to get it."""


def say(text: str) -> None:
    sys.stderr.write(f"set-up: {text}\n")
    sys.stderr.flush()


def run(command: list[str], timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)


def candidates(version: str) -> Iterator[Path]:
    """Places where a Python of this version may be, the user's own choice (PATH) first."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in (f"python{version}", "python3"):
            yield Path(folder) / name
    for folder in (Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")):
        yield folder / f"python{version}"
    yield from sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}*/bin/python{version}"), reverse=True)
    yield from sorted((Path.home() / ".local/share/uv/python").glob(f"cpython-{version}*/bin/python{version}"), reverse=True)
    uv = shutil.which("uv")
    if uv:
        yield Path(run([uv, "python", "find", version], timeout=30).stdout.strip())


def find_python(version: str) -> Path:
    """A Python of this version that really runs and can make environments: a shim may exist and fail."""
    without_venv: Path | None = None
    for path in dict.fromkeys(candidates(version)):
        if not (path.is_file() and os.access(path, os.X_OK)):
            continue
        try:
            answer = run([str(path), "-c", PROBE], timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.stdout.strip() != version:
            continue
        if answer.returncode == 0:
            return path
        without_venv = without_venv or path
    if without_venv:
        raise Missing(f"{without_venv} cannot make environments: install its venv module (Debian: apt-get install python3-venv)")
    source = "Debian 12: apt-get install python3-venv" if version == "3.11" else "pyenv or uv can; Debian 12 has 3.11 only"
    raise Missing(f"no Python {version} was found that runs: install it ({source})")


def fingerprint(locks: list[Path], version: str) -> str:
    """The hash of everything that an environment is made from; the folder counts, since the backend is installed in place."""
    digest = hashlib.sha256(f"{version}\n{ROOT}\n".encode())
    for path in [*locks, Path(__file__), ROOT / "pyproject.toml"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def pip(python: Path, *arguments: str) -> None:
    answer = run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *arguments])
    if answer.returncode != 0:
        said = "\n".join((answer.stderr or answer.stdout).strip().splitlines()[-12:])
        raise Missing(f"pip could not install: see to the network, the disk or the package named here, and try again\n{said}")


def make(folder: Path, version: str, locks: list[Path], in_place: bool) -> None:
    """Make or mend the environment `folder` from the locks."""
    python = folder / "bin" / "python"
    if not python.exists() or run([str(python), "-m", "pip", "--version"]).returncode != 0:
        base = find_python(version)
        say(f"{folder.name} with Python {version} ({base})")
        shutil.rmtree(folder, ignore_errors=True)
        answer = run([str(base), "-m", "venv", str(folder)])
        if answer.returncode != 0:
            raise Missing(f"{base} could not make {folder.name}:\n{(answer.stderr or answer.stdout).strip()}")
    names = [line for lock in locks for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line]
    say(f"{len(names)} packages from {' and '.join(lock.name for lock in locks)} into {folder.name} (minutes the first time)")
    start = time.monotonic()
    pip(python, *[word for lock in locks for word in ("-r", str(lock))])
    if in_place:
        pip(python, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    say(f"{folder.name} installed in {time.monotonic() - start:.0f} s")


def check_backend(folder: Path) -> None:
    answer = run([str(folder / "bin" / "python"), "-c", "import grotto.contract, numpy, cv2, pycolmap, torch, rasterio"])
    if answer.returncode != 0:
        raise Missing(
            f"the backend does not import: {answer.stderr.strip().splitlines()[-1]}; delete {folder.name} and try again"
        )


def missing_libraries(folder: Path) -> list[str]:
    """Shared libraries that Blender's module needs and this system lacks; EGL is loaded late, when a picture is drawn."""
    found: set[str] = set()
    for module in folder.glob("lib/python*/site-packages/bpy/__init__*.so"):
        found |= set(re.findall(r"(\S+) => not found", run(["ldd", str(module)]).stdout))
    if run([str(folder / "bin" / "python"), "-c", "import ctypes; ctypes.CDLL('libEGL.so.1')"]).returncode != 0:
        found.add("libEGL.so.1")
    return sorted(found)


def check_blender(folder: Path) -> None:
    if sys.platform == "linux":
        lost = missing_libraries(folder)
        if lost:
            packages = " ".join(sorted({DEBIAN_PACKAGE_OF.get(name, f"<the package of {name}>") for name in lost}))
            raise Missing(f"Blender needs {', '.join(lost)}: apt-get install --no-install-recommends {packages}")
    answer = run([str(folder / "bin" / "python"), "-c", "import bpy"])
    if answer.returncode != 0:
        raise Missing(f"Blender's module does not import: {(answer.stderr.strip().splitlines() or ['no message'])[-1]}")


def backend() -> None:
    folder = ROOT / ".venv"
    locks = [LOCKS / "backend.lock", LOCKS / "development.lock"]
    mark = fingerprint(locks, BACKEND_PYTHON)
    if is_made(folder, mark):
        return
    make(folder, BACKEND_PYTHON, locks, in_place=True)
    check_backend(folder)
    (folder / STAMP).write_text(mark + "\n", encoding="utf-8")


def blender(release: str, folder: Path) -> None:
    lock = LOCKS / f"blender-{release}.lock"
    version = PYTHON_OF_BLENDER.get(release.rpartition(".")[0])
    if version is None or not lock.exists():
        known = ", ".join(sorted(path.stem.removeprefix("blender-") for path in LOCKS.glob("blender-*.lock")))
        raise Missing(f"there is no lock for Blender {release}: choose one of {known}")
    mark = fingerprint([lock], version)
    if is_made(folder, mark):
        return
    make(folder, version, [lock], in_place=False)
    check_blender(folder)
    (folder / STAMP).write_text(mark + "\n", encoding="utf-8")


def is_made(folder: Path, mark: str) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8").strip() == mark and (folder / "bin" / "python").exists()


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the environments that Grotto is built, tested and shown in.")
    parser.add_argument("what", choices=("backend", "blender"))
    parser.add_argument("release", nargs="?", default="5.0.1", help="Blender's release, such as 4.5.15")
    parser.add_argument("--folder", default="", help="the environment's folder, in the repository")
    chosen = parser.parse_args()
    try:
        if chosen.what == "backend":
            backend()
        else:
            blender(chosen.release, ROOT / (chosen.folder or f".venv-blender-{chosen.release}"))
    except Missing as missing:
        say(str(missing))
        return MISSING
    return 0


if __name__ == "__main__":
    sys.exit(main())
