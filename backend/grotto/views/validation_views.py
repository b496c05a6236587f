"""Validation views: held back from a fit, to choose between its results."""

from __future__ import annotations

from collections.abc import Sequence

from ..scene import View

FEW_VIEWS = 12  # up to this number all views are fitted, and meshes are compared on the fitted views
_MOST_VALIDATION = 8  # at most, and one view in ten


def split_validation_views(views: Sequence[View]) -> tuple[list[View], list[View]]:
    """Split views into (views to fit, validation views): one in ten, at most eight; none of `FEW_VIEWS` or fewer."""
    if len(views) <= FEW_VIEWS:
        return list(views), []
    count = min(_MOST_VALIDATION, max(2, len(views) // 10))
    chosen = {round((i + 0.5) * len(views) / count) for i in range(count)}
    return [view for i, view in enumerate(views) if i not in chosen], [view for i, view in enumerate(views) if i in chosen]
