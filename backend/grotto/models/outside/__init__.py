"""Other people's image-to-3D models, each an installed copy in its own environment and process, behind one door."""

from .generate import START, generate_mesh, run_model
from .reading import GeneratedMesh, model_turn, read_result
from .request import OutsideSettings, centred, write_request

__all__ = [
    "START",
    "GeneratedMesh",
    "OutsideSettings",
    "centred",
    "generate_mesh",
    "model_turn",
    "read_result",
    "run_model",
    "write_request",
]
