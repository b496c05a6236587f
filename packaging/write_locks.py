"""Write packaging/backend.lock and packaging/development.lock from what is installed in the environment that runs this.

    .venv/bin/python packaging/write_locks.py

Run it after adding a package to pyproject.toml and installing it. The locks hold names and versions only: no index, no hash,
and no local suffix such as +cpu, so that everybody gets the build that suits the machine.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(roots: list[str]) -> set[str]:
    """The names of the installed packages that `roots` need, themselves included."""
    waiting = [Requirement(root) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = (plain(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        for line in importlib.metadata.requires(wanted.name) or []:
            part = Requirement(line)
            if part.marker is None or any(part.marker.evaluate({"extra": extra}) for extra in wanted.extras or {""}):
                waiting.append(part)
    return {name for name, _ in seen}


def write(path: Path, names: set[str]) -> None:
    pins = [f"{name}=={importlib.metadata.version(name).partition('+')[0]}" for name in sorted(names)]
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    backend = needed([*project["project"]["dependencies"], *project["build-system"]["requires"]])
    development = needed(project["project"]["optional-dependencies"]["development"]) - backend
    write(ROOT / "packaging" / "backend.lock", backend)
    write(ROOT / "packaging" / "development.lock", development)


if __name__ == "__main__":
    main()
