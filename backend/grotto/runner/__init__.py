"""Runs the stages of a job once each: stamps, resumes, reports, forecasts memory, cancels; in a process of its own."""

from .diagnosis import in_a_sentence, problem_of, problem_of_death, problem_outside_jobs
from .flags import flags
from .here import run_here
from .job_folder import PREVIEWS_FOLDER, check_request, lock_job, prepare, resume_of
from .journal import Journal
from .locks import FileLock
from .machine import PARTS, has_cuda, missing_parts, processors, versions
from .memory import GB, MB, cgroup_free_bytes, free_bytes, refuse_if_gpu_is_too_small, refuse_if_too_large, total_bytes
from .options_table import options_table
from .processes import start_watched
from .recipe import Recipe
from .reporter import Clock, Reporter
from .run import Run
from .stage import AnyStage, Stage, no_forecast
from .stamps import STAMP_FILE
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
    "FileLock",
    "Journal",
    "Recipe",
    "Reporter",
    "Run",
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
    "is_same",
    "lock_job",
    "missing_parts",
    "no_forecast",
    "options_table",
    "prepare",
    "problem_of",
    "problem_of_death",
    "problem_outside_jobs",
    "processors",
    "refuse_if_gpu_is_too_small",
    "refuse_if_too_large",
    "resume_of",
    "run_here",
    "start_watched",
    "total_bytes",
    "versions",
]
