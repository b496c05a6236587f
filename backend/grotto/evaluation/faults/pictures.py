"""Trials of the user's pictures: bombs, broken files, files without an end, documents that name what is not theirs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .hostile_pictures import add_endless, write_broken_avif, write_document, write_flat_png, write_photo
from .limited_reading import read_limited
from .trial import Trial

_MOST_MB, _MOST_CPU_S = 100.0, 1.0


def bombs_among_photos(folder: Path, _number: int) -> list[str]:
    """Two photos, one with an immense mask; an immense picture, and one that breaks its decoder."""
    source = folder / "photos"
    for seed, name in enumerate(("0001.jpg", "0002.jpg")):
        write_photo(source / name, seed)
    write_flat_png(source / "bomb.png", 60_000, 60_000)
    write_flat_png(source / "0001_mask.png", 30_000, 20_000)
    write_broken_avif(source / "broken.avif")
    seen = read_limited("photos", source, folder)
    skipped, warnings = seen.get("skipped", {}), seen.get("warnings", {})
    used = sorted(seen.get("photos", {})) == ["0001.jpg", "0002.jpg"]
    return [
        _unless(used and "3600 megapixels" in skipped.get("bomb.png", ""), seen),
        _unless("600 megapixels" in warnings.get("0001.jpg", "") and not seen.get("masks"), seen),
        _unless("broken.avif" in skipped, seen),
        _cost(seen),
    ]


def bombs_alone(folder: Path, _number: int) -> list[str]:
    """An immense picture as the input of a cut."""
    seen = read_limited("cut", write_flat_png(folder / "mural.png", 29_999, 29_999), folder)
    return [_unless("899.9 megapixels" in seen.get("problem", ""), seen), _cost(seen)]


def endless_files(folder: Path, _number: int) -> list[str]:
    """Photos among pipes, devices, a socket and a file of the kernel's: read, and hashed."""
    source = folder / "photos"
    for seed, name in enumerate(("0001.jpg", "0002.jpg")):
        write_photo(source / name, seed)
    names = add_endless(source)
    seen, stamp = read_limited("photos", source, folder), read_limited("stamp", source, folder)
    skipped = seen.get("skipped", {})
    return [*(_unless("no file" in skipped.get(name, "") or "no end" in skipped.get(name, ""), seen) for name in names),
            _unless(len(seen.get("photos", {})) == 2, seen), _unless(bool(stamp.get("stamp")), stamp)]  # fmt: skip


def reaching_document(folder: Path, number: int) -> list[str]:
    """A document that names a private photo beside its folder, by `..` or in full, and lies below a folder with a pipe."""
    private = write_photo(folder / "outside" / "private.jpg", 7)
    os.mkfifo(folder / "outside" / "pipe.jpg")
    os.mkfifo(folder / "pipe.jpg")
    for seed in range(3):
        write_photo(folder / "set" / "images" / f"{seed}.jpg", seed)
    named = ["../outside/private.jpg", str(private), "images/../../outside/private.jpg", "..\\outside\\private.jpg"][number % 4]
    write_document(folder / "set", [*(f"images/{seed}.jpg" for seed in range(3)), named])
    out = []
    for source in (folder / "set", folder / "set" / "transforms.json"):
        seen = read_limited("scan", source, folder)
        held = seen.get("photos", {})
        inside = len(held) == 3 and all(Path(path).is_relative_to(folder.resolve() / "set") for path in held.values())
        told = any("outside of" in note for note in seen.get("notes", []))
        out.append(_unless(inside and told, seen))
    return out


def _cost(seen: dict[str, Any]) -> str:
    rise_mb, cpu_s = float(seen.get("rise_mb", 1e9)), float(seen.get("cpu_s", 1e9))
    return "" if rise_mb < _MOST_MB and cpu_s < _MOST_CPU_S else f"{rise_mb:.0f} MB and {cpu_s:.1f} s of a processor"


def _unless(expected: bool, seen: dict[str, Any]) -> str:
    return "" if expected else json.dumps(seen)


PICTURE_TRIALS = (
    Trial(
        name="pictures.bombs",
        what="60000 x 60000 px in 437 kB, a mask of 30000 x 20000 px and a broken AVIF among photos",
        expected="left out in words, in less than 100 MB and 1 s of a processor",
        times=4,
        attempt=bombs_among_photos,
    ),
    Trial(
        name="pictures.cut",
        what="29999 x 29999 px in 110 kB as the input of a cut",
        expected="refused in words, in less than 100 MB and 1 s of a processor",
        times=2,
        attempt=bombs_alone,
    ),
    Trial(
        name="pictures.endless",
        what="pipes, devices, a socket and a kernel's file among photos",
        expected="named and left out, never opened or hashed",
        times=7,
        attempt=endless_files,
    ),
    Trial(
        name="pictures.document",
        what="transforms.json names a photo beside its folder, pipes above it",
        expected="the photo is left out with a note, nothing between is opened",
        times=8,
        attempt=reaching_document,
    ),
)
