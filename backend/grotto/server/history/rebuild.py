"""Jobs rebuilt from their folders: request.json, events.jsonl and result.json hold all that the list of jobs holds."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from ...contract import (
    EVENTS_FILE,
    REQUEST_FILE,
    Event,
    JobRequest,
    JobState,
    ProblemError,
    Result,
    StateChanged,
    event_from_json,
)
from ..event_lines import LONGEST_LINE
from .folder_list import JobPlace
from .record import Job
from .store import Store

log = logging.getLogger(__name__)


def known_jobs(store: Store, jobs_folder: Path) -> tuple[list[Job], list[Job]]:
    """All jobs in the order in which they came, and those of them that the list of jobs lacks or tells otherwise.

    A job that the list does not know, as after damage, is read from its folder. One that the list takes for unfinished is
    brought to where its own events say that it is: the disk may not have taken the last change.
    """
    jobs = {job.id: job for job in store.read()}
    changed: list[Job] = []
    for job in [job for job in jobs.values() if not job.state.ended]:
        followed = _followed(job)
        if followed is not None and followed != job:
            jobs[job.id] = followed
            changed.append(followed)
    places = [*store.folders.places(), *_own_places(jobs_folder, {place.id for place in store.folders.places()})]
    last = {Path(place.out): place.id for place in places}  # several jobs may follow each other in one folder
    for place in places:
        if place.id not in jobs and last[Path(place.out)] == place.id:
            rebuilt = _job_of(place)
            if rebuilt is not None:
                log.info("job %s was not in the list of jobs, and is read from %s", place.id, place.out)
                jobs[rebuilt.id] = rebuilt
                changed.append(rebuilt)
    store.folders.add(place for place in places if place.id in jobs)
    order = {place.id: number for number, place in enumerate(places)}
    return sorted(jobs.values(), key=lambda job: order.get(job.id, len(order))), changed


def stamp_in(job: Job) -> str | None:
    """The stamp in the result of this very job; None where its folder has no such result."""
    try:
        told = Result.read(Path(job.out)).job
        return str(told.get("stamp", "")) if told.get("request") == dataclasses.asdict(job.request()) else None
    except (OSError, ProblemError) as error:
        log.warning("the result of job %s cannot be read: %s", job.id, error)
        return None


def _own_places(jobs_folder: Path, known: set[str]) -> Iterator[JobPlace]:
    """Folders that the backend chose itself: their names are the jobs'."""
    try:
        folders = sorted(jobs_folder.iterdir(), key=lambda folder: folder.stat().st_ctime) if jobs_folder.is_dir() else []
    except OSError as error:
        log.warning("cannot read %s: %s", jobs_folder, error)
        return
    for folder in folders:
        if folder.name not in known and (folder / REQUEST_FILE).is_file():
            yield JobPlace(folder.name, str(folder), folder.stat().st_ctime)


def _job_of(place: JobPlace) -> Job | None:
    """The job of a folder; None where it holds none that a backend queued."""
    try:
        request = JobRequest.read(Path(place.out))
        job = Job(
            id=place.id,
            recipe=request.recipe,
            input=request.input,
            out=place.out,
            options=request.options,
            created=place.created,
            redo=request.redo,
        )
        os.path.realpath(job.input)  # raises ValueError for what can be no path, as a strange file may say
    except (OSError, ValueError, ProblemError) as error:
        log.warning("job %s cannot be read from %s: %s", place.id, place.out, error)
        return None
    return _followed(job)


def _followed(job: Job) -> Job | None:
    """A job in the state that the events of its last attempt tell; None where they tell none.

    A result of another request, as another program may have made it in the same folder, is not taken for the job's.
    """
    copy = dataclasses.replace(job, kept_stages=list(job.kept_stages), notes=list(job.notes))
    told = False
    for event in _events(Path(job.out)):
        if event.time < job.queued:  # of an earlier job or attempt
            continue
        if not isinstance(event, StateChanged):
            copy.take(event)
            continue
        told = True
        if event.state in (JobState.QUEUED, JobState.RUNNING):
            copy.begin_again(event.state)
            copy.started = event.time if event.state is JobState.RUNNING else None
        else:
            copy.state, copy.problem = event.state, event.problem
            copy.ended = event.time if event.state.ended else None
    if copy.state is JobState.DONE:
        stamp = stamp_in(copy)
        if stamp is None:
            return None
        copy.stamp, copy.fraction, copy.message = stamp, 1.0, ""
    if copy.state.ended:
        copy.seconds_left = None
    return copy if told else None


def _events(folder: Path) -> Iterator[Event]:
    """The events of a job; torn and strange lines are passed over."""
    file = folder / EVENTS_FILE
    try:
        if not file.is_file():
            return
        with file.open("rb") as lines:
            while line := lines.readline(LONGEST_LINE):  # of a longer one the pieces are no events
                with contextlib.suppress(ValueError):
                    yield event_from_json(line)
    except OSError as error:
        log.warning("cannot read %s: %s", file, error)
