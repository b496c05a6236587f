"""The shared language of backend and extension. Standard library only: it ships inside the extension.

Groups of options are in `contract.options`, those of each recipe in `contract.recipes`.
"""

from .element_class import ELEMENT_CLASSES, UNKNOWN_CLASS
from .event import Event, Note, Preview, StageDone, StageProgress, StageStarted, StateChanged, event_from_json, event_to_json
from .job import EVENTS_FILE, LOG_FILE, REQUEST_FILE, RESULT_FILE, JobRequest, JobState
from .json_text import parse_json
from .malformed import MALFORMED, malformed_as_bad_input, plain_line, reason_of
from .option import Leaf, from_flat, group, leaves, option, option_group, to_flat
from .problem import EXIT_CANCELLED, EXIT_DONE, Action, Cancelled, Kind, Problem, ProblemError, bad_input, bug, missing_resource
from .progress import UNMEASURED, Part, Progress, Silent
from .result import Asset, Result
from .runtime import Runtime, read_runtime, runtime_path, speaks_our_protocol, write_runtime
from .typed import typed
from .version import PRODUCT, PROTOCOL, VERSION

__all__ = [
    "ELEMENT_CLASSES",
    "EVENTS_FILE",
    "EXIT_CANCELLED",
    "EXIT_DONE",
    "LOG_FILE",
    "MALFORMED",
    "PRODUCT",
    "PROTOCOL",
    "REQUEST_FILE",
    "RESULT_FILE",
    "UNKNOWN_CLASS",
    "UNMEASURED",
    "VERSION",
    "Action",
    "Asset",
    "Cancelled",
    "Event",
    "JobRequest",
    "JobState",
    "Kind",
    "Leaf",
    "Note",
    "Part",
    "Preview",
    "Problem",
    "ProblemError",
    "Progress",
    "Result",
    "Runtime",
    "Silent",
    "StageDone",
    "StageProgress",
    "StageStarted",
    "StateChanged",
    "bad_input",
    "bug",
    "event_from_json",
    "event_to_json",
    "from_flat",
    "group",
    "leaves",
    "malformed_as_bad_input",
    "missing_resource",
    "option",
    "option_group",
    "parse_json",
    "plain_line",
    "read_runtime",
    "reason_of",
    "runtime_path",
    "speaks_our_protocol",
    "to_flat",
    "typed",
    "write_runtime",
]
