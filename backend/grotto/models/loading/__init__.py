"""The one way to load a network: from a local folder, checked, onto a chosen device, with one set of words for faults."""

from .faults import missing_file, other_version, read_json_object, read_settings_file
from .inference import finite, memory_problem
from .network import CONFIG, Architecture, load_network

__all__ = [
    "CONFIG",
    "Architecture",
    "finite",
    "load_network",
    "memory_problem",
    "missing_file",
    "other_version",
    "read_json_object",
    "read_settings_file",
]
