"""Other people's image-to-3D models, each an installed copy in its own environment and process, behind one door."""

from .generate import generate_mesh, run_model
from .reading import Left, read_result
from .request import OutsideSettings

__all__ = ["Left", "OutsideSettings", "generate_mesh", "read_result", "run_model"]
