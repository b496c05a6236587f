"""The shared language of backend and extension. Standard library only: it ships inside the extension."""

from .cut import CUT_QUALITIES, ELEMENT_CLASSES, UNKNOWN_CLASS, CutMuralOptions, FindOptions, SetOptions, TrainOptions
from .element import (
    ELEMENT_QUALITIES,
    CutOptions,
    ElementOptions,
    GeneratorOptions,
    LayerOptions,
    OrbitOptions,
    PaintOptions,
    PartOptions,
    ReliefOptions,
    SheetOptions,
)
from .event import (
    Event,
    Note,
    Preview,
    StageDone,
    StageProgress,
    StageStarted,
    StateChanged,
    event_from_json,
    event_to_json,
)
from .job import EVENTS_FILE, LOG_FILE, REQUEST_FILE, RESULT_FILE, JobRequest, JobState
from .option import Leaf, from_flat, from_nested, group, leaves, option, options, to_flat, to_nested
from .problem import (
    EXIT_CANCELLED,
    EXIT_DONE,
    Action,
    Cancelled,
    Kind,
    Problem,
    ProblemError,
    bad_input,
    bug,
    missing_resource,
)
from .progress import Part, Progress, Silent
from .result import ASSET_KINDS, Asset, Result
from .runtime import Runtime, read_runtime, runtime_path, speaks_our_protocol, write_runtime
from .scan import (
    SCAN_QUALITIES,
    BakeOptions,
    FieldOptions,
    ScanOptions,
    SourceOptions,
    SplatOptions,
    SurfaceOptions,
    ViewOptions,
)
from .synthetic import MakeObjectOptions, MakeWallOptions
from .version import PRODUCT, PROTOCOL, VERSION
from .wall import (
    WALL_QUALITIES,
    CameraOptions,
    FeatureOptions,
    FrameOptions,
    HeightOptions,
    MatchOptions,
    MeshOptions,
    OrthoOptions,
    PairOptions,
    PhotoOptions,
    UndistortOptions,
    WallOptions,
)

__all__ = [
    "ASSET_KINDS", "CUT_QUALITIES", "ELEMENT_CLASSES", "ELEMENT_QUALITIES", "EVENTS_FILE", "EXIT_CANCELLED", "EXIT_DONE",
    "LOG_FILE", "PRODUCT", "PROTOCOL", "REQUEST_FILE", "RESULT_FILE", "SCAN_QUALITIES", "UNKNOWN_CLASS", "VERSION",
    "WALL_QUALITIES", "Action", "Asset", "BakeOptions", "CameraOptions", "Cancelled", "CutMuralOptions", "CutOptions",
    "ElementOptions", "Event", "FeatureOptions", "FieldOptions", "FindOptions", "FrameOptions", "GeneratorOptions",
    "HeightOptions", "JobRequest", "JobState", "Kind", "LayerOptions", "Leaf", "MakeObjectOptions", "MakeWallOptions",
    "MatchOptions", "MeshOptions", "Note", "OrbitOptions", "OrthoOptions", "PaintOptions", "PairOptions", "Part",
    "PartOptions", "PhotoOptions", "Preview", "Problem", "ProblemError", "Progress", "ReliefOptions", "Result", "Runtime",
    "ScanOptions", "SetOptions", "SheetOptions", "Silent", "SourceOptions", "SplatOptions", "StageDone", "StageProgress",
    "StageStarted", "StateChanged", "SurfaceOptions", "TrainOptions", "UndistortOptions", "ViewOptions", "WallOptions",
    "bad_input", "bug", "event_from_json", "event_to_json", "from_flat", "from_nested", "group", "leaves",
    "missing_resource", "option", "options", "read_runtime", "runtime_path", "speaks_our_protocol", "to_flat", "to_nested",
    "write_runtime",
]  # fmt: skip
