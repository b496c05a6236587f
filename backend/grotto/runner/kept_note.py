"""Finished stages that a job keeps although other code made them, and the note that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class KeptStage:
    """A finished stage beside what would do it now."""

    title: str
    made_by: str  # name of the code that made it, "" where its record does not say
    now: str  # name of the code that runs now
    version: int  # of the stage when it was made
    version_now: int


def note_on(kept: Sequence[KeptStage]) -> str:
    """One note on all of them: what is kept, made by which version, what runs now, and how to have it made anew."""
    by_code: dict[tuple[str, str], list[str]] = {}
    for stage in kept:
        made_by = f"Grotto {stage.made_by}" if stage.made_by else "an earlier Grotto"
        by_code.setdefault((made_by, stage.now), []).append(stage.title)
    told = "; ".join(f"{', '.join(titles)} (made by {made_by}, now {now})" for (made_by, now), titles in by_code.items())
    note = f"Finished stages of another version are kept: {told}. --redo makes them anew"
    changed = [f"{one.title} ({one.version}, now {one.version_now})" for one in kept if one.version != one.version_now]
    if changed:
        note += f". IMPORTANT: these give another result since their version was raised: {', '.join(changed)}"
    return note
