"""Files that other tools open: reading and writing, each with a round trip in the tests."""

from .artefact import Artefact, read_artefact, write_artefact

__all__ = ["Artefact", "read_artefact", "write_artefact"]
