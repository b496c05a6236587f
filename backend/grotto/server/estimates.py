"""About how long a job will take and how much memory, before it starts: usual figures, corrected by earlier jobs here.

The usual figures are those of two processors without other work, rounded; memory follows the forecasts of the largest
stages. Earlier jobs of the recipe on this machine say how far off both are. Both are guesses, and come as ranges.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ..contract import EVENTS_FILE, JobState, ProblemError
from ..contract.recipes import CutMuralOptions, ElementOptions, ScanOptions, WallOptions, from_nested
from ..recipes import Entry
from .history import Job

LATEST = 5  # earlier jobs that count
SAMPLED = 5  # photos whose size is read
UNKNOWN_SPREAD = (0.4, 3.0)  # of the usual time, where no job of the recipe has run here
LEAST_SPREAD = (0.7, 1.5)  # of the time corrected by earlier jobs
MB = 1 << 20
PROCESS_MB = 400  # of a worker that has done nothing yet


@dataclass(frozen=True)
class Cost:
    """Seconds and memory of a job."""

    seconds: float
    memory_mb: float


@dataclass(frozen=True)
class Estimate:
    """What a client is told."""

    least_seconds: int
    most_seconds: int
    memory_mb: int
    earlier_jobs: int  # of the recipe on this machine, that the figures follow; 0: they are a first guess

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def estimate(entry: Entry, source: Path, options: Any, earlier: Sequence[Job]) -> Estimate | None:
    """Estimate a job of a recipe from the latest of its earlier jobs; None where nobody knows, as with outside models.

    `options` are the recipe's. Raises ProblemError where a folder of photos cannot be read.
    """
    usual = usual_cost(source, options)
    if usual is None:
        return None
    measured = list(_measured(entry, earlier))
    times = [job.seconds / expected.seconds for job, expected in measured]
    sizes = [job.memory_mb / expected.memory_mb for job, expected in measured if job.memory_mb]
    middle = median(times) if times else 1.0
    least, most = UNKNOWN_SPREAD if not times else LEAST_SPREAD
    if times:
        least, most = min(least, min(times) / middle), max(most, max(times) / middle)
    return Estimate(
        least_seconds=round(usual.seconds * middle * least),
        most_seconds=round(usual.seconds * middle * most),
        memory_mb=round(usual.memory_mb * (median(sizes) if sizes else 1.0)),
        earlier_jobs=len(times),
    )


def usual_cost(source: Path, options: Any) -> Cost | None:
    """Return the usual cost of a job on two processors; None where it is not known."""
    match options:
        case WallOptions():
            count, megapixels = _photos(source, options.features.max_photo_px)
            return Cost(20 + 3.5 * count * megapixels, PROCESS_MB + 400 * megapixels)
        case ScanOptions():
            return _scan_cost(source, options)
        case ElementOptions() if options.route in ("auto", "relief"):
            texture_mb = 120 * options.paint.sides_px**2 / MB
            if options.relief.shape == "layers":
                return Cost(25, PROCESS_MB + 400 + texture_mb)
            return Cost(15 + 40 * (options.budget.faces / 20_000) ** 0.7, PROCESS_MB + 400 + texture_mb)
        case ElementOptions() if options.route == "sheet":
            return Cost(90, PROCESS_MB + 1500)
        case CutMuralOptions():
            return Cost(20, PROCESS_MB + 600)
    return None


def _scan_cost(source: Path, options: ScanOptions) -> Cost:
    document = source.suffix.casefold() == ".json"
    count, megapixels = _photos(source.parent if document else source, options.features.max_photo_px)
    if source.is_file() and not document:
        count, megapixels = options.source.video_frames, 2.0
    seconds, size = 60 + 3.5 * count * megapixels, (options.views.view_px / 400) ** 2
    views_mb = count * options.views.view_px**2 * 32 / MB
    memory_mb = PROCESS_MB + 400 * megapixels
    if options.via != "field":
        seconds += 0.3 * options.splats.splat_steps * size
        memory_mb = max(memory_mb, PROCESS_MB + 500 + views_mb + options.splats.splats_most * 59 * 40 / MB)
    if options.via != "splats":
        seconds += 240 * size**0.5
        memory_mb = max(memory_mb, PROCESS_MB + 1000 + views_mb)
    return Cost(seconds + 0.4 * options.refine.refine_steps, memory_mb)


def _photos(source: Path, longest_px: int) -> tuple[int, float]:
    """Return the number of photos below a folder, and their mean megapixels once reduced to the longest side."""
    if not source.is_dir():
        return 1, 2.0
    from ..photos import find_pictures, picture_size

    found, _ = find_pictures(source)
    sizes = []
    for picture in found[:: max(1, len(found) // SAMPLED)][:SAMPLED]:
        try:
            width, height = picture_size(picture.path)  # reads the header only
        except ProblemError:
            continue
        shrink = min(1.0, longest_px / max(width, height))
        sizes.append(width * height * shrink**2 / 1e6)
    return len(found), sum(sizes) / len(sizes) if sizes else 2.0


def _measured(entry: Entry, earlier: Sequence[Job]) -> Iterator[tuple[Cost, Cost]]:
    """Yield measured and usual cost of the latest jobs that ran from their first stage to the end."""
    done = [job for job in earlier if job.state is JobState.DONE and job.started and job.ended and not job.kept_stages]
    for job in sorted(done, key=lambda job: job.created)[-LATEST:]:
        try:
            usual = usual_cost(Path(job.input), from_nested(entry.options, job.options))
        except (OSError, ValueError, ProblemError):
            continue
        if usual is not None and job.started and job.ended:
            yield Cost(max(1.0, job.ended - job.started), _peak_mb(Path(job.out))), usual


def _peak_mb(folder: Path) -> float:
    """Return the largest memory of a job's stages; 0 where its events cannot be read."""
    peak = 0.0
    try:
        for line in (folder / EVENTS_FILE).read_text(encoding="utf-8", errors="replace").splitlines():
            if '"stage_done"' in line:
                peak = max(peak, float(json.loads(line).get("peak_memory_mb") or 0.0))
    except (OSError, ValueError, TypeError, AttributeError):
        return peak
    return peak
