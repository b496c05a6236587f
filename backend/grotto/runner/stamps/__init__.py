"""Stamps: the hash of a stage's inputs and options, and the identity of the code that runs it."""

from .identity import Code, CodeReader, is_release
from .listing import Finder, files_read
from .record import STAMP_FILE, Files, StageRecord, is_whole, read_record
from .sources import Sources
from .stamp import FileHashes, job_stamp, plain, sha256_of, stamp_of

__all__ = [
    "STAMP_FILE",
    "Code",
    "CodeReader",
    "FileHashes",
    "Files",
    "Finder",
    "Sources",
    "StageRecord",
    "files_read",
    "is_release",
    "is_whole",
    "job_stamp",
    "plain",
    "read_record",
    "sha256_of",
    "stamp_of",
]
