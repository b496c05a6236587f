"""Runs the stages of a job once each: stamps, resumes, reports, forecasts memory, cancels; in a process of its own."""

from .diagnosis import problem_outside_jobs
from .flags import flags
from .here import run_here
from .job_folder import PREVIEWS_FOLDER, STAMP_FILE, check_request, lock_job, prepare
from .journal import Journal, read_events, read_lines
from .locks import FileLock
from .machine import has_cuda, missing_parts, processors, versions
from .memory import free_bytes
from .options_table import options_table
from .run import Run
from .stage import Recipe, Stage
from .supervise import CANCEL_SECONDS, Supervisor
from .terminal import StageInTerminal, Terminal, duration

__all__ = [
    "CANCEL_SECONDS", "PREVIEWS_FOLDER", "STAMP_FILE", "FileLock", "Journal", "Recipe", "Run", "Stage",
    "StageInTerminal", "Supervisor", "Terminal", "check_request", "duration", "flags", "free_bytes", "has_cuda",
    "lock_job", "missing_parts", "options_table", "prepare", "problem_outside_jobs", "processors", "read_events",
    "read_lines", "run_here", "versions",
]  # fmt: skip
