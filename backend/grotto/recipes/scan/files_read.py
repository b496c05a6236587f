"""Which files of the user's the stages of a scan read for an input: what their stamps must follow."""

from __future__ import annotations

from pathlib import Path

from ...contract import ProblemError
from ...contract.options import PhotoOptions
from ...views import document_files, document_of, other_cameras
from ..inputs import pictures_read


def scan_files_read(source: Path) -> list[tuple[str, Path | None]] | None:
    """Those of a folder of photos, or a document of cameras with the files that it lists; None for another file, as a video."""
    document = document_of(source)
    try:
        if document is not None:
            return list(document_files(document, PhotoOptions()))
    except (ProblemError, OSError) as error:  # it cannot be read, which the stage says
        return [(str(error), None)]
    pictures = pictures_read(source)
    return None if pictures is None else [*pictures, *((name, None) for name in other_cameras(source))]
