"""Weights of models: which there are, under which licences, where they lie, whether they are whole, and how they come."""

from .entries import MODELS, Model, ModelFile, model_named
from .folder import Installed, Record, delete, find, is_installed, models_folder, read_record
from .installation import download, install_from
from .shell import models_command
from .verification import Verification, verify
from .weights_file import check_weights_file

__all__ = [
    "MODELS", "Installed", "Model", "ModelFile", "Record", "Verification", "check_weights_file", "delete", "download", "find",
    "install_from", "is_installed", "model_named", "models_command", "models_folder", "read_record", "verify",
]  # fmt: skip
