"""The backend: HTTP on this machine only, a queue that survives restarts, every job in a worker of its own."""

from .backend import Backend
from .client import Client
from .doctor import doctor_text, gpu_rows
from .estimates import estimate
from .event_lines import EventLines
from .history import Store
from .jobs_text import job_text, jobs_table
from .leases import GRACE_SECONDS, IDLE_SECONDS, LEASE_SECONDS, Leases
from .queue import JobQueue
from .start import ServeOptions, make_app, serve

__all__ = [
    "GRACE_SECONDS",
    "IDLE_SECONDS",
    "LEASE_SECONDS",
    "Backend",
    "Client",
    "EventLines",
    "JobQueue",
    "Leases",
    "ServeOptions",
    "Store",
    "doctor_text",
    "estimate",
    "gpu_rows",
    "job_text",
    "jobs_table",
    "make_app",
    "serve",
]
