"""Stamps: the hash of a stage's inputs and options, and the identity of the code that runs it."""

from .identity import Code, CodeReader, is_release
from .sources import Sources
from .stamp import FileHashes, job_stamp, plain, sha256_of, stamp_of

__all__ = ["Code", "CodeReader", "FileHashes", "Sources", "is_release", "job_stamp", "plain", "sha256_of", "stamp_of"]
