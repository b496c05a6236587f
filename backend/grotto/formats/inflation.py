"""Compressed files judged before they are unpacked: a few kilobytes may stand for gigabytes."""

from __future__ import annotations

_TIMES, _FREE_BYTES = 10, 100 * 2**20


def refuse_inflated(needed_bytes: int, file_bytes: int) -> None:
    """Raise ValueError where reading a file would take more than ten times its size and 100 MB."""
    if needed_bytes > _TIMES * file_bytes + _FREE_BYTES:
        raise ValueError(f"its {file_bytes:,} bytes would become {needed_bytes:,}")
