"""Running the stages of a job: each once, in its own folder, kept when nothing it follows from has changed."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

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
from ..fitting import release_cached_memory
from ..formats import Artefact, read_artefact, write_artefact
from .diagnosis import disk_is_full, full_disk, in_a_sentence
from .job_folder import finish, part_of, remove_checkpoints, resume_of
from .kept_note import KeptStage, note_on
from .memory import PeakMemory, gpu_bytes_for, gpu_facts, refuse_if_gpu_is_too_small, refuse_if_too_large
from .reporter import Clock, Reporter
from .signature import artefact_of, refuse_misfits
from .stage import A, AnyStage, Inputs, Stage
from .stamps import (
    Code,
    CodeReader,
    FileHashes,
    Finder,
    StageRecord,
    is_whole,
    job_stamp,
    read_record,
    sha256_of,
    stamp_of,
)
from .work import describe, is_same


class Named(Protocol):
    """A recipe, as far as a run depends on it."""

    @property
    def name(self) -> str:
        """The recipe's name."""

    @property
    def finds(self) -> Finder | None:
        """What its stages read of the user's; see `Recipe`."""


class Run:
    """Handed to a recipe, which states its plan and calls it for each stage: `pairs = run(PAIRS, photos, options.pairs)`."""

    def __init__(
        self, recipe: Named, request: JobRequest, options: Any, emit: Callable[[Event], None], token: threading.Event
    ) -> None:
        self.folder = Path(request.out)
        self.timings: dict[str, float] = {}  # seconds by stage, of the run that did the work
        self.peak_memory_mb = 0.0
        self.at_work = ""  # title of the stage at work
        self._recipe, self._request, self._options, self._emit, self._token = recipe, request, options, emit, token
        self._plan: tuple[AnyStage, ...] = ()
        self._codes: dict[str, Code] = {}  # by stage
        self._records: dict[str, StageRecord] = {}  # of the stages that have finished, by name
        self._notes: list[str] = []
        self._kept_of_others: list[KeptStage] = []
        self._stamps: dict[Path, str] = {}  # of artefacts, by folder
        self._hashes = FileHashes(self.folder, recipe.finds)
        self._input_hashes: dict[Path, str] = {}
        self._clock = Clock(total=0.0, started=time.monotonic())
        self._peak = PeakMemory()

    def plan(self, *stages: AnyStage) -> None:
        """State the stages that this job runs, in order; called once, before the first of them."""
        if self._plan or len({stage.name for stage in stages}) != len(stages):
            raise bug(f"the recipe {self._recipe.name} has two plans, or one stage twice")
        self._plan = stages
        self._clock.total = sum(stage.share for stage in stages)
        reader = CodeReader()  # all of them now, since sources may change while the job runs what it has loaded
        self._codes = {stage.name: reader.of(stage.function) for stage in stages}

    def skip(self, *stages: AnyStage) -> None:
        """Take stages out of the plan that what was found so far makes needless; none of them has run."""
        done = self._plan[: len(self._records)]
        if any(stage in done or stage not in self._plan for stage in stages):
            raise bug(f"the recipe {self._recipe.name} skips a stage that has run or was never planned")
        self._plan = tuple(stage for stage in self._plan if stage not in stages)
        self._clock.total = sum(stage.share for stage in self._plan)

    def instead(self, *stages: AnyStage) -> None:
        """Replace the stages of the plan that have not finished, where what was found so far asks for another way."""
        done = self._plan[: len(self._records)]
        self._plan = (*done, *stages)
        if len({stage.name for stage in self._plan}) != len(self._plan):
            raise bug(f"the recipe {self._recipe.name} has one stage twice")
        self._clock.total = sum(stage.share for stage in self._plan)
        reader = CodeReader()
        self._codes |= {stage.name: reader.of(stage.function) for stage in stages if stage.name not in self._codes}

    def __call__(self, stage: Stage[A, *Inputs], *inputs: *Inputs) -> A:
        """The artefact of a stage: made now, or kept from an earlier run with the same inputs.

        `inputs` are those of the stage's function: artefacts of this job, paths of the user's files, plain values, options, or
        dataclasses of these. A stage that other code made is kept too, with a note, unless the request says to redo.
        Raises what the stage raises, and a bug where the plan has another stage next or an input is of another type.
        """
        self._refuse_unplanned(stage)
        refuse_misfits(stage, inputs)
        self.at_work = stage.title
        places = [str(value) for value in inputs if isinstance(value, Path)]
        artefact = self._kept(stage, inputs, places)
        if artefact is None:
            artefact = self._work(stage, inputs, places)
        self._stamps[artefact.folder] = self._records[stage.name].stamp
        self.at_work = ""
        return artefact

    @property
    def notes(self) -> list[str]:
        """What the user was told so far, and what is still to be said of stages that were kept."""
        return [*self._notes, *([note_on(self._kept_of_others)] if self._kept_of_others else [])]

    def relative(self, path: Path) -> str:
        """A path of this job as assets name it: relative to the job folder, POSIX."""
        return path.relative_to(self.folder).as_posix()

    def job_stamp(self) -> str:
        """The hash of recipe, options and input: the same through every door."""
        return job_stamp(self._recipe.name, self._options, self._input_hash(Path(self._request.input)))

    def complete(self, result: Result) -> Result:
        """The recipe's result with what only the runner knows: timings, notes, memory, hashes, provenance."""
        from .machine import versions

        missing = [stage.name for stage in self._plan[len(self._records) :]]
        if missing:
            raise bug(f"the recipe {self._recipe.name} ended without {', '.join(missing)} of its plan")
        self._tell_of_kept()
        remove_checkpoints(self.folder)  # also of stages that the job does without since an option changed
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
            facts={**result.facts, "peak_memory_mb": round(self.peak_memory_mb), **gpu_facts()},
            timings={**self.timings, **result.timings},
            versions={**versions(), **result.versions},
            notes=(*self.notes, *result.notes),
            job={
                "request": dataclasses.asdict(self._request),
                "stamp": self.job_stamp(),
                "stages": {
                    name: {"made_by": record.made_by, "now": self._codes[name].name} for name, record in self._records.items()
                },
                **result.job,
            },
        )

    def _refuse_unplanned(self, stage: AnyStage) -> None:
        due = self._plan[len(self._records)] if len(self._records) < len(self._plan) else None
        if due is not stage:
            raise bug(f"the plan of {self._recipe.name} has {due.name if due else 'nothing'} where {stage.name} was called")

    def _named(self, value: Any) -> Any:
        if isinstance(value, Artefact):
            if value.folder not in self._stamps:
                raise bug(f"{value.folder} was not made by a stage of this job")
            return self._stamps[value.folder]
        if isinstance(value, Path):
            return self._input_hash(value)
        return value

    def _input_hash(self, path: Path) -> str:
        if path not in self._input_hashes:
            first = self._plan[0].name if self._plan else ""
            self._input_hashes[path] = self._hashes.of(path, self._reporter(first, share=0.0).files)
        return self._input_hashes[path]

    def _reporter(self, stage: str, share: float, resume_folder: Path | None = None) -> Reporter:
        return Reporter(stage, share, self._clock, self._emit, self._token, self.folder, resume_folder)

    def _kept(self, stage: Stage[A, *Inputs], inputs: tuple[*Inputs], places: list[str]) -> A | None:
        folder = self.folder / stage.name
        record = read_record(folder)
        if record is None or record.places != places or not self._did(record, inputs):
            return None
        code = self._codes[stage.name]
        same_code = record.code == code.identity and record.version == stage.version
        if self._request.redo and not same_code:
            return None
        if not is_whole(folder, record, self._reporter(stage.name, share=0.0).check):
            self._note(stage.name, f"Files of {in_a_sentence(stage.title)} have changed since it finished, so it is done again")
            return None
        try:
            artefact = read_artefact(artefact_of(stage), folder)
        except (OSError, ProblemError):
            return None
        self._start(stage, reused=True)
        for message in record.notes:
            self._emit(Note(time=time.time(), stage=stage.name, message=message))
        if record.preview and (self.folder / record.preview).is_file():
            self._emit(Preview(time=time.time(), stage=stage.name, path=record.preview))
        self._clock.kept += stage.share
        if not same_code:
            self._kept_of_others.append(KeptStage(stage.title, record.made_by, code.name, record.version, stage.version))
        self._done(stage, record, seconds=0.0)
        return artefact

    def _did(self, record: StageRecord, inputs: Sequence[Any]) -> bool:
        """Whether a finished stage did the work that is asked for."""
        if not record.code:
            asked = [describe(value, self._named) for value in inputs]
            common = {"stage": record.stage, "version": record.version}
            ways = ({"options": None, "inputs": asked}, {"options": asked[-1], "inputs": asked[:-1]})
            return record.stamp in [stamp_of({**common, **way}) for way in ways]
        return len(record.inputs) == len(inputs) and all(
            is_same(before, value, self._named) for before, value in zip(record.inputs, inputs, strict=True)
        )

    def _work(self, stage: Stage[A, *Inputs], inputs: tuple[*Inputs], places: list[str]) -> A:
        code = self._codes[stage.name]
        described = [describe(value, self._named) for value in inputs]
        stamp = stamp_of({"stage": stage.name, "inputs": described, "code": code.identity, "version": stage.version})
        self._tell_of_kept()
        self._start(stage, reused=False)
        refuse_if_too_large(stage.title, stage.forecast(*inputs), getattr(self._options, "memory_limit_mb", 0))
        if on_gpu := stage.gpu(*inputs):
            refuse_if_gpu_is_too_small(stage.title, on_gpu, gpu_bytes_for(stage.gpu_package))
        resume = resume_of(self.folder, stage.name, stamp)
        reporter = self._reporter(stage.name, stage.share, resume)
        reporter.check()
        self._peak.restart()
        began = time.monotonic()
        part = part_of(self.folder, stage.name)
        try:
            made = stage.function(*inputs, part, reporter)
            reporter.check()
            self._refuse_changed_inputs(stage.title, inputs)
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
                inputs=described,
                code=code.identity,
                made_by=code.name,
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
            release_cached_memory()
            shutil.rmtree(part, ignore_errors=True)  # gives a full disk its space back; gone already after `finish`
        self._clock.worked += stage.share
        self._done(stage, record, seconds=record.seconds)
        return read_artefact(artefact_of(stage), folder)

    def _refuse_changed_inputs(self, title: str, inputs: Sequence[Any]) -> None:
        """A stage that writes into another's folder would have the other done again, and with it everything after."""
        for value in inputs:
            if isinstance(value, Artefact):
                record = read_record(value.folder)
                if record is None or not is_whole(value.folder, record):
                    raise bug(f"{in_a_sentence(title)} changed files of the stage {value.folder.name}")

    def _start(self, stage: AnyStage, reused: bool) -> None:
        number, count = len(self._records) + 1, len(self._plan)
        self._emit(StageStarted(time=time.time(), stage=stage.name, title=stage.title, number=number, count=count, reused=reused))

    def _tell_of_kept(self) -> None:
        """Note what was kept of other code, once: before the first stage that works, or at the end."""
        if self._kept_of_others:
            message = note_on(self._kept_of_others)
            self._kept_of_others.clear()
            self._note("", message)

    def _note(self, stage: str, message: str) -> None:
        self._notes.append(message)
        self._emit(Note(time=time.time(), stage=stage, message=message))

    def _done(self, stage: AnyStage, record: StageRecord, seconds: float) -> None:
        self._records[stage.name] = record
        self.timings[stage.name] = record.seconds
        self._notes += record.notes
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
