"""The list of jobs on the disk: written by one thread, put aside whole where it is damaged, rebuilt from job folders."""

from .rebuild import known_jobs, stamp_in
from .record import Job
from .store import Store

__all__ = ["Job", "Store", "known_jobs", "stamp_in"]
