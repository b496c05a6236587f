"""Write a file under another name first: the earlier file stays until the new one is whole."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...backend.grotto.contract import Action, ProblemError, bad_input, missing_resource

EXCEPTION = re.compile(r"^(\w*(?:Error|Exception)\b.*)$", re.MULTILINE)


def chosen_path(named: str, suffix: str, known: tuple[str, ...]) -> Path:
    """Return the path with the format's suffix; another format's suffix is replaced. Raises ProblemError for no file name."""
    name = named.replace("\\", "/").rpartition("/")[2].strip()
    if name in ("", ".", "..", suffix):
        raise bad_input("no file is named", f"give the file a name, such as result{suffix}", Action.NONE)
    path = Path(named)
    if path.suffix.lower() != suffix:
        path = path.with_suffix(suffix) if path.suffix.lower() in known else path.with_name(path.name + suffix)
    if path.is_dir():
        raise bad_input(f"{path} is a folder", "choose another name", Action.NONE)
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the file's path in a new folder beside it; after the block all that lies there takes its place.

    A block that raises leaves the earlier files as they were. Raises ProblemError where the disk refuses.
    """
    folder = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".grotto-export-", dir=path.parent))
        yield folder / path.name
        _move(folder, path)
    except ProblemError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise missing_resource(f"{path} can not be written ({reason})", "choose another folder") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _move(folder: Path, path: Path) -> None:
    """Move the files; the named one comes last, as it names the others."""
    files = sorted((file for file in folder.rglob("*") if file.is_file()), key=lambda file: file == folder / path.name)
    for file in files:
        target = path.parent / file.relative_to(folder)
        target.parent.mkdir(exist_ok=True)
        file.replace(target)


def reason_in(text: str) -> str:
    """Return the last exception of a traceback in one line, or the text itself where it holds none."""
    found: list[str] = EXCEPTION.findall(text)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Location:")]
    return (found or lines or ["no reason was given"])[-1][:200]
