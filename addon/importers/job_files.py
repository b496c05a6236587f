"""Files of a job folder by the paths that its documents give, which may be anybody's."""

from __future__ import annotations

from pathlib import Path

from ...backend.grotto.contract import bad_input


def place_in_job(folder: Path, relative: str) -> Path:
    """Return a path below a job folder. Raises ProblemError for one that leads out of it, through links, too."""
    path = folder / relative
    if not is_in_job(folder, path):
        raise bad_input(f"{folder} names files that are not in it", "choose a complete job folder that Grotto made")
    return path


def file_of_job(folder: Path, relative: str) -> Path:
    """Return a file, or a folder, below a job folder. Raises ProblemError where it is missing or elsewhere."""
    path = place_in_job(folder, relative)
    if not path.is_file() and not path.is_dir():  # a pipe has no end
        raise bad_input(f"{path} is missing", "run the job again, or choose a complete job folder")
    return path


def is_in_job(folder: Path, path: Path) -> bool:
    """Whether a path leads into a job folder."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # no name of a file, or a circle of links
        return False
