"""A set of photos in words, for `grotto check`."""

from __future__ import annotations

from collections import Counter

from .photo import PhotoSet


def photo_set_text(photo_set: PhotoSet) -> str:
    """Several lines: what is there, which cameras, what is left out and why, what is doubtful."""
    photos = photo_set.photos
    lines = [
        f"{len(photos)} photos in {photo_set.source}",
        f"Order: by {photo_set.order}",
        "Cameras:",
    ]
    for group, count in Counter(photo.group for photo in photos).items():
        first = next(photo for photo in photos if photo.group == group)
        focal = f"focal length about {first.focal_px:.0f} px ({first.focal_source})" if first.focal_px else "focal length unknown"
        lines.append(f"  {count} x {group}; {focal}")
    masked = sum(1 for photo in photos if photo.mask)
    transparent = sum(1 for photo in photos if photo.transparent)
    lines += [f"Masks: {masked}"] if masked else []
    lines += [f"With transparent parts: {transparent}"] if transparent else []
    for title, files in (("Left out", photo_set.skipped), ("Doubtful", photo_set.warnings)):
        lines += [f"{title}:"] if files else []
        lines += [f"  {file.name}: {file.reason}" for file in files]
    return "\n".join(lines)
