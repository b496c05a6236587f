"""Other people's image-to-3D models, each an installed copy in its own environment and process, behind one door."""

from .check import CallCheck, check_calls
from .generate import START, generate_mesh, run_model
from .process import run_outside
from .reading import GeneratedMesh, model_turn, read_result
from .request import OutsideSettings, centred, write_request

__all__ = [
    "START",
    "CallCheck",
    "GeneratedMesh",
    "OutsideSettings",
    "centred",
    "check_calls",
    "generate_mesh",
    "model_turn",
    "read_result",
    "run_model",
    "run_outside",
    "write_request",
]
