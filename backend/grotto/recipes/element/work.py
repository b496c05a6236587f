"""The element's part of its picture at working size."""

from __future__ import annotations

from ...relief.outline import WorkingCut, working_cut
from .cut import CutElement


def work_cut(cut: CutElement) -> WorkingCut:
    """Decode a cut-out and bring the element's part of it to working size."""
    return working_cut(cut.colour(), cut.alpha(), cut.box)
