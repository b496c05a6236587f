"""Which of a fit's views are set aside to judge meshes by."""

from __future__ import annotations

from collections.abc import Sequence

from ..scene import View

FEW_VIEWS = 12  # up to here no view can be spared: the fit's own views judge
_JUDGES = 8  # at most, and one view in ten


def split_judges(views: Sequence[View]) -> tuple[list[View], list[View]]:
    """(views to fit to, views to judge by): one in ten, never of those held out; none where views are few."""
    if len(views) <= FEW_VIEWS:
        return list(views), []
    count = min(_JUDGES, max(2, len(views) // 10))
    chosen = {round((i + 0.5) * len(views) / count) for i in range(count)}
    return [view for i, view in enumerate(views) if i not in chosen], [view for i, view in enumerate(views) if i in chosen]
