"""All readers."""

from __future__ import annotations

from .cameras import CAMERAS
from .geometry import GEOMETRY
from .jobs import JOBS
from .pictures import PICTURES
from .reader import Reader

READERS: tuple[Reader, ...] = (*GEOMETRY, *CAMERAS, *PICTURES, *JOBS)
