"""Runs the stages of a job once each: stamps, resumes, reports, forecasts memory, cancels; in a process of its own."""

from .diagnosis import in_a_sentence, problem_of, problem_of_death, problem_outside_jobs
from .flags import flags
from .here import run_here
from .identity import CodeReader, is_release
from .job_folder import PREVIEWS_FOLDER, STAMP_FILE, check_request, lock_job, prepare, resume_of
from .journal import Journal
from .locks import FileLock
from .machine import PARTS, has_cuda, missing_parts, processors, versions
from .memory import GB, MB, cgroup_free_bytes, free_bytes, refuse_if_too_large, total_bytes
from .options_table import options_table
from .reporter import Clock, Reporter
from .run import Run
from .sources import Sources
from .stage import AnyStage, Recipe, Stage
from .stamp import job_stamp, stamp_of
from .supervise import Supervisor
from .terminal import StageInTerminal, duration
from .work import describe, is_same

__all__ = [
    "GB",
    "MB",
    "PARTS",
    "PREVIEWS_FOLDER",
    "STAMP_FILE",
    "AnyStage",
    "Clock",
    "CodeReader",
    "FileLock",
    "Journal",
    "Recipe",
    "Reporter",
    "Run",
    "Sources",
    "Stage",
    "StageInTerminal",
    "Supervisor",
    "cgroup_free_bytes",
    "check_request",
    "describe",
    "duration",
    "flags",
    "free_bytes",
    "has_cuda",
    "in_a_sentence",
    "is_release",
    "is_same",
    "job_stamp",
    "lock_job",
    "missing_parts",
    "options_table",
    "prepare",
    "problem_of",
    "problem_of_death",
    "problem_outside_jobs",
    "processors",
    "refuse_if_too_large",
    "resume_of",
    "run_here",
    "stamp_of",
    "total_bytes",
    "versions",
]
