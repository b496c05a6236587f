"""A set of photos in words, for `grotto check`."""

from __future__ import annotations

from collections import Counter
from statistics import median

from .photo import PhotoSet

LARGE_SHARE = 0.5  # of a photo: more than this is rarely meant to be left out of a wall


def left_out_words(photo_set: PhotoSet, least: float = 0.0) -> str:
    """What masks and transparency leave out, in words that can follow a cause; "" where that is `least` of each photo or less."""
    shares = {photo.name: photo.left_out for photo in photo_set.photos if photo.mask or photo.transparent}
    large = [name for name, share in shares.items() if share > max(least, LARGE_SHARE)]
    if not shares or max(shares.values()) <= least:
        return ""
    words = f"the masks leave out {median(shares.values()):.0%} of the {len(shares)} photos that have one (median)"
    if large and len(large) < len(shares):
        some = ", ".join(large[:3]) + (f" and {len(large) - 3} more" if len(large) > 3 else "")
        words += f", and more than {max(least, LARGE_SHARE):.0%} of {len(large)} ({some})"
    return words


def left_out_clause(photo_set: PhotoSet) -> str:
    """What masks leave out, to be put behind the cause of a failure; "" where they leave nothing out."""
    words = left_out_words(photo_set)
    return f"; {words}, and black is left out" if words else ""


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
    words = left_out_words(photo_set)
    lines += [words[0].upper() + words[1:]] if words else []
    for title, files in (("Left out", photo_set.skipped), ("Doubtful", photo_set.warnings)):
        lines += [f"{title}:"] if files else []
        lines += [f"  {file.name}: {file.reason}" for file in files]
    return "\n".join(lines)
