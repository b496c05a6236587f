"""Running the stages of a job: each once, in its own folder, kept when nothing it follows from has changed."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ..contract import (
    Cancelled,
    Event,
    JobRequest,
    Note,
    Preview,
    ProblemError,
    Result,
    StageDone,
    StageProgress,
    StageStarted,
    bug,
)
from ..formats import Artefact, read_artefact, write_artefact
from .diagnosis import disk_is_full, full_disk, in_a_sentence
from .job_folder import StageRecord, finish, part_of, read_record, resume_of, whole
from .memory import PeakMemory, refuse_if_too_large
from .reporter import Clock, Reporter
from .stage import Recipe, Stage
from .stamp import FileHashes, job_stamp, sha256_of, stamp_of

A = TypeVar("A", bound=Artefact)


class Run:
    """Handed to a recipe, which calls it once a stage: `matches = run(MATCHES, features, pairs, options=options.matches)`."""

    def __init__(
        self, recipe: Recipe, request: JobRequest, options: Any, emit: Callable[[Event], None], token: threading.Event
    ) -> None:
        self.folder = Path(request.out)
        self.timings: dict[str, float] = {}  # seconds by stage, of the run that did the work
        self.notes: list[str] = []
        self.peak_memory_mb = 0.0
        self.at_work = ""  # title of the stage at work
        self._recipe, self._request, self._options, self._emit, self._token = recipe, request, options, emit, token
        self._hashes = FileHashes(self.folder)
        self._stamps: dict[Path, str] = {}  # of artefacts, by folder
        self._clock = Clock(total=sum(stage.share for stage in recipe.stages), started=time.monotonic())
        self._peak = PeakMemory()
        self._numbers = {stage.name: number for number, stage in enumerate(recipe.stages, start=1)}
        self._input_hashes: dict[Path, str] = {}

    def __call__(self, stage: Stage[A], *inputs: Any, options: Any = None) -> A:
        """The artefact of a stage: made now, or kept from an earlier run with the same inputs, options and version.

        `inputs` are artefacts of this job, paths of the user's files, plain values, or dataclasses of these. Raises what
        the stage raises.
        """
        if stage.name not in self._numbers:
            raise bug(f"{stage.name} is no stage of {self._recipe.name}")
        self.at_work = stage.title
        stamp = stamp_of(
            {"stage": stage.name, "version": stage.version, "options": options, "inputs": [self._stamp(x) for x in inputs]}
        )
        places = [str(value) for value in inputs if isinstance(value, Path)]
        artefact = self._kept(stage, stamp, places)
        if artefact is None:
            artefact = self._work(stage, stamp, places, inputs if options is None else (*inputs, options))
        self._stamps[artefact.folder] = stamp
        self.at_work = ""
        return artefact

    def leave_out(self, *stages: Stage[Any]) -> None:
        """Stages that this job does without: neither its time nor its count of stages includes them any longer."""
        self._clock.total -= sum(stage.share for stage in stages)
        left = [name for name in self._numbers if name not in {stage.name for stage in stages}]
        self._numbers = {name: number for number, name in enumerate(left, start=1)}

    def relative(self, path: Path) -> str:
        """A path of this job as assets name it: relative to the job folder, POSIX."""
        return path.relative_to(self.folder).as_posix()

    def job_stamp(self) -> str:
        """The hash of recipe, options and input: the same through every door."""
        return job_stamp(self._recipe.name, self._options, self._input_hash(Path(self._request.input)))

    def complete(self, result: Result) -> Result:
        """The recipe's result with what only the runner knows: timings, notes, memory, hashes, provenance."""
        from .machine import versions

        assets = []
        for asset in result.assets:
            path = self.folder / asset.path
            if not path.exists():
                raise bug(f"the result names {asset.path}, which is not there")
            hashed = asset.sha256 or (sha256_of(path) if path.is_file() else "")
            assets.append(dataclasses.replace(asset, sha256=hashed))
        return dataclasses.replace(
            result,
            assets=tuple(assets),
            facts={**result.facts, "peak_memory_mb": round(self.peak_memory_mb)},
            timings={**self.timings, **result.timings},
            versions={**versions(), **result.versions},
            notes=(*self.notes, *result.notes),
            job={"request": dataclasses.asdict(self._request), "stamp": self.job_stamp(), **result.job},
        )

    def _stamp(self, value: Any) -> Any:
        if isinstance(value, Artefact):
            if value.folder not in self._stamps:
                raise bug(f"{value.folder} was not made by a stage of this job")
            return self._stamps[value.folder]
        if isinstance(value, Path):
            return self._input_hash(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {item.name: self._stamp(getattr(value, item.name)) for item in dataclasses.fields(value)}
        return value

    def _input_hash(self, path: Path) -> str:
        if path not in self._input_hashes:
            self._input_hashes[path] = self._hashes.of(path, self._reporter(self._recipe.stages[0], share=0.0).files)
        return self._input_hashes[path]

    def _reporter(self, stage: Stage[Any], share: float, resume_folder: Path | None = None) -> Reporter:
        return Reporter(stage.name, share, self._clock, self._emit, self._token, self.folder, resume_folder)

    def _kept(self, stage: Stage[A], stamp: str, places: list[str]) -> A | None:
        folder = self.folder / stage.name
        record = read_record(folder)
        if record is None or record.stamp != stamp or record.places != places or not whole(folder, record):
            return None
        try:
            artefact = read_artefact(stage.artefact, folder)
        except (OSError, ValueError):
            return None
        self._start(stage, reused=True)
        for message in record.notes:
            self._emit(Note(time=time.time(), stage=stage.name, message=message))
        if record.preview and (self.folder / record.preview).is_file():
            self._emit(Preview(time=time.time(), stage=stage.name, path=record.preview))
        self._clock.kept += stage.share
        self._done(stage, record, seconds=0.0)
        return artefact

    def _work(self, stage: Stage[A], stamp: str, places: list[str], arguments: tuple[Any, ...]) -> A:
        self._start(stage, reused=False)
        refuse_if_too_large(stage.title, stage.forecast(*arguments), getattr(self._options, "memory_limit_mb", 0))
        resume = resume_of(self.folder, stage.name, stamp)
        reporter = self._reporter(stage, stage.share, resume)
        reporter.check()
        self._peak.restart()
        began = time.monotonic()
        part = part_of(self.folder, stage.name)
        try:
            made = stage.function(*arguments, part, reporter)
            reporter.check()
            self._refuse_changed_inputs(stage, arguments)
            write_artefact(dataclasses.replace(made, folder=part))
            record = StageRecord(
                stage=stage.name,
                version=stage.version,
                stamp=stamp,
                places=places,
                seconds=round(time.monotonic() - began, 3),
                peak_memory_mb=round(self._peak.megabytes(), 1),
                notes=reporter.notes,
                preview=reporter.last_preview,
            )
            folder = finish(self.folder, part, record)
            shutil.rmtree(resume.parent, ignore_errors=True)
        except (ProblemError, Cancelled):
            raise
        except Exception as error:
            if disk_is_full(self.folder):  # asked before the unfinished files are removed
                raise ProblemError(full_disk(self.folder, in_a_sentence(stage.title))) from error
            raise
        finally:
            shutil.rmtree(part, ignore_errors=True)  # gives a full disk its space back; gone already after `finish`
        self._clock.worked += stage.share
        self._done(stage, record, seconds=record.seconds)
        return read_artefact(stage.artefact, folder)

    def _refuse_changed_inputs(self, stage: Stage[Any], arguments: tuple[Any, ...]) -> None:
        """A stage that writes into another's folder would have the other done again, and with it everything after."""
        for value in arguments:
            if isinstance(value, Artefact):
                record = read_record(value.folder)
                if record is None or not whole(value.folder, record):
                    raise bug(f"{in_a_sentence(stage.title)} changed files of the stage {value.folder.name}")

    def _start(self, stage: Stage[Any], reused: bool) -> None:
        number, count = self._numbers[stage.name], len(self._numbers)
        self._emit(StageStarted(time=time.time(), stage=stage.name, title=stage.title, number=number, count=count, reused=reused))

    def _done(self, stage: Stage[Any], record: StageRecord, seconds: float) -> None:
        self.timings[stage.name] = record.seconds
        self.notes += record.notes
        self.peak_memory_mb = max(self.peak_memory_mb, record.peak_memory_mb)
        now = time.time()
        self._emit(
            StageProgress(
                time=now,
                stage=stage.name,
                fraction=1.0,
                overall=round(self._clock.overall(0.0, 0.0), 4),
                seconds_left=None,
            )
        )
        self._emit(StageDone(time=now, stage=stage.name, seconds=seconds, peak_memory_mb=record.peak_memory_mb))
