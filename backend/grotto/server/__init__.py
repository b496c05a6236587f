"""The backend: HTTP on this machine only, a queue that survives restarts, every job in a worker of its own."""

from .app import Backend, make_app
from .client import Client
from .doctor import doctor_text
from .jobs_text import job_text, jobs_table
from .record import Job
from .start import ServeOptions, living_backend, serve, state_folder

__all__ = [
    "Backend", "Client", "Job", "ServeOptions", "doctor_text", "job_text", "jobs_table", "living_backend", "make_app",
    "serve", "state_folder",
]  # fmt: skip
