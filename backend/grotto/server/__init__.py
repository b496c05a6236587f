"""The backend: HTTP on this machine only, a queue that survives restarts, every job in a worker of its own."""

from .app import Backend, make_app
from .client import Client
from .record import Job
from .start import ServeOptions, living_backend, serve, state_folder

__all__ = ["Backend", "Client", "Job", "ServeOptions", "living_backend", "make_app", "serve", "state_folder"]
