"""Scans measured against truth."""

from ..bench import Bench
from .subject import BENCH as SUBJECT
from .subject_distance import subject_chamfer

BENCHES: tuple[Bench, ...] = (SUBJECT,)

__all__ = ["BENCHES", "subject_chamfer"]
